import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { type TestContext, test } from 'node:test';
import {
  makeDebSpec,
  makeUpstreamArchive,
  rewriteSuite,
  type SuiteDraft,
  type UpstreamArchive,
} from '../../builders/upstream-archive.ts';
import { failureOf, testJob } from '../../support/fetching.ts';
import { skipWithout } from '../../support/programs.ts';
import { type SyncBench, testSigner, testSync } from '../../support/syncing.ts';

const suites = { xenial: { main: [makeDebSpec('alpha', '1.0')] } };
const index = 'main/binary-amd64/Packages';

async function benchWith(
  context: TestContext,
  change: (draft: SuiteDraft) => void | Promise<void> = () => undefined,
): Promise<SyncBench & { readonly archive: UpstreamArchive }> {
  const bench = await testSync(context);
  const signer = await testSigner();
  const archive = await makeUpstreamArchive({ suites }, signer);
  await rewriteSuite(archive, 'xenial', signer, change);
  bench.serve(archive);
  return { ...bench, archive };
}

/** Paths of the index that were asked for, below the suite; digests are left out. */
function askedForms({ upstream }: SyncBench): readonly string[] {
  return upstream.requests
    .filter(({ path }) => path.includes('binary-'))
    .map(({ path }) => path.replace('/ubuntu/dists/xenial/', '').replace(/[0-9a-f]{64,}$/, ''));
}

function keepForms(...suffixes: readonly string[]): (draft: SuiteDraft) => void {
  return ({ indexes }) => {
    for (const path of [...indexes.keys()]) {
      if (!suffixes.includes(path.slice(index.length))) indexes.delete(path);
    }
  };
}

test('an index is asked for by hash in its best form', async (context) => {
  const bench = await benchWith(context);

  await bench.sync();

  assert.deepEqual(askedForms(bench), ['main/binary-amd64/by-hash/SHA512/']);
});

test('an archive without by-hash is asked for the plain name', async (context) => {
  const bench = await benchWith(context, (draft) => {
    draft.fields = { ...draft.fields, acquireByHash: false };
  });

  await bench.sync();

  assert.deepEqual(askedForms(bench), [`${index}.gz`]);
});

test('the plain name is asked for when the by-hash one is absent', async (context) => {
  const bench = await benchWith(context);
  for (const path of [...bench.upstream.files.keys()]) {
    if (path.includes('by-hash')) bench.upstream.files.delete(path);
  }

  await bench.sync();

  assert.deepEqual(askedForms(bench), ['main/binary-amd64/by-hash/SHA512/', `${index}.gz`]);
});

test('another form is asked for when the best one is absent', async (context) => {
  const bench = await benchWith(context);
  for (const path of [...bench.upstream.files.keys()]) {
    if (path.includes('by-hash') || path.endsWith('.gz')) bench.upstream.files.delete(path);
  }

  await bench.sync();

  assert.deepEqual(askedForms(bench).slice(-2), ['main/binary-amd64/by-hash/SHA512/', `${index}.xz`]);
  assert.deepEqual(await bench.labels(), ['alpha_1.0_amd64']);
});

for (const suffix of ['.xz', '.gz', '']) {
  test(`an index that exists as Packages${suffix} alone is read`, async (context) => {
    const bench = await benchWith(context, keepForms(suffix));

    await bench.sync();

    assert.deepEqual(await bench.labels(), ['alpha_1.0_amd64']);
  });
}

test('an index that exists as Packages.bz2 alone is read', {
  skip: skipWithout('bzip2', '--help'),
}, async (context) => {
  const bench = await benchWith(context, (draft) => {
    const input = draft.indexes.get(index);
    const { stdout } = spawnSync('bzip2', ['-c'], { input });
    keepForms()(draft);
    draft.indexes.set(`${index}.bz2`, stdout);
  });

  await bench.sync();

  assert.deepEqual(await bench.labels(), ['alpha_1.0_amd64']);
});

test('an index that exists as Packages.lzma alone is read', {
  skip: skipWithout('xz', '--help'),
}, async (context) => {
  const bench = await benchWith(context, (draft) => {
    const input = draft.indexes.get(index);
    const { stdout } = spawnSync('xz', ['--format=lzma', '-c'], { input });
    keepForms()(draft);
    draft.indexes.set(`${index}.lzma`, stdout);
  });

  await bench.sync();

  assert.deepEqual(await bench.labels(), ['alpha_1.0_amd64']);
});

