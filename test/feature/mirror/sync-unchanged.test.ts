import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { makeDebSpec, makeUpstreamArchive, rewriteSuite } from '../../builders/upstream-archive.ts';
import { failureOf } from '../../support/fetching.ts';
import { type SyncBench, testSigner, testSync } from '../../support/syncing.ts';
import type { Handler } from '../../support/upstream.ts';

const suites = {
  xenial: {
    main: [makeDebSpec('alpha', '1.0'), makeDebSpec('beta', '1.0')],
    universe: [makeDebSpec('gamma', '1.0')],
  },
};

async function syncedBench(context: TestContext): Promise<SyncBench> {
  const bench = await testSync(context);
  bench.serve(await makeUpstreamArchive({ suites }, await testSigner()));
  await bench.sync();
  bench.upstream.forget();
  return bench;
}

test('an unchanged upstream costs one conditional request a suite', async (context) => {
  const bench = await syncedBench(context);

  const result = await bench.sync();

  assert.equal(result.outcome, 'unchanged');
  assert.equal(result.packages, 1);
  assert.equal(result.requests, 1);
  assert.deepEqual(
    bench.upstream.requests.map(({ path, status }) => [path, status]),
    [['/ubuntu/dists/xenial/InRelease', 304]],
  );
});

test('a server without validators is asked for the same bytes and nothing else', async (context) => {
  const bench = await testSync(context);
  const archive = await makeUpstreamArchive({ suites }, await testSigner());
  bench.serve(archive);
  const inRelease = archive.get('dists/xenial/InRelease');
  const plainly: Handler = (_request, response) => {
    response.end(inRelease);
  };
  bench.upstream.files.set('/ubuntu/dists/xenial/InRelease', plainly);
  await bench.sync();
  bench.upstream.forget();

  const result = await bench.sync();

  assert.equal(result.outcome, 'unchanged');
  assert.equal(bench.upstream.count(), 1);
});

test('an unchanged Release beside a Release.gpg costs one conditional request', async (context) => {
  const bench = await syncedBench(context);
  bench.upstream.files.delete('/ubuntu/dists/xenial/InRelease');
  await bench.sync({ packages: ['beta'] });
  bench.upstream.forget();

  const result = await bench.sync({ packages: ['beta'] });

  assert.equal(result.outcome, 'unchanged');
  assert.deepEqual(
    bench.upstream.requests.map(({ path, status }) => [path, status]),
    [['/ubuntu/dists/xenial/Release', 304]],
  );
});

test('a changed selection reuses the stored indexes', async (context) => {
  const bench = await syncedBench(context);

  const result = await bench.sync({ packages: ['alpha', 'beta'] });

  assert.equal(result.outcome, 'synced');
  assert.deepEqual(await bench.labels(), ['alpha_1.0_amd64', 'beta_1.0_amd64']);
  assert.deepEqual(
    bench.upstream.requests.map(({ path }) => path.replace(/^.*\//, '')),
    ['InRelease', 'beta_1.0_amd64.deb'],
  );
});

test('of many indexes only the changed one is fetched', async (context) => {
  const bench = await testSync(context);
  const signer = await testSigner();
  bench.serve(await makeUpstreamArchive({ suites }, signer));
  const components = { suites: [{ name: 'xenial', urls: [bench.url], components: ['main', 'universe'] }] };
  await bench.sync(components);
  const changed = { xenial: { ...suites.xenial, universe: [makeDebSpec('gamma', '2.0')] } };
  bench.serve(await makeUpstreamArchive({ suites: changed, date: new Date('2024-06-02') }, signer));
  bench.upstream.forget();

  await bench.sync(components);

  assert.deepEqual(
    bench.upstream.requests.map(({ path }) => path.replace(/by-hash.*/, 'by-hash')),
    ['/ubuntu/dists/xenial/InRelease', '/ubuntu/dists/xenial/universe/binary-amd64/by-hash'],
  );
});

test('an index that is listed in compressed form alone is not fetched again either', async (context) => {
  const bench = await testSync(context);
  const signer = await testSigner();
  const archive = await makeUpstreamArchive({ suites }, signer);
  await rewriteSuite(archive, 'xenial', signer, ({ indexes }) => {
    for (const path of [...indexes.keys()]) if (path.endsWith('Packages')) indexes.delete(path);
  });
  bench.serve(archive);
  await bench.sync();
  bench.upstream.forget();

  await bench.sync({ packages: ['beta'] });

  assert.equal(bench.upstream.requests.filter(({ path }) => path.includes('binary-amd64')).length, 0);
});

test('a damaged stored index is fetched again', async (context) => {
  const bench = await syncedBench(context);
  const { readdir, readFile, writeFile } = await import('node:fs/promises');
  const directory = `${bench.root}/db/indexes`;
  for (const name of await readdir(directory)) {
    const bytes = await readFile(`${directory}/${name}`);
    await writeFile(`${directory}/${name}`, bytes.fill(0x41, bytes.length - 9));
  }

  await bench.sync({ packages: ['beta'] });

  assert.deepEqual(await bench.labels(), ['beta_1.0_amd64']);
});

test('Valid-Until counts also when upstream answers that nothing changed', async (context) => {
  const bench = await testSync(context);
  const signer = await testSigner();
  const archive = await makeUpstreamArchive({ suites }, signer);
  await rewriteSuite(archive, 'xenial', signer, (draft) => {
    draft.fields = { ...draft.fields, validUntil: new Date('2024-06-08') };
  });
  bench.serve(archive);
  await bench.sync();
  const now = new Date('2024-06-09');

  const error = await failureOf(bench.sync({}, { now }));
  const allowed = await bench.sync({}, { now, policy: { checkValidUntil: false } });

  assert.equal(error.code, 'E_RELEASE_EXPIRED');
  assert.equal(bench.upstream.requests.at(-1)?.status, 304);
  assert.equal(allowed.outcome, 'unchanged');
});

test('keys that are not trusted any more are not trusted for an unchanged Release', async (context) => {
  const bench = await syncedBench(context);
  const other = await testSigner('other');

  const error = await failureOf(bench.sync({ keys: [other.publicKey.armored] }));

  assert.equal(error.code, 'E_SIGNATURE_UNKNOWN_KEY');
});

test('what was accepted without signatures is verified by the next strict sync', async (context) => {
  const bench = await testSync(context);
  const stranger = await testSigner('other');
  bench.serve(await makeUpstreamArchive({ suites }, stranger));
  await bench.sync({}, { policy: { verifySignatures: false } });

  const error = await failureOf(bench.sync());

  assert.equal(error.code, 'E_SIGNATURE_UNKNOWN_KEY');
});

test('a URL that left the configuration is not asked any more', async (context) => {
  const bench = await syncedBench(context);
  const second = await testSync(context);
  for (const [path, file] of bench.upstream.files) second.upstream.files.set(path, file);

  const suites = [{ name: 'xenial', urls: [second.url], components: ['main'] }];
  const result = await bench.sync({ suites, packages: ['beta'] });

  assert.equal(result.outcome, 'synced');
  assert.equal(bench.upstream.count(), 0);
});
