import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { digestsOf } from '../../../src/core/digest.ts';
import type { DebSpec } from '../../../src/deb/build-deb.ts';
import {
  makeDebSpec,
  makeUpstreamArchive,
  rewriteSuite,
  type UpstreamArchive,
} from '../../builders/upstream-archive.ts';
import { failureOf, testJob } from '../../support/fetching.ts';
import { committedFiles, type SyncBench, testSigner, testSync } from '../../support/syncing.ts';

async function benchOf(
  context: TestContext,
  main: readonly DebSpec[],
  shape: { readonly architectures?: readonly string[] } = {},
): Promise<SyncBench> {
  const bench = await testSync(context);
  bench.serve(await makeUpstreamArchive({ suites: { xenial: { main } }, ...shape }, await testSigner()));
  return bench;
}

test('a package that exists nowhere fails and tells what is close', async (context) => {
  const bench = await benchOf(context, [makeDebSpec('nginx-core', '1.0')]);

  const error = await failureOf(bench.sync({ packages: ['nginx-cor'] }));

  assert.equal(error.code, 'E_PACKAGE_UNKNOWN');
  assert.match(error.message, /nginx-cor exists nowhere, close is nginx-core/);
});

test('a virtual package with several providers fails and names them', async (context) => {
  const mail = { Provides: 'mail-server' };
  const bench = await benchOf(context, [
    makeDebSpec('exim', '1.0', mail),
    makeDebSpec('postfix', '1.0', mail),
  ]);

  const error = await failureOf(bench.sync({ packages: ['mail-server'] }));

  assert.equal(error.code, 'E_PACKAGE_UNKNOWN');
  assert.match(error.message, /mail-server is virtual: name one of its providers exim, postfix/);
});

test('a query that matches nothing fails', async (context) => {
  const bench = await benchOf(context, [makeDebSpec('alpha', '1.0')]);

  const error = await failureOf(bench.sync({ packages: ['Name (% nothing-*)'] }));

  assert.equal(error.code, 'E_PACKAGE_UNKNOWN');
  assert.match(error.message, /the query "Name \(% nothing-\*\)" matches no package/);
});

test('a mirror that selects nothing fails', async (context) => {
  const bench = await benchOf(context, [makeDebSpec('alpha', '1.0')]);

  const error = await failureOf(bench.sync({ packages: [] }));

  assert.equal(error.code, 'E_NOTHING_SELECTED');
});

test('a relation that nothing satisfies is reported with its chain', async (context) => {
  const bench = await benchOf(context, [
    makeDebSpec('alpha', '1.0', { Depends: 'beta' }),
    makeDebSpec('beta', '1.0', { Depends: 'missing (>= 2) | absent' }),
  ]);

  const result = await bench.sync();

  assert.deepEqual(result.unsatisfied, [
    {
      package: 'beta_1.0_amd64',
      field: 'Depends',
      relation: 'missing (>= 2) | absent',
      architecture: 'amd64',
      chain: ['alpha_1.0_amd64', 'beta_1.0_amd64'],
    },
  ]);
});

test('with unsatisfied: fail nothing is downloaded, also when the setting changes later', async (context) => {
  const bench = await benchOf(context, [makeDebSpec('alpha', '1.0', { Depends: 'missing' })]);
  await bench.sync();
  const before = await bench.state();

  const error = await failureOf(bench.sync({ unsatisfied: 'fail' }));

  assert.equal(error.code, 'E_UNSATISFIED');
  assert.match(error.message, /alpha_1\.0_amd64 Depends missing/);
  assert.deepEqual(await bench.state(), before);
});

test('versions: all takes every version that fits', async (context) => {
  const bench = await benchOf(context, [makeDebSpec('alpha', '1.0'), makeDebSpec('alpha', '2.0')]);

  await bench.sync({ packages: ['alpha (>= 1)'], versions: 'all' });

  assert.deepEqual(await bench.labels(), ['alpha_1.0_amd64', 'alpha_2.0_amd64']);
});

test('two architectures are closed side by side', async (context) => {
  const on = (architecture: string) => ({ Architecture: architecture, 'Multi-Arch': 'same' });
  const bench = await benchOf(
    context,
    [
      makeDebSpec('alpha', '1.0', { Depends: 'lib, tool' }),
      makeDebSpec('alpha', '1.0', { Architecture: 'i386', Depends: 'lib, tool' }),
      makeDebSpec('lib', '1.0', on('amd64')),
      makeDebSpec('lib', '1.0', on('i386')),
      makeDebSpec('tool', '1.0', { 'Multi-Arch': 'foreign' }),
    ],
    { architectures: ['amd64', 'i386'] },
  );

  const result = await bench.sync({ architectures: ['amd64', 'i386'] });

  assert.deepEqual(await bench.labels(), [
    'alpha_1.0_amd64',
    'alpha_1.0_i386',
    'lib_1.0_amd64',
    'lib_1.0_i386',
    'tool_1.0_amd64',
  ]);
  assert.deepEqual(result.unsatisfied, []);
});

