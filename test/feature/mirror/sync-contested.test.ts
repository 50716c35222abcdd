import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { DebSpec } from '../../../src/deb/build-deb.ts';
import {
  debPaths,
  makeDebSpec,
  makeUpstreamArchive,
  rewriteSuite,
  type UpstreamArchive,
} from '../../builders/upstream-archive.ts';
import { failureOf, testJob } from '../../support/fetching.ts';
import { committedFiles, type SyncBench, testSigner, testSync } from '../../support/syncing.ts';

const index = 'main/binary-amd64/Packages';
const builds: readonly DebSpec[] = [
  makeDebSpec('erl', '25.2', { Provides: 'old-api' }, 'the first build\n'),
  makeDebSpec(
    'erl',
    '25.2',
    { Depends: 'helper', Provides: 'new-api' },
    'the second build, of another size\n',
  ),
  makeDebSpec('erl', '25.2', {}, 'a third build that has yet another size, and more of it\n'),
];
const others = [makeDebSpec('alpha', '1.0'), makeDebSpec('helper', '1.0')];

/** An archive that lists all of `listed` under one name, version and path, and has the bytes of one build. */
async function archiveOf(
  listed: readonly number[],
  { has, more = [] }: { readonly has: number; readonly more?: readonly DebSpec[] },
): Promise<UpstreamArchive> {
  const built = await Promise.all(
    builds.map(async (erl) => {
      const main = [...others, ...more, erl];
      return await makeUpstreamArchive({ suites: { xenial: { main } } }, await testSigner());
    }),
  );
  const [first, archive] = [built[0] ?? assert.fail(), built[has] ?? assert.fail()];
  const paragraphs = (one: UpstreamArchive): readonly string[] =>
    String(one.get(`dists/xenial/${index}`))
      .trim()
      .split('\n\n');
  const ofErl = built.map(
    (one) => paragraphs(one).find((text) => text.startsWith('Package: erl\n')) ?? assert.fail(),
  );
  assert.deepEqual(debPaths(first, 'erl'), debPaths(archive, 'erl'), 'one path');
  await rewriteSuite(archive, 'xenial', await testSigner(), ({ indexes }) => {
    const rest = paragraphs(archive).filter((text) => !text.startsWith('Package: erl\n'));
    const text = [...listed.map((at) => ofErl[at]), ...rest].join('\n\n');
    for (const path of [...indexes.keys()]) if (path.startsWith(index)) indexes.delete(path);
    indexes.set(index, Buffer.from(`${text}\n`));
  });
  return archive;
}

async function benchOf(context: TestContext, archive: UpstreamArchive): Promise<SyncBench> {
  const bench = await testSync(context);
  bench.serve(archive);
  return bench;
}

const warningsOf = ({ events }: ReturnType<typeof testJob>): string =>
  events.flatMap((event) => (event.type === 'warning' ? event.message : [])).join('\n');

const requested = (bench: SyncBench): number =>
  bench.upstream.requests.filter(({ path }) => path.includes('/erl_')).length;

const wanted = { packages: ['erl', 'alpha'] };

describe('a version that one index lists several times with different files', () => {
  test('is mirrored as the paragraph says that fits the file, with what that needs', async (context) => {
    const archive = await archiveOf([0, 2, 1], { has: 1 });
    const bench = await benchOf(context, archive);
    const job = testJob();

    const result = await bench.sync(wanted, { job });

    assert.deepEqual(await bench.labels(), ['alpha_1.0_amd64', 'erl_25.2_amd64', 'helper_1.0_amd64']);
    const [path = ''] = debPaths(archive, 'erl');
    const pool = [...(await committedFiles(bench)).values()];
    assert.ok(pool.some((bytes) => bytes.equals(archive.get(path) ?? assert.fail())));
    assert.deepEqual([result.filesExpected, result.filesPresent, result.download.filesFetched], [3, 3, 3]);
    assert.deepEqual([result.missing, result.unsatisfied, result.leftOut.packages], [[], [], 0]);
    assert.match(warningsOf(job), /^erl_25\.2_amd64: is listed several times/m);
    assert.equal(result.warnings, 1);
  });

  test('is not fetched again, when nothing has changed and when something else has', async (context) => {
    const bench = await benchOf(context, await archiveOf([0, 1], { has: 1 }));
    await bench.sync(wanted);
    bench.upstream.forget();

    const same = await bench.sync(wanted);
    bench.serve(await archiveOf([0, 1], { has: 1, more: [makeDebSpec('beta', '1.0')] }));
    const changed = await bench.sync({ packages: [...wanted.packages, 'beta'] });
    const plan = await bench.plan({ packages: [...wanted.packages, 'beta'] });

    assert.deepEqual(
      [same.outcome, changed.outcome, changed.download.filesFetched],
      ['unchanged', 'synced', 1],
    );
    assert.equal(requested(bench), 0);
    assert.deepEqual(plan.fetchFiles, []);
  });

  test('is left out when no paragraph fits, named, and the others are mirrored', async (context) => {
    const bench = await benchOf(context, await archiveOf([0, 1], { has: 2 }));
    const job = testJob();

    const result = await bench.sync(wanted, { job });

    assert.ok((await bench.labels()).includes('alpha_1.0_amd64'));
    assert.ok(!(await bench.labels()).includes('erl_25.2_amd64'));
    assert.deepEqual(
      result.missing.map((one) => one.package),
      ['erl_25.2_amd64'],
    );
    assert.equal(result.leftOut.packages, 1);
    assert.match(warningsOf(job), /^erl_25\.2_amd64: is listed several times .*; left out$/m);
    bench.upstream.forget();
    assert.equal((await bench.sync(wanted)).outcome, 'unchanged');
    assert.equal(requested(bench), 0);
  });

  test('is a failure when it is listed once, or when nothing at all can be had', async (context) => {
    const once = await benchOf(context, await archiveOf([0], { has: 1 }));
    const alone = await benchOf(context, await archiveOf([0, 2], { has: 1 }));

    assert.equal((await failureOf(once.sync(wanted))).code, 'E_PACKAGE_FETCH');
    assert.equal((await failureOf(alone.sync({ packages: ['erl'] }))).code, 'E_PACKAGE_FETCH');
  });
});