test('an index that is listed but nowhere fails and names it', async (context) => {
  const bench = await benchWith(context);
  for (const path of [...bench.upstream.files.keys()]) {
    if (path.includes('binary-amd64')) bench.upstream.files.delete(path);
  }

  const error = await failureOf(bench.sync());

  assert.equal(error.code, 'E_FETCH_NOT_FOUND');
  assert.match(error.message, /main\/binary-amd64\/Packages: is listed but in none of its forms there/);
});

test('the password of a URL is in no error of an index', async (context) => {
  const bench = await benchWith(context);
  const url = bench.url.replace('http://', 'http://user:secret@');
  const suite = { name: 'xenial', urls: [url], components: ['main'] };

  const component = await failureOf(bench.sync({ suites: [{ ...suite, components: ['nowhere'] }] }));
  for (const path of [...bench.upstream.files.keys()]) {
    if (path.includes('binary-amd64')) bench.upstream.files.delete(path);
  }
  const missing = await failureOf(bench.sync({ suites: [suite] }));

  assert.equal(component.code, 'E_COMPONENT_UNKNOWN');
  for (const error of [component, missing]) {
    assert.doesNotMatch(`${error.message} ${JSON.stringify(error.context)}`, /secret/);
  }
});

test('components that Release lists with a prefix are found without it', async (context) => {
  const bench = await benchWith(context, (draft) => {
    draft.fields = { ...draft.fields, components: ['updates/main'] };
  });

  await bench.sync();

  assert.deepEqual(await bench.labels(), ['alpha_1.0_amd64']);
});

test('an archive that keeps packages for all architectures apart is read with them', async (context) => {
  const bench = await testSync(context);
  const signer = await testSigner();
  const main = [
    makeDebSpec('alpha', '1.0', { Depends: 'data' }),
    makeDebSpec('data', '1.0', { Architecture: 'all' }),
  ];
  const archive = await makeUpstreamArchive(
    { suites: { xenial: { main } }, architectures: ['amd64', 'all'] },
    signer,
  );
  await rewriteSuite(archive, 'xenial', signer, ({ indexes }) => {
    for (const path of [...indexes.keys()]) if (path.startsWith(`${index}.`)) indexes.delete(path);
    const stanzas = (indexes.get(index) ?? Buffer.alloc(0)).toString().split('\n\n');
    indexes.set(
      index,
      Buffer.from(`${stanzas.filter((one) => !one.includes('Package: data')).join('\n\n')}\n`),
    );
  });
  bench.serve(archive);

  await bench.sync();

  assert.deepEqual(await bench.labels(), ['alpha_1.0_amd64', 'data_1.0_all']);
});

test('an upstream that changes between Release and indexes is read again, once', async (context) => {
  const bench = await benchWith(context);
  const signer = await testSigner();
  const old = bench.archive.get('dists/xenial/InRelease') ?? Buffer.alloc(0);
  const newer = { xenial: { main: [makeDebSpec('alpha', '2.0')] } };
  bench.serve(await makeUpstreamArchive({ suites: newer, date: new Date('2024-06-02') }, signer));
  const fresh = bench.upstream.files.get('/ubuntu/dists/xenial/InRelease');
  bench.upstream.files.set('/ubuntu/dists/xenial/InRelease', (_request, response) => {
    if (fresh !== undefined) bench.upstream.files.set('/ubuntu/dists/xenial/InRelease', fresh);
    response.end(old);
  });
  const job = testJob();

  await bench.sync({}, { job });

  assert.deepEqual(await bench.labels(), ['alpha_2.0_amd64']);
  assert.equal(bench.upstream.count('/ubuntu/dists/xenial/InRelease'), 2);
  assert.ok(
    job.events.some((event) => event.type === 'warning' && event.message.includes('changed meanwhile')),
  );
});

test('indexes that do not fit a Release that stays are an error', async (context) => {
  const bench = await benchWith(context);
  for (const [path, bytes] of bench.upstream.files) {
    if (path.includes('binary-amd64') && Buffer.isBuffer(bytes)) {
      bench.upstream.files.set(path, Buffer.alloc(bytes.length, 'x'));
    }
  }

  const error = await failureOf(bench.sync());

  assert.equal(error.code, 'E_DIGEST_MISMATCH');
  assert.deepEqual(await bench.state(), []);
  assert.deepEqual((await bench.leftovers()).indexes, []);
});
