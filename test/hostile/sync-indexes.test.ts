import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { compressXz } from '../../src/deb/xz.ts';
import type { Event } from '../../src/packages/events.ts';
import {
  debPaths,
  makeDebSpec,
  makeUpstreamArchive,
  rewriteSuite,
  type SuiteDraft,
  type UpstreamArchive,
} from '../builders/upstream-archive.ts';
import { failureOf, testJob } from '../support/fetching.ts';
import { type SyncBench, testSigner, testSync } from '../support/syncing.ts';
import type { Fault } from '../support/upstream.ts';

const index = 'main/binary-amd64/Packages';
const suites = { xenial: { main: [makeDebSpec('alpha', '1.0')] } };

type HostileBench = SyncBench & { readonly archive: UpstreamArchive };

async function benchWith(
  context: TestContext,
  change: (draft: SuiteDraft) => void | Promise<void> = () => undefined,
): Promise<HostileBench> {
  const bench = await testSync(context);
  const signer = await testSigner();
  const archive = await makeUpstreamArchive({ suites }, signer);
  await rewriteSuite(archive, 'xenial', signer, change);
  bench.serve(archive);
  return { ...bench, archive };
}

/** Signs an index whose text was changed: what a hostile but genuine archive can do. */
function benchWithIndex(context: TestContext, edit: (text: string) => string): Promise<HostileBench> {
  return benchWith(context, ({ indexes }) => {
    const text = edit((indexes.get(index) ?? Buffer.alloc(0)).toString());
    for (const path of [...indexes.keys()]) indexes.delete(path);
    indexes.set(index, Buffer.from(text));
    indexes.set(`${index}.gz`, gzipSync(text));
  });
}

async function assertNothingLeft(bench: SyncBench): Promise<void> {
  assert.deepEqual(await bench.state(), []);
  assert.deepEqual(await bench.leftovers(), { indexes: [], tmp: [] });
}

const faults: readonly (readonly [what: string, fault: Fault, code: RegExp])[] = [
  ['truncated', { kind: 'unannounced', after: 60 }, /^E_(SIZE_MISMATCH|FETCH_NETWORK)$/],
  ['endless', { kind: 'endless' }, /^E_SIZE_/],
  ['of wrong bytes', { kind: 'wrong-bytes' }, /^E_DIGEST_MISMATCH$/],
  ['cut off', { kind: 'cut', after: 60 }, /^E_FETCH_NETWORK$/],
];

for (const [what, fault, code] of faults) {
  test(`an index that is ${what} is refused`, async (context) => {
    const bench = await benchWith(context);
    for (const path of bench.upstream.files.keys()) {
      if (path.includes('binary-amd64')) bench.upstream.fault(path, fault);
    }

    const error = await failureOf(bench.sync());

    assert.match(error.code, code);
    await assertNothingLeft(bench);
  });
}

test('a bomb stops at the size that Release gives for the plain index', async (context) => {
  const bomb = await compressXz(Buffer.alloc(24 << 20, '\n'));
  const bench = await benchWith(context, ({ indexes }) => {
    indexes.delete(`${index}.gz`);
    indexes.set(`${index}.xz`, bomb);
  });
  bench.upstream.files.delete(`/ubuntu/dists/xenial/${index}`);
  for (const path of [...bench.upstream.files.keys()]) {
    if (path.includes('by-hash')) bench.upstream.files.delete(path);
  }

  const error = await failureOf(bench.sync());

  assert.equal(error.code, 'E_SIZE_MISMATCH');
  assert.match(error.message, /\(inflated\): has more than the/);
  await assertNothingLeft(bench);
});

test('a bomb of unknown plain size stops at the limit for indexes', async (context) => {
  const bomb = gzipSync(Buffer.alloc(24 << 20, '\n'));
  const bench = await benchWith(context, ({ indexes }) => {
    for (const path of [...indexes.keys()]) indexes.delete(path);
    indexes.set(`${index}.gz`, bomb);
  });

  const error = await failureOf(bench.sync());

  assert.equal(error.code, 'E_SIZE_LIMIT');
  await assertNothingLeft(bench);
});

test('an index that is signed but not compressed data is refused', async (context) => {
  for (const suffix of ['.xz', '.gz', '.bz2']) {
    // Without the magic bytes a gz is a plain index, as for apt.
    const start = suffix === '.gz' ? [0x1f, 0x8b] : [];
    const bench = await benchWith(context, ({ indexes }) => {
      for (const path of [...indexes.keys()]) indexes.delete(path);
      const text = Buffer.from('this is no compressed file'.repeat(9));
      indexes.set(index + suffix, Buffer.concat([Buffer.from(start), text]));
    });

    const error = await failureOf(bench.sync());

    assert.equal(error.code, 'E_DECOMPRESS', suffix);
    await assertNothingLeft(bench);
  }
});

