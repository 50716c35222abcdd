import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestsOf } from '../../../src/core/digest.ts';
import { debPaths, makeDebSpec, makeUpstreamArchive } from '../../builders/upstream-archive.ts';
import { committedFiles, testSigner, testSync } from '../../support/syncing.ts';

const suites = {
  xenial: {
    main: [
      makeDebSpec('alpha', '1.0', { Depends: 'libbeta1 (>= 1.0), gamma | delta' }),
      makeDebSpec('libbeta1', '1.0', { 'Multi-Arch': 'same' }),
      makeDebSpec('delta', '1.0', { Architecture: 'all' }),
      makeDebSpec('unwanted', '1.0'),
    ],
  },
  'xenial-security': { main: [makeDebSpec('libbeta1', '1.1', { 'Multi-Arch': 'same' })] },
};

test('a sync commits what was asked for and what that needs, over all suites', async (context) => {
  const bench = await testSync(context);
  bench.serve(await makeUpstreamArchive({ suites }, await testSigner()));

  const result = await bench.sync({
    suites: [
      { name: 'xenial', urls: [bench.url], components: ['main'] },
      { name: 'xenial-security', urls: [bench.url], components: ['main'] },
    ],
  });

  assert.deepEqual(await bench.labels(), ['alpha_1.0_amd64', 'delta_1.0_all', 'libbeta1_1.1_amd64']);
  assert.equal(result.outcome, 'synced');
  assert.deepEqual(result.unsatisfied, []);
});

test('the postcondition counts packages, files and bytes', async (context) => {
  const bench = await testSync(context);
  const archive = await makeUpstreamArchive({ suites }, await testSigner());
  bench.serve(archive);

  const first = await bench.sync();
  const again = await bench.sync({}, { force: true });

  const bytes = ['alpha', 'libbeta1', 'delta']
    .flatMap((name) => debPaths(archive, name))
    .filter((path) => !path.includes('1.1'))
    .reduce((sum, path) => sum + (archive.get(path)?.length ?? 0), 0);
  assert.equal(first.packages, 3);
  assert.equal(first.filesExpected, 3);
  assert.equal(first.filesPresent, 3);
  assert.deepEqual(first.download, { filesFetched: 3, bytesFetched: bytes, filesReused: 0, bytesReused: 0 });
  assert.deepEqual(again.download, { filesFetched: 0, bytesFetched: 0, filesReused: 3, bytesReused: bytes });
});

test('what is in the pool is what the index says', async (context) => {
  const bench = await testSync(context);
  const archive = await makeUpstreamArchive({ suites }, await testSigner());
  bench.serve(archive);

  await bench.sync({ packages: ['libbeta1'] });

  const [path = ''] = debPaths(archive, 'libbeta1').filter((one) => one.includes('_1.0_'));
  const { sha256 = '' } = digestsOf(archive.get(path) ?? Buffer.alloc(0)).digests;
  const expected = `${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256.slice(4, 32)}_libbeta1_1.0_amd64.deb`;
  const files = await committedFiles(bench);
  assert.deepEqual([...files.keys()], [expected]);
  assert.deepEqual(files.get(expected), archive.get(path));
  assert.deepEqual(await bench.leftovers(), { indexes: [], tmp: [] });
});
