import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { SuiteConfig } from '../../../src/config/config.ts';
import { digestsOf } from '../../../src/core/digest.ts';
import { renderRelease } from '../../../src/deb/release.ts';
import { lz4Frame } from '../../builders/lz4.ts';
import {
  archiveDate,
  makeDebSpec,
  makeUpstreamArchive,
  rewriteSuite,
  type SuiteDraft,
  type UpstreamArchive,
} from '../../builders/upstream-archive.ts';
import { failureOf, testJob } from '../../support/fetching.ts';
import { type SyncBench, testSigner, testSync } from '../../support/syncing.ts';

const index = 'main/binary-amd64/Packages';

type Bench = SyncBench & { readonly archive: UpstreamArchive };

async function benchWith(
  context: TestContext,
  change: (draft: SuiteDraft) => void | Promise<void> = () => undefined,
): Promise<Bench> {
  const bench = await testSync(context);
  const signer = await testSigner();
  const specs = [makeDebSpec('alpha', '1.0'), makeDebSpec('beta', '1.0', { Architecture: 'i386' })];
  const archive = await makeUpstreamArchive(
    { suites: { xenial: { main: specs } }, architectures: ['amd64', 'i386'] },
    signer,
  );
  await rewriteSuite(archive, 'xenial', signer, change);
  bench.serve(archive);
  return { ...bench, archive };
}

function suiteOf({ url }: SyncBench, changes: Partial<SuiteConfig> = {}): SuiteConfig {
  return { name: 'xenial', urls: [url], components: ['main'], ...changes };
}

async function warningsOf(
  work: (job: ReturnType<typeof testJob>) => Promise<unknown>,
): Promise<readonly string[]> {
  const job = testJob();
  await work(job);
  return job.events.flatMap((event) => (event.type === 'warning' ? event.message : []));
}

/** Makes the archive flat below a directory, with file names as `rename` has them. */
async function flatten(bench: Bench, directory: string, rename: (path: string) => string): Promise<void> {
  const signer = await testSigner();
  const both = ['amd64', 'i386'].map((one) => bench.archive.get(`dists/xenial/main/binary-${one}/Packages`));
  const packages = Buffer.from(
    Buffer.concat(both.map((one) => one ?? Buffer.alloc(0)))
      .toString()
      .replace(/^Filename: (.*)$/gm, (_, path: string) => `Filename: ${rename(path)}`),
  );
  const fields = { origin: '', label: '', suite: '', codename: 'xUbuntu', date: archiveDate };
  const release = renderRelease(
    { ...fields, acquireByHash: false, architectures: [], components: [] },
    new Map([['./Packages', digestsOf(packages)]]),
  );
  for (const path of [...bench.upstream.files.keys()])
    if (path.includes('/dists/')) bench.upstream.files.delete(path);
  bench.upstream.files.set(`/ubuntu/${directory}Packages`, packages);
  bench.upstream.files.set(`/ubuntu/${directory}InRelease`, await signer.clearsign(release, archiveDate));
}