test('a gz that is neither compressed nor an index leaves nothing to select', async (context) => {
  const bench = await benchWith(context, ({ indexes }) => {
    for (const path of [...indexes.keys()]) indexes.delete(path);
    indexes.set(`${index}.gz`, Buffer.from('<html>this is no compressed file</html>\n'));
  });

  assert.match((await failureOf(bench.sync())).code, /^E_(NOTHING_SELECTED|PACKAGE_UNKNOWN)$/);
  await assertNothingLeft(bench);
});

test('a compressed index that ends too early is refused', async (context) => {
  for (const [suffix, bytes] of [
    ['.gz', gzipSync('Package: alpha\nVersion: 1\n'.repeat(99))],
    ['.xz', await compressXz(Buffer.from('Package: alpha\nVersion: 1\n'.repeat(99)))],
  ] as const) {
    const bench = await benchWith(context, ({ indexes }) => {
      for (const path of [...indexes.keys()]) indexes.delete(path);
      indexes.set(index + suffix, bytes.subarray(0, bytes.length - 20));
    });

    const error = await failureOf(bench.sync());

    assert.equal(error.code, 'E_DECOMPRESS', suffix);
    await assertNothingLeft(bench);
  }
});

const texts: readonly (readonly [what: string, why: RegExp, edit: (text: string) => string])[] = [
  ['a Filename with ".."', /"\.\." part/, (text) => text.replace('Filename: pool', 'Filename: ../../pool')],
  [
    'a Filename that is absolute and leaves',
    /"\.\." part/,
    (text) => text.replace('Filename: pool', 'Filename: //../pool'),
  ],
  [
    'a package name that is a path',
    /not a package name/,
    (text) => text.replace('Package: alpha', 'Package: ../alpha'),
  ],
  [
    'an architecture that is a path',
    /not an architecture/,
    (text) => text.replace('Architecture: amd64', 'Architecture: ../x'),
  ],
  [
    'a huge field',
    /more than 2097152 bytes/,
    (text) => text.replace('Maintainer:', `Tag: ${'x'.repeat(3 << 20)}\nMaintainer:`),
  ],
  ['no Filename', /Filename/, (text) => text.replace(/^Filename: .*\n/m, '')],
  ['no SHA256', /neither SHA256 nor SHA512/, (text) => text.replace(/^SHA256: .*\n/m, '')],
  [
    'a malformed SHA256',
    /not a SHA256 digest/,
    (text) => text.replace(/^SHA256: .*\n/m, 'SHA256: ../../etc\n'),
  ],
  ['bytes that are no stanza', /not a package name/, () => '\u0000\u0001\u0002 nothing at all\n'],
];

for (const [what, why, edit] of texts) {
  test(`a package with ${what} in a signed index is left out and told`, async (context) => {
    const bench = await benchWithIndex(context, edit);
    const warnings: string[] = [];
    const report = (event: Event): void => {
      if (event.type === 'warning' && event.leftOut !== undefined) warnings.push(event.message);
    };

    const error = await failureOf(bench.sync({}, { job: { ...testJob(), report } }));

    assert.equal(error.code, 'E_PACKAGE_UNKNOWN');
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', why);
    assert.deepEqual(await bench.state(), []);
    assert.equal(bench.upstream.requests.filter(({ path }) => path.includes('/pool/')).length, 0);
  });
}

const packageFaults: readonly (readonly [what: string, fault: Fault, reason: RegExp])[] = [
  ['truncated', { kind: 'unannounced', after: 100 }, /E_(SIZE_MISMATCH|FETCH_NETWORK)/],
  ['endless', { kind: 'endless' }, /E_SIZE_MISMATCH/],
  ['of wrong bytes', { kind: 'wrong-bytes' }, /E_DIGEST_MISMATCH/],
  ['of another length', { kind: 'wrong-length', length: 100_000 }, /E_SIZE_MISMATCH/],
];

for (const [what, fault, reason] of packageFaults) {
  test(`a package that is ${what} never gets into the pool`, async (context) => {
    const bench = await benchWith(context);
    const path = `/ubuntu/${debPaths(bench.archive, 'alpha')[0]}`;
    bench.upstream.fault(path, fault);

    const error = await failureOf(bench.sync());

    assert.equal(error.code, 'E_PACKAGE_FETCH');
    assert.match(error.message, /alpha_1\.0_amd64/);
    assert.match(JSON.stringify(error.context), reason);
    assert.deepEqual(await bench.state(), []);
    assert.equal((await Array.fromAsync(bench.pool.list())).length, 0);
  });
}

test('a package larger than the limit is not fetched', async (context) => {
  const bench = await benchWith(context);

  const error = await failureOf(bench.sync({}, { limits: { packageBytes: 100 } }));

  assert.equal(error.code, 'E_PACKAGE_FETCH');
  assert.match(JSON.stringify(error.context), /E_SIZE_LIMIT/);
});
