import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import {
  debPaths,
  makeDebSpec,
  makeUpstreamArchive,
  type UpstreamArchive,
} from '../../builders/upstream-archive.ts';
import { failureOf, testJob } from '../../support/fetching.ts';
import { type SyncBench, testSigner, testSync } from '../../support/syncing.ts';

const packages = ['Name'];
const warn = { packages, missing: 'warn' } as const;

async function benchWith(context: TestContext): Promise<SyncBench & { readonly archive: UpstreamArchive }> {
  const bench = await testSync(context);
  const main = [
    makeDebSpec('alpha', '1.0', { Depends: 'gone (>= 0.5) | nowhere, beta' }),
    makeDebSpec('beta', '1.0', { Architecture: 'all' }),
    makeDebSpec('gone', '1.0'),
  ];
  const archive = await makeUpstreamArchive({ suites: { xenial: { main } } }, await testSigner());
  bench.serve(archive);
  return { ...bench, archive };
}

function lose(bench: SyncBench & { readonly archive: UpstreamArchive }, name: string, status = 404): void {
  for (const path of debPaths(bench.archive, name))
    bench.upstream.fault(`/ubuntu/${path}`, { kind: 'status', status });
}

describe('a package that is listed and not there', () => {
  test('stops the sync by default, and the error names what helps', async (context) => {
    const bench = await benchWith(context);
    lose(bench, 'gone');

    const error = await failureOf(bench.sync({ packages }));

    assert.equal(error.code, 'E_PACKAGE_FETCH');
    assert.match(error.message, /gone_1\.0_amd64/);
    assert.match(error.hint ?? '', /missing: warn/);
    assert.deepEqual(await bench.labels(), []);
  });

  for (const status of [403, 404, 410]) {
    test(`is left out when that is asked for, and told with what needs it (${status})`, async (context) => {
      const bench = await benchWith(context);
      lose(bench, 'gone', status);
      const job = testJob();

      const result = await bench.sync(warn, { job });

      assert.deepEqual(await bench.labels(), ['alpha_1.0_amd64', 'beta_1.0_all']);
      assert.deepEqual([result.filesExpected, result.filesPresent], [3, 2]);
      assert.deepEqual(
        result.missing.map((one) => one.package),
        ['gone_1.0_amd64'],
      );
      assert.match(
        result.missing[0]?.reason ?? '',
        new RegExp(`^http:.*gone_1\\.0_amd64\\.deb: HTTP ${status}`),
      );
      assert.deepEqual(
        result.unsatisfied.map((one) => [one.package, one.relation]),
        [['alpha_1.0_amd64', 'gone (>= 0.5) | nowhere']],
      );
      const warnings = job.events.flatMap((event) => (event.type === 'warning' ? event.message : []));
      assert.match(warnings.join(), /gone_1\.0_amd64: is listed and not there/);
    });
  }

  test('is asked for again by the next sync, until it is there', async (context) => {
    const bench = await benchWith(context);
    lose(bench, 'gone');
    await bench.sync(warn);

    const again = await bench.sync(warn);
    bench.upstream.clearFaults();
    const whole = await bench.sync(warn);

    assert.deepEqual([again.outcome, again.missing.length], ['synced', 1]);
    assert.deepEqual([whole.outcome, whole.missing, whole.download.filesFetched], ['synced', [], 1]);
    assert.deepEqual(await bench.labels(), ['alpha_1.0_amd64', 'beta_1.0_all', 'gone_1.0_amd64']);
    assert.equal((await bench.sync(warn)).outcome, 'unchanged');
  });

  test('is a failure all the same when what is there are other bytes than the index lists', async (context) => {
    const bench = await benchWith(context);
    for (const path of debPaths(bench.archive, 'gone'))
      bench.upstream.fault(`/ubuntu/${path}`, { kind: 'wrong-bytes' });

    const error = await failureOf(bench.sync(warn));

    assert.equal(error.code, 'E_PACKAGE_FETCH');
    assert.match(error.message, /its index says/);
  });

  test('is a failure all the same in an archive without any file', async (context) => {
    const bench = await benchWith(context);
    for (const name of ['alpha', 'beta', 'gone']) lose(bench, name);

    assert.equal((await failureOf(bench.sync(warn))).code, 'E_PACKAGE_FETCH');
  });

  test('stops the sync where unsatisfied relations do', async (context) => {
    const bench = await benchWith(context);
    lose(bench, 'gone');

    assert.equal((await failureOf(bench.sync({ ...warn, unsatisfied: 'fail' }))).code, 'E_UNSATISFIED');
  });
});

describe('an empty suite', () => {
  const serveEmpty = async (bench: SyncBench): Promise<void> =>
    bench.serve(await makeUpstreamArchive({ suites: { xenial: { main: [] } } }, await testSigner()));

  test('makes an empty mirror, when all that is asked for are queries', async (context) => {
    const bench = await testSync(context);
    await serveEmpty(bench);
    const job = testJob();

    const result = await bench.sync({ packages }, { job });

    assert.deepEqual([result.outcome, result.packages], ['synced', 0]);
    assert.match(JSON.stringify(job.events), /is empty, for its suites have no package/);
    assert.equal((await bench.sync({ packages })).outcome, 'unchanged');
    assert.equal((await failureOf(bench.sync({ packages: ['alpha'] }))).code, 'E_PACKAGE_UNKNOWN');
  });

  test('that had packages before is an error, unless it may be empty', async (context) => {
    const bench = await benchWith(context);
    await bench.sync({ packages });
    await serveEmpty(bench);

    const error = await failureOf(bench.sync({ packages }));
    const before = await bench.labels();
    await bench.sync({ packages, allowEmpty: true });

    assert.equal(error.code, 'E_NOTHING_SELECTED');
    assert.match(error.hint ?? '', /allow_empty: true/);
    assert.equal(before.length, 3);
    assert.deepEqual(await bench.labels(), []);
  });

  test('a query that matches nothing of what is there is an error, unless that is allowed', async (context) => {
    const bench = await benchWith(context);
    const nothing = { packages: ['Section (games)'] };

    const error = await failureOf(bench.sync(nothing));
    const allowed = await bench.sync({ ...nothing, allowEmpty: true });

    assert.equal(error.code, 'E_PACKAGE_UNKNOWN');
    assert.equal(allowed.packages, 0);
  });
});