test('a plan tells why, and changes nothing', async (context) => {
  const bench = await benchOf(context, [
    makeDebSpec('alpha', '1.0', { Depends: 'beta' }),
    makeDebSpec('beta', '1.0'),
  ]);

  const { packages, fetchFiles, added } = await bench.plan();

  assert.deepEqual(
    packages.map(({ chain, reason }) => [chain.join(' > '), reason.kind]),
    [
      ['alpha_1.0_amd64', 'requested'],
      ['alpha_1.0_amd64 > beta_1.0_amd64', 'dependency'],
    ],
  );
  assert.equal(fetchFiles.length, 2);
  assert.deepEqual(added, ['alpha_1.0_amd64', 'beta_1.0_amd64']);
  assert.deepEqual(await bench.state(), []);
});

test('a plan tells what the last sync had and the next one drops', async (context) => {
  const bench = await benchOf(context, [makeDebSpec('alpha', '1.0'), makeDebSpec('beta', '1.0')]);
  await bench.sync({ packages: ['alpha'] });

  const { added, removed, fetchFiles } = await bench.plan({ packages: ['beta'] });

  assert.deepEqual({ added, removed }, { added: ['beta_1.0_amd64'], removed: ['alpha_1.0_amd64'] });
  assert.equal(fetchFiles.length, 1);
});

/** Adds a Sources index with one source package of two files. */
async function addSource(
  archive: UpstreamArchive,
  source: { readonly name: string; readonly version: string },
) {
  const directory = `pool/main/${source.name}`;
  const files = [`${source.name}_${source.version}.dsc`, `${source.name}_${source.version}.tar.gz`];
  const lines = files.map((name) => {
    const bytes = Buffer.from(`source ${name}`);
    archive.set(`${directory}/${name}`, bytes);
    const { size, digests } = digestsOf(bytes);
    return { name, size, digests };
  });
  const stanza = [
    `Package: ${source.name}`,
    `Version: ${source.version}`,
    `Directory: ${directory}`,
    'Files:',
    ...lines.map(({ name, size, digests }) => ` ${digests.md5} ${size} ${name}`),
    'Checksums-Sha256:',
    ...lines.map(({ name, size, digests }) => ` ${digests.sha256} ${size} ${name}`),
    '',
    '',
  ].join('\n');
  await rewriteSuite(archive, 'xenial', await testSigner(), ({ indexes }) => {
    indexes.set('main/source/Sources.gz', gzipSync(stanza));
  });
}

test('sources of selected packages are mirrored with all their files', async (context) => {
  const bench = await testSync(context);
  const main = [makeDebSpec('alpha', '1.0+b1', { Source: 'alphasrc (1.0)' })];
  const archive = await makeUpstreamArchive({ suites: { xenial: { main } } }, await testSigner());
  await addSource(archive, { name: 'alphasrc', version: '1.0' });
  bench.serve(archive);

  const result = await bench.sync({ sources: true });

  assert.deepEqual(await bench.labels(), ['alpha_1.0+b1_amd64', 'alphasrc_1.0_source']);
  assert.equal((await committedFiles(bench)).size, 3);
  assert.deepEqual(result.unsatisfied, []);
});

test('a source that is missing is reported', async (context) => {
  const bench = await testSync(context);
  const main = [makeDebSpec('alpha', '2.0')];
  const archive = await makeUpstreamArchive({ suites: { xenial: { main } } }, await testSigner());
  await addSource(archive, { name: 'alpha', version: '1.0' });
  bench.serve(archive);

  const result = await bench.sync({ sources: true });

  assert.deepEqual(
    result.unsatisfied.map(({ field, relation }) => [field, relation]),
    [['Source', 'alpha (= 2.0)']],
  );
});

test('of a package that two suites build each, both builds are kept', async (context) => {
  const bench = await testSync(context);
  const archive = await makeUpstreamArchive(
    {
      suites: {
        xenial: { main: [makeDebSpec('alpha', '1.0', {}, 'one'), makeDebSpec('quiet', '1.0', {}, 'one')] },
      },
    },
    await testSigner(),
  );
  const other = await testSync(context);
  const second = await makeUpstreamArchive(
    {
      suites: {
        'xenial-updates': {
          main: [makeDebSpec('alpha', '1.0', {}, 'two'), makeDebSpec('quiet', '1.0', {}, 'two')],
        },
      },
    },
    await testSigner(),
  );
  bench.serve(archive);
  other.serve(second);
  const job = testJob();

  const result = await bench.sync(
    {
      suites: [
        { name: 'xenial', urls: [bench.url], components: ['main'] },
        { name: 'xenial-updates', urls: [other.url], components: ['main'] },
      ],
    },
    { job },
  );

  assert.equal(result.filesExpected, 2);
  assert.deepEqual(
    job.events.filter((event) => event.type === 'warning'),
    [],
  );
  const lists = (await bench.state()).map(({ lists }) => Object.values(lists)[0] ?? '');
  const keys = await Promise.all(
    lists.map(async (list) => (await bench.catalog.packages(list)).map(({ key }) => key)),
  );
  assert.deepEqual(
    keys.map(({ length }) => length),
    [1, 1],
  );
  assert.notDeepEqual(keys[0], keys[1]);
});
