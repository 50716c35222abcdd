import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { isProgress, type Phase, type ProgressEvent } from '../../../src/core/progress.ts';
import type { Job } from '../../../src/packages/events.ts';
import {
  debPaths,
  makeDebSpec,
  makeUpstreamArchive,
  type UpstreamArchive,
} from '../../builders/upstream-archive.ts';
import { failureOf, sampleBytes, testFetcher, testJob, testUpstream } from '../../support/fetching.ts';
import { inPool } from '../../support/pool-paths.ts';
import { type SyncBench, testSigner, testSync } from '../../support/syncing.ts';

const text = sampleBytes(120_000).toString('base64');

async function servedBench(context: TestContext): Promise<SyncBench & { readonly archive: UpstreamArchive }> {
  const bench = await testSync(context);
  const archive = await makeUpstreamArchive(
    { suites: { xenial: { main: [makeDebSpec('alpha', '1.0', {}, text), makeDebSpec('beta', '1.0')] } } },
    await testSigner(),
  );
  bench.serve(archive);
  return { ...bench, archive };
}

function pathOf(archive: UpstreamArchive, name: string): string {
  return `/ubuntu/${debPaths(archive, name)[0]}`;
}

/** A job that is stopped by its own events. */
function stoppedWhen(
  stop: (event: ProgressEvent) => boolean,
): Job & Pick<ReturnType<typeof testJob>, 'events'> {
  const controller = new AbortController();
  const job = testJob(controller.signal);
  return {
    ...job,
    report(event) {
      job.report(event);
      if (isProgress(event) && stop(event)) controller.abort();
    },
  };
}

test('the next run asks only for the bytes that an interrupted one did not get', async (context) => {
  let now = 0;
  const bench = await testSync(context, {
    fetcher: testFetcher(context, { retries: 0, now: () => (now += 1000) }),
  });
  const archive = await makeUpstreamArchive(
    { suites: { xenial: { main: [makeDebSpec('alpha', '1.0', {}, text)] } } },
    await testSigner(),
  );
  bench.serve(archive);
  const path = pathOf(archive, 'alpha');
  const size = archive.get(path.slice('/ubuntu/'.length))?.length ?? 0;
  bench.upstream.fault(path, { kind: 'stall', after: 50_000 }, 1);
  const job = stoppedWhen((event) => event.type === 'fetch-progress' && event.bytes >= 50_000);

  const stopped = await failureOf(bench.sync({}, { job }));
  const { tmp } = await bench.leftovers();
  const [partial = ''] = tmp;
  const kept = (await readFile(join(bench.root, 'tmp', partial))).length;
  bench.upstream.forget();
  const result = await bench.sync();

  assert.equal(stopped.code, 'E_ABORTED');
  assert.equal(tmp.length, 1);
  assert.ok(kept > 0 && kept <= 50_000, `${kept} bytes were kept`);
  const request = bench.upstream.requests.find((one) => one.path === path);
  assert.equal(request?.headers.range, `bytes=${kept}-`);
  assert.equal(result.download.bytesFetched, size - kept);
  assert.deepEqual((await bench.leftovers()).tmp, []);
});

const phases: readonly Phase[] = ['release', 'indexes', 'select', 'download', 'commit'];

for (const phase of phases) {
  test(`stopping in the phase "${phase}" leaves the old state and no temporary files`, async (context) => {
    const bench = await servedBench(context);
    await bench.sync();
    const before = await bench.state();
    const job = stoppedWhen((event) => event.type === 'phase' && event.phase === phase);

    const error = await failureOf(bench.sync({ packages: ['alpha', 'beta'] }, { job }));

    assert.equal(error.code, 'E_ABORTED');
    assert.deepEqual(await bench.state(), before);
    assert.deepEqual(await bench.leftovers(), { indexes: [], tmp: [] });
  });
}

test('stopping while an index is read leaves no temporary files', async (context) => {
  const bench = await servedBench(context);
  const job = stoppedWhen((event) => event.type === 'fetch-start' && event.url.includes('binary-amd64'));

  const error = await failureOf(bench.sync({}, { job }));

  assert.equal(error.code, 'E_ABORTED');
  assert.deepEqual(await bench.state(), []);
  assert.deepEqual(await bench.leftovers(), { indexes: [], tmp: [] });
});

test('a second URL takes over for packages that the first does not have', async (context) => {
  const bench = await servedBench(context);
  const second = await testUpstream(context);
  bench.serve(bench.archive, second);
  bench.upstream.files.delete(pathOf(bench.archive, 'alpha'));
  const urls = [bench.url, `${second.url}ubuntu/`];

  await bench.sync({ suites: [{ name: 'xenial', urls, components: ['main'] }] });

  assert.equal(second.count(), 1);
  assert.deepEqual(await bench.labels(), ['alpha_1.0_amd64']);
});

test('a second URL takes over when the first refuses connections', async (context) => {
  const bench = await servedBench(context);
  const second = await testUpstream(context);
  bench.serve(bench.archive, second);
  bench.upstream.fault('*', { kind: 'refuse' });
  const urls = [bench.url, `${second.url}ubuntu/`];

  const result = await bench.sync({ suites: [{ name: 'xenial', urls, components: ['main'] }] });

  assert.equal(result.filesPresent, 1);
});