describe('flat archives', () => {
  const all = { packages: ['Name'] };

  test('one in the root is a suite with all architectures that are wanted', async (context) => {
    const bench = await benchWith(context);
    await flatten(bench, '', (path) => `./${path}`);
    const suites = [suiteOf(bench, { name: './' })];

    const warnings = await warningsOf((job) => bench.sync({ ...all, suites }, { job }));

    assert.deepEqual(warnings, []);
    assert.deepEqual(await bench.labels(), ['alpha_1.0_amd64']);
    await bench.sync({ ...all, suites, architectures: ['amd64', 'i386'] });
    assert.deepEqual(await bench.labels(), ['alpha_1.0_amd64', 'beta_1.0_i386']);
    assert.equal(
      (await bench.sync({ ...all, suites, architectures: ['amd64', 'i386'] })).outcome,
      'unchanged',
    );
  });

  test('one in a directory names its files from the root of the archive', async (context) => {
    const bench = await benchWith(context);
    await flatten(bench, 'stable/deb/', (path) => path);

    await bench.sync({ ...all, suites: [suiteOf(bench, { name: 'stable/deb/' })] });

    assert.deepEqual(await bench.labels(), ['alpha_1.0_amd64']);
  });

  test('or from that directory', async (context) => {
    const bench = await benchWith(context);
    await flatten(bench, 'stable/', (path) => path.replace(/^.*\//, './'));
    for (const [path, bytes] of bench.archive)
      if (path.endsWith('.deb'))
        bench.upstream.files.set(`/ubuntu/stable/${path.replace(/^.*\//, '')}`, bytes);
    for (const path of bench.archive.keys())
      if (path.endsWith('.deb')) bench.upstream.files.delete(`/ubuntu/${path}`);

    await bench.sync({ ...all, suites: [suiteOf(bench, { name: 'stable/' })] });

    assert.deepEqual(await bench.labels(), ['alpha_1.0_amd64']);
  });
});

describe('a server that answers 403 for what it does not have', () => {
  const forbid = (bench: Bench, isMissing: (path: string) => boolean): void => {
    for (const path of [...bench.upstream.files.keys()]) {
      if (!isMissing(path)) continue;
      bench.upstream.files.delete(path);
      bench.upstream.fault(path, { kind: 'status', status: 403 });
    }
  };

  test('Release and Release.gpg do without InRelease', async (context) => {
    const bench = await benchWith(context);
    forbid(bench, (path) => path.endsWith('/InRelease'));

    await bench.sync();

    assert.deepEqual(await bench.labels(), ['alpha_1.0_amd64']);
    assert.equal((await bench.sync()).outcome, 'unchanged');
  });

  test('a signature that is forbidden is none', async (context) => {
    const bench = await benchWith(context);
    forbid(bench, (path) => path.endsWith('/InRelease') || path.endsWith('.gpg'));

    assert.equal((await failureOf(bench.sync())).code, 'E_SIGNATURE_MISSING');
  });

  test('names by hash and forms that are not there do no harm', async (context) => {
    const bench = await benchWith(context);
    forbid(bench, (path) => path.includes('by-hash') || path.endsWith('.gz'));

    await bench.sync();

    assert.deepEqual(await bench.labels(), ['alpha_1.0_amd64']);
  });

  test('when everything is forbidden, that is told', async (context) => {
    const bench = await benchWith(context);
    forbid(bench, () => true);

    const error = await failureOf(bench.sync());

    assert.equal(error.code, 'E_FETCH_STATUS');
    assert.match(error.message, /403/);
  });
});

describe('a Release that does not fit its place', () => {
  test('a suite under another name is mirrored when that name is expected', async (context) => {
    const bench = await benchWith(context, (draft) => {
      draft.fields = { ...draft.fields, suite: 'stable', codename: 'bookworm' };
    });

    const error = await failureOf(bench.sync());
    const other = await failureOf(bench.sync({ suites: [suiteOf(bench, { expect: 'testing' })] }));
    await bench.sync({ suites: [suiteOf(bench, { expect: 'bookworm' })] });

    assert.deepEqual([error.code, other.code], ['E_RELEASE_SUITE', 'E_RELEASE_SUITE']);
    assert.match(error.hint ?? '', /\{name: xenial, expect: stable\}/);
    assert.deepEqual(await bench.labels(), ['alpha_1.0_amd64']);
  });

  test('an index of an architecture that is not named is read', async (context) => {
    const bench = await benchWith(context, (draft) => {
      draft.fields = { ...draft.fields, architectures: ['noarch'] };
    });

    assert.deepEqual(await warningsOf((job) => bench.sync({}, { job })), []);

    assert.deepEqual(await bench.labels(), ['alpha_1.0_amd64']);
  });

  test('an architecture without index is a warning, and the rest is mirrored', async (context) => {
    const bench = await benchWith(context, ({ indexes }) => {
      for (const path of [...indexes.keys()]) if (path.includes('binary-amd64')) indexes.delete(path);
    });
    const changes = { packages: ['beta'], architectures: ['amd64', 'i386'] };

    const warnings = await warningsOf((job) => bench.sync(changes, { job }));

    assert.match(warnings.join(), /dists\/xenial: its Release lists no main\/binary-amd64\/Packages;/);
    assert.deepEqual(await bench.labels(), ['beta_1.0_i386']);
    assert.equal((await failureOf(bench.sync())).code, 'E_INDEX_NOT_LISTED');
  });
});

const halves = (bytes: Buffer): readonly [Buffer, Buffer] => [bytes.subarray(0, 99), bytes.subarray(99)];

const onlyForms: Readonly<Record<string, (plain: Buffer) => Buffer>> = {
  zst: zstdCompressSync,
  'zst, of two frames': (plain) => Buffer.concat(halves(plain).map((half) => zstdCompressSync(half))),
  lz4: lz4Frame,
  'lz4, with bytes behind it': (plain) => Buffer.concat([lz4Frame(plain), Buffer.from('garbage')]),
  'gz, of two members': (plain) => Buffer.concat(halves(plain).map((half) => gzipSync(half))),
  'gz, with bytes behind it': (plain) => Buffer.concat([gzipSync(plain), Buffer.from('garbage')]),
};

for (const [form, compress] of Object.entries(onlyForms)) {
  test(`an index that exists as ${form} alone is read`, async (context) => {
    const bench = await benchWith(context, ({ indexes }) => {
      const plain = indexes.get(index) ?? Buffer.alloc(0);
      for (const path of [...indexes.keys()]) if (path.startsWith(`${index}.`)) indexes.delete(path);
      indexes.set(`${index}.${form.split(',')[0]}`, compress(plain));
    });
    for (const path of [...bench.upstream.files.keys()])
      if (/\/Packages$|by-hash/.test(path)) bench.upstream.files.delete(path);

    await bench.sync();

    assert.deepEqual(await bench.labels(), ['alpha_1.0_amd64']);
  });
}

/** Release and the indexes of an archive as they are when nothing but SHA-512 is listed. */
async function sha512Alone(bench: Bench): Promise<void> {
  const signer = await testSigner();
  await rewriteSuite(bench.archive, 'xenial', signer, (draft) => {
    for (const path of [...draft.indexes.keys()]) {
      const plain = draft.indexes.get(path);
      draft.indexes.delete(path);
      if (plain === undefined || !path.endsWith('Packages')) continue;
      const lines = plain
        .toString()
        .split('\n')
        .flatMap((line) => {
          const file = /^Filename: (.*)$/.exec(line)?.[1];
          if (file === undefined) return /^(MD5sum|SHA1|SHA256):/.test(line) ? [] : [line];
          return [line, `SHA512: ${digestsOf(bench.archive.get(file) ?? Buffer.alloc(0)).digests.sha512}`];
        });
      draft.indexes.set(path, Buffer.from(lines.join('\n')));
    }
    draft.text = (text) => text.replace(/^(MD5Sum|SHA1|SHA256):\n( .*\n)*/gm, '');
  });
  bench.serve(bench.archive);
}

test('an archive that lists SHA-512 alone is mirrored, and nothing is fetched twice', async (context) => {
  const bench = await benchWith(context);
  await sha512Alone(bench);

  const first = await bench.sync();
  const again = await bench.sync({}, { force: true });

  const list = Object.values((await bench.state())[0]?.lists ?? {})[0] ?? '';
  const [record] = await bench.catalog.packages(list);
  const bytes = [...bench.archive].find(([path]) => path.endsWith('/alpha_1.0_amd64.deb'))?.[1];
  const { sha256 } = digestsOf(bytes ?? Buffer.alloc(0)).digests;
  assert.deepEqual([first.download.filesFetched, again.download.filesFetched], [1, 0]);
  assert.equal(record?.files[0]?.digests.sha256, sha256);
  assert.doesNotMatch(record?.stanza.toString() ?? '', /^SHA256:/m, 'the stanza is as upstream wrote it');
  assert.equal((await bench.plan()).fetchFiles.length, 0);
});
