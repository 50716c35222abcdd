import assert from 'node:assert/strict';
import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Entry } from '../../../src/adopt/database/leveldb/entry.ts';
import type { App } from '../../../src/app/app.ts';
import { openRoot } from '../../../src/app/open-root.ts';
import { parseConfig } from '../../../src/config/parse-config.ts';
import { listEntry, packageEntries, packageKey, uuids } from '../../builders/aptly-records.ts';
import { put, writeLevelDb } from '../../builders/leveldb.ts';
import { makeRepoObject } from '../../builders/library-objects.ts';
import { packed } from '../../builders/msgpack.ts';
import { testDirectory, testJob } from '../../support/fetching.ts';

const [repoId = '', otherId = ''] = uuids;
const key = packageKey({ name: 'aa' });
const database: readonly Entry[] = [
  ...packageEntries({ name: 'aa' }),
  put(2, `L${repoId}`, packed({ UUID: repoId, Name: 'theirs' })),
  listEntry(repoId, [key], 3),
];
/** The number of the last change that the test databases claim; what is later is a change. */
const later = 1000;

test('the first use takes over what aptly has and tells it; later ones find it done', async (t) => {
  const root = await makeRoot(t, { log: database });

  const first = await root.open();
  const second = await root.open();

  assert.deepEqual(first.repos, ['theirs']);
  assert.deepEqual(first.told, [
    `taking over the aptly database ${root.database}`,
    'the aptly database has 0 mirrors, 1 repositories, 0 snapshots, 0 publications, 1 packages',
    `${join(root.directory, 'pool')}/bb/bb/${'b'.repeat(28)}_aa_1.0_amd64.deb: is not in the pool, or not in its size`,
    'taken over: 0 mirrors, 1 local repos, 0 snapshots, 0 published repos, 1 packages, 0 files in the pool, 1 missing',
  ]);
  assert.deepEqual(second, { repos: ['theirs'], told: [] });
});

test('a root directory without aptly is opened without a word', async (t) => {
  const root = await makeRoot(t, undefined);

  assert.deepEqual(await root.open(), { repos: [], told: [] });
});

test('a database of its own place is taken over', async (t) => {
  const elsewhere = await testDirectory(t);
  await writeLevelDb(elsewhere, { log: database });
  const root = await makeRoot(t, undefined, { databaseBackend: { type: 'leveldb', dbPath: elsewhere } });

  assert.deepEqual((await root.open()).repos, ['theirs']);
});

test('an etcd database is refused, whatever the command', async (t) => {
  const root = await makeRoot(t, undefined, {
    databaseBackend: { type: 'etcd', url: '127.0.0.1:2379' },
  });

  await assert.rejects(root.open(), {
    code: 'E_CONFIG_INVALID',
    message: /^unable to open the database: databaseBackend is etcd: /,
  });
});

test('what aptly wrote since is told by every command, and taken over by none', async (t) => {
  const root = await makeRoot(t, { log: database });
  await root.open();
  await writeLevelDb(root.database, {
    log: [...database, put(later, `L${otherId}`, packed({ UUID: otherId, Name: 'new' }))],
  });

  const opened = [await root.open(), await root.open()];

  const warning = `the aptly database ${root.database} was changed after it was taken over; "espejo db import-aptly" takes over the changes`;
  assert.deepEqual(opened, [
    { repos: ['theirs'], told: [warning] },
    { repos: ['theirs'], told: [warning] },
  ]);
});

test('a database that aptly only opened, or that was copied, counts as unchanged', async (t) => {
  const root = await makeRoot(t, { log: database });
  await root.open();
  await utimes(join(root.database, '000007.log'), 1, 1);

  const touched = await root.open();
  await writeLevelDb(root.database, { tables: [database] });
  const moved = await root.open();

  assert.deepEqual([touched.told, moved.told], [[], []]);
});

test('a database that cannot be read any more is told as changed', async (t) => {
  const root = await makeRoot(t, { log: database });
  await root.open();
  await writeFile(join(root.database, 'MANIFEST-000008'), 'half');

  const { told } = await root.open();

  assert.equal(told.length, 1);
  assert.match(told[0] ?? '', /was changed after it was taken over/);
});

test('a damaged database stops every command and leaves nothing', async (t) => {
  const root = await makeRoot(t, { log: [...database, put(9, `xF${key}`, Buffer.from([0xc1]))] });

  await assert.rejects(root.open(), { code: 'E_CATALOG', message: /^unable to import: / });
  await writeLevelDb(root.database, { log: database });
  const repaired = await root.open();

  assert.deepEqual(repaired.repos, ['theirs']);
});

test('a name that is taken here puts it off until one has another name', async (t) => {
  const root = await makeRoot(t, undefined);
  await root.use(async ({ catalog }) => {
    const object = makeRepoObject({ name: 'theirs', list: await catalog.keepList([]) });
    await catalog.objects.change([{ save: 'repo', object }]);
  });
  await writeLevelDb(root.database, { log: database });

  const refused = await root.open();
  await root.use(async ({ catalog }) => {
    const own = await catalog.objects.find('repo', 'theirs');
    assert.ok(own);
    await catalog.objects.change([{ save: 'repo', object: { ...own, name: 'ours' } }]);
  });
  const adopted = await root.open();

  assert.deepEqual(refused.repos, ['theirs']);
  assert.equal(
    refused.told.at(-1),
    `unable to import: local repo with name theirs already exists; the aptly database ${root.database} is not taken over before one of them has another name`,
  );
  assert.deepEqual(adopted.repos, ['ours', 'theirs']);
});

test('of two processes that come at once one takes it over, the other waits', async (t) => {
  const root = await makeRoot(t, { log: database });

  const opened = await Promise.all([root.open(), root.open()]);

  assert.deepEqual(
    opened.map(({ repos }) => repos),
    [['theirs'], ['theirs']],
  );
  assert.equal(opened.filter(({ told }) => told.length > 0).length, 1);
});

type Root = {
  readonly directory: string;
  readonly database: string;
  /** Opens it as a command does; what was told, and the local repositories that are there. */
  open(): Promise<{ readonly repos: readonly string[]; readonly told: readonly string[] }>;
  use(work: (app: App) => Promise<void>): Promise<void>;
};

async function makeRoot(
  t: TestContext,
  database: Parameters<typeof writeLevelDb>[1] | undefined,
  config: object = {},
): Promise<Root> {
  const directory = await testDirectory(t);
  const place = join(directory, 'db');
  if (database !== undefined) await writeLevelDb(place, database);
  const options = {
    config: parseConfig(JSON.stringify({ rootDir: directory, ...config }), {
      path: join(directory, 'espejo.json'),
      env: {},
    }),
    env: {},
    lockWaitMs: 10_000,
  };
  return {
    directory,
    database: place,
    async open() {
      const job = testJob();
      const app = await openRoot({ ...options, ...job });
      try {
        const repos = (await app.catalog.objects.all('repo')).map(({ name }) => name);
        return { repos, told: job.events.flatMap((event) => ('message' in event ? [event.message] : [])) };
      } finally {
        await app.close();
      }
    },
    async use(work) {
      const app = await openRoot({ ...options, ...testJob() });
      try {
        await work(app);
      } finally {
        await app.close();
      }
    },
  };
}
