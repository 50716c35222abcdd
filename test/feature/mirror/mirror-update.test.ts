import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { updateBench } from '../../builders/update-bench.ts';
import type { ArchivePlan } from '../../support/oracle/make-archive.ts';

const first: ArchivePlan = {
  indexes: {
    'main/binary-amd64': { 'app_1.0_amd64': { Depends: 'lib' }, 'lib_1.0_amd64': {}, docs_1_all: {} },
    'main/binary-i386': { 'app_1.0_i386': {}, docs_1_all: {} },
  },
};

const second: ArchivePlan = {
  indexes: {
    'main/binary-amd64': { 'app_1.1_amd64': { Depends: 'lib' }, 'lib_1.0_amd64': {}, docs_1_all: {} },
    'main/binary-i386': { 'app_1.1_i386': {}, docs_1_all: {} },
  },
};

describe('mirror update', () => {
  test('fetches indexes and packages, and tells what it does as aptly does', async (context) => {
    const bench = await updateBench(context, first, { downloadConcurrency: 1 });
    await bench.create();

    const stdout = await bench.output('mirror', 'update', 'm');

    const { url } = bench.upstream;
    const lines = stdout.replaceAll(url, '<url>/').split('\n');
    assert.deepEqual(lines.slice(0, 5), [
      'Downloading: <url>/dists/xenial/Release',
      'Downloading & parsing package files...',
      'Downloading: <url>/dists/xenial/main/binary-amd64/Packages.gz',
      'Downloading: <url>/dists/xenial/main/binary-i386/Packages.gz',
      'Building download queue...',
    ]);
    assert.match(lines[5] ?? '', /^Download queue: 4 items \(\d\.\d\d KiB\)$/);
    assert.deepEqual(lines.slice(6, 10).toSorted(), [
      'Downloading: <url>/pool/app_1.0_amd64.deb',
      'Downloading: <url>/pool/app_1.0_i386.deb',
      'Downloading: <url>/pool/docs_1_all.deb',
      'Downloading: <url>/pool/lib_1.0_amd64.deb',
    ]);
    assert.deepEqual(lines.slice(10), ['', 'Mirror `m` has been successfully updated.', '']);
    assert.deepEqual(await bench.packages(), [
      'docs_1_all',
      'app_1.0_amd64',
      'lib_1.0_amd64',
      'app_1.0_i386',
    ]);
    assert.equal(bench.pool().length, 4);
    assert.deepEqual(bench.leftovers(), []);
    const { lastDownloadDate } = await bench.mirror();
    assert.ok(typeof lastDownloadDate === 'number' && Date.now() - lastDownloadDate < 60_000);
  });

  test('downloads what is new alone, and keeps what was', async (context) => {
    const bench = await updateBench(context, first);
    await bench.create();
    await bench.output('mirror', 'update', 'm');
    await bench.serve(second);
    bench.upstream.forget();

    const stdout = await bench.output('mirror', 'update', 'm');

    assert.match(stdout, /Download queue: 2 items/);
    assert.deepEqual(
      bench.upstream.requests
        .map(({ path }) => path)
        .filter((path) => path.startsWith('/pool/'))
        .toSorted(),
      ['/pool/app_1.1_amd64.deb', '/pool/app_1.1_i386.deb'],
    );
    assert.deepEqual(await bench.packages(), [
      'docs_1_all',
      'app_1.1_amd64',
      'lib_1.0_amd64',
      'app_1.1_i386',
    ]);
    assert.equal(bench.pool().length, 6);
  });

  test('asks whether the Release file has changed, and for all of it once its archive is another', async (context) => {
    const bench = await updateBench(context, first);
    await bench.create();
    await bench.output('mirror', 'update', 'm');
    const release = async (...flags: readonly string[]): Promise<readonly (number | undefined)[]> => {
      bench.upstream.forget();
      await bench.output('mirror', 'update', ...flags, 'm');
      const asked = bench.upstream.requests.filter(({ path }) => path === '/dists/xenial/Release');
      return asked.map(({ status }) => status);
    };

    const unchanged = await release();
    const { release: accepted } = await bench.mirror();
    await bench.output('mirror', 'edit', `-archive-url=${bench.upstream.url}moved/../`, 'm');
    const moved = await bench.mirror();

    assert.deepEqual(unchanged, [304]);
    assert.equal(accepted?.url, bench.upstream.url);
    assert.equal(moved.release, undefined, 'what another archive said is forgotten');
    assert.deepEqual(await release(), [200]);
    assert.deepEqual(await release(), [304]);
  });

  test('of an unchanged archive asks for the Release file alone', async (context) => {
    const bench = await updateBench(context, first);
    await bench.create();
    await bench.output('mirror', 'update', 'm');
    const { list } = await bench.mirror();
    bench.upstream.forget();

    const stdout = await bench.output('mirror', 'update', 'm');

    assert.match(stdout, /Download queue: 0 items \(0 B\)/);
    assert.deepEqual(
      bench.upstream.requests.map(({ path }) => path),
      ['/dists/xenial/Release'],
    );
    assert.equal((await bench.mirror()).list, list);
  });
});