test('a second URL takes over when the first is not to be trusted, with a warning', async (context) => {
  const bench = await servedBench(context);
  const second = await testUpstream(context);
  bench.serve(bench.archive, second);
  const stranger = await testSigner('other');
  bench.serve(
    await makeUpstreamArchive({ suites: { xenial: { main: [makeDebSpec('alpha', '6.66')] } } }, stranger),
  );
  const job = testJob();
  const urls = [bench.url, `${second.url}ubuntu/`];

  await bench.sync({ suites: [{ name: 'xenial', urls, components: ['main'] }] }, { job });

  assert.deepEqual(await bench.labels(), ['alpha_1.0_amd64']);
  assert.ok(job.events.some((event) => event.type === 'warning' && event.message.includes('next URL')));
});

test('when all URLs fail, the one that is not to be trusted is named', async (context) => {
  const bench = await servedBench(context);
  const second = await testUpstream(context);
  const stranger = await testSigner('other');
  bench.serve(await makeUpstreamArchive({ suites: { xenial: { main: [] } } }, stranger));
  const urls = [bench.url, `${second.url}ubuntu/`];

  const error = await failureOf(bench.sync({ suites: [{ name: 'xenial', urls, components: ['main'] }] }));

  assert.equal(error.code, 'E_SIGNATURE_UNKNOWN_KEY');
});

test('a package that is absent upstream is named; the old state stays, the other files are kept', async (context) => {
  const bench = await servedBench(context);
  await bench.sync({ packages: ['beta'] });
  const before = await bench.state();
  const path = pathOf(bench.archive, 'alpha');
  const newer = await makeUpstreamArchive(
    {
      suites: { xenial: { main: [makeDebSpec('alpha', '1.0', {}, text), makeDebSpec('gamma', '1.0')] } },
      date: new Date('2024-06-02'),
    },
    await testSigner(),
  );
  bench.serve(newer);
  bench.upstream.files.delete(path);

  const error = await failureOf(bench.sync({ packages: ['alpha', 'gamma'] }));
  bench.serve(newer);
  bench.upstream.forget();
  await bench.sync({ packages: ['alpha', 'gamma'] });

  assert.equal(error.code, 'E_PACKAGE_FETCH');
  assert.match(error.message, /^1 of 2 files could not be downloaded: alpha_1\.0_amd64 \(/);
  assert.equal(before[0]?.selection.packages, 1);
  assert.equal(bench.upstream.count(pathOf(newer, 'gamma')), 0);
  assert.deepEqual(await bench.labels(), ['alpha_1.0_amd64', 'gamma_1.0_amd64']);
});

test('the state before a failed download is whole', async (context) => {
  const bench = await servedBench(context);
  await bench.sync({ packages: ['beta'] });
  const before = await bench.state();
  bench.upstream.files.delete(pathOf(bench.archive, 'alpha'));

  const error = await failureOf(bench.sync());

  assert.equal(error.code, 'E_PACKAGE_FETCH');
  assert.deepEqual(await bench.state(), before);
  assert.deepEqual(await bench.labels(), ['beta_1.0_amd64']);
});

test('a passing fault is tried again', async (context) => {
  const bench = await servedBench(context);
  bench.upstream.fault(pathOf(bench.archive, 'alpha'), { kind: 'status', status: 503 }, 1);

  const result = await bench.sync();

  assert.equal(result.outcome, 'synced');
  assert.equal(bench.upstream.count(pathOf(bench.archive, 'alpha')), 2);
});

test('a missing file is not tried again', async (context) => {
  const bench = await servedBench(context);
  bench.upstream.files.delete(pathOf(bench.archive, 'alpha'));

  await failureOf(bench.sync());

  assert.equal(bench.upstream.count(pathOf(bench.archive, 'alpha')), 1);
});

test('two names of one content are downloaded one after the other', async (context) => {
  const bench = await testSync(context);
  const signer = await testSigner();
  const archive = await makeUpstreamArchive(
    { suites: { xenial: { main: [makeDebSpec('alpha', '1.0', {}, text)], universe: [] } } },
    signer,
  );
  const { rewriteSuite } = await import('../../builders/upstream-archive.ts');
  const [deb = ''] = debPaths(archive, 'alpha');
  await rewriteSuite(archive, 'xenial', signer, ({ indexes }) => {
    const stanza = indexes.get('main/binary-amd64/Packages')?.toString() ?? '';
    for (const path of [...indexes.keys()]) if (path.startsWith('universe/')) indexes.delete(path);
    indexes.set('universe/binary-amd64/Packages', Buffer.from(stanza.replace(deb, 'other/twin.deb')));
  });
  archive.set('other/twin.deb', archive.get(deb) ?? Buffer.alloc(0));
  bench.serve(archive);

  const result = await bench.sync({
    suites: [{ name: 'xenial', urls: [bench.url], components: ['main', 'universe'] }],
  });

  assert.equal(result.filesExpected, 2);
  const state = await bench.state();
  for (const list of Object.values(state[0]?.lists ?? {})) {
    for (const { files } of await bench.catalog.packages(list)) {
      for (const { poolPath } of files) assert.ok((await readFile(inPool(bench.pool, poolPath))).length > 0);
    }
  }
});
