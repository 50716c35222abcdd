import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { Entry } from '../../../../src/adopt/database/leveldb/entry.ts';
import {
  type AptlyDatabase,
  publicationList,
  readAptlyDatabase,
} from '../../../../src/adopt/database/read-database.ts';
import { listEntry, packageEntries, packageKey, uuids } from '../../../builders/aptly-records.ts';
import { put, writeLevelDb } from '../../../builders/leveldb.ts';
import { packed } from '../../../builders/msgpack.ts';
import { collect } from '../../../support/collect.ts';
import { testJob } from '../../../support/fetching.ts';

const root = await mkdtemp(join(tmpdir(), 'espejo-aptly-'));
after(() => rm(root, { recursive: true, force: true }));

const [repoId = '', snapshotId = '', publicationId = '', droppedId = ''] = uuids;

async function read(entries: readonly Entry[], job = testJob()): Promise<AptlyDatabase> {
  const directory = await mkdtemp(join(root, 'db-'));
  await writeLevelDb(directory, { tables: [entries] });
  const database = await readAptlyDatabase(directory, job);
  after(() => database.close());
  return database;
}

const repo = put(1, `L${repoId}`, packed({ UUID: repoId, Name: 'r' }));
const snapshot = put(1, `S${snapshotId}`, packed({ UUID: snapshotId, Name: 's', SourceKind: 'local' }));
const keys = ['a', 'b', 'c'].map((name) => packageKey({ name }));

describe('readAptlyDatabase', () => {
  test('gives lists as positions in the sorted keys, and says which references lead nowhere', async () => {
    const job = testJob();
    const entries = [
      ...['a', 'b', 'c'].flatMap((name) => packageEntries({ name })),
      repo,
      snapshot,
      listEntry(repoId, [...keys.slice(0, 1), 'Pamd64 b 0 gone', ...keys.slice(2)]),
      listEntry(snapshotId, []),
      listEntry(droppedId, ['Pamd64 other 1 gone']),
    ];

    const database = await read(entries, job);

    assert.deepEqual(database.packageKeys, keys);
    assert.deepEqual(Array.from(database.lists.get(repoId) ?? []), [0, 2]);
    assert.equal(database.lists.get(snapshotId)?.length, 0);
    assert.equal(database.lists.get(droppedId), undefined);
    assert.deepEqual(database.dangling, [{ list: repoId, key: 'Pamd64 b 0 gone' }]);
    assert.match(JSON.stringify(job.events), /one package is not in the database/);
  });

  test('finds references of unsorted and repeating lists too', async () => {
    const entries = [
      ...['a', 'b', 'c'].flatMap((name) => packageEntries({ name })),
      repo,
      listEntry(repoId, [keys[2] ?? '', keys[0] ?? '', keys[2] ?? '']),
    ];

    const database = await read(entries);

    assert.deepEqual(Array.from(database.lists.get(repoId) ?? []), [0, 2]);
  });

  test('streams packages that lists refer to, or all', async () => {
    const entries = [
      ...['a', 'b'].flatMap((name) => packageEntries({ name })),
      repo,
      listEntry(repoId, keys.slice(1, 2)),
    ];
    const database = await read(entries);

    const listed = (await collect(database.packages())).flat();
    const all = (await collect(database.packages({ unreferenced: true }))).flat();

    assert.deepEqual(
      listed.map(({ name, position, referenced }) => [name, position, referenced]),
      [['b', 1, true]],
    );
    assert.deepEqual(
      all.map(({ name, referenced }) => [name, referenced]),
      [
        ['a', false],
        ['b', true],
      ],
    );
  });

  test('reads installed paths when they are asked for', async () => {
    const entries = [...packageEntries({ name: 'a' }), put(1, `xC${keys[0]}`, packed(['usr/bin/a']))];
    const database = await read(entries);

    const without = (await collect(database.packages({ unreferenced: true }))).flat();
    const found = (await collect(database.packages({ unreferenced: true, contents: true }))).flat();

    assert.equal(without[0]?.contents, undefined);
    assert.deepEqual(found[0]?.contents, ['usr/bin/a']);
  });

  test('refuses a damaged package of a list by its key, and leaves out one that nothing refers to', async () => {
    const broken = packageEntries({ name: 'a' }).filter(({ key }) => !key.toString().startsWith('xD'));
    const garbage = await read(broken);
    const listed = await read([...broken, repo, listEntry(repoId, keys.slice(0, 1))]);

    const all = (await collect(garbage.packages({ unreferenced: true }))).flat();

    assert.deepEqual(all, []);
    await assert.rejects(collect(listed.packages()), {
      code: 'E_CATALOG',
      message: `${keys[0]}: its record xD is missing`,
    });
  });

  test('knows the checksums of pool files', async () => {
    const database = await read([put(1, 'Caa/bb/x', packed({ Size: 5, MD5: 'a'.repeat(32) }))]);

    const known = await database.checksums('aa/bb/x');
    const unknown = await database.checksums('aa/bb/y');

    assert.deepEqual(known, { size: 5, digests: { md5: 'a'.repeat(32) } });
    assert.equal(unknown, undefined);
  });

  test('streams ten thousand packages in order', async () => {
    const names = Array.from({ length: 10_000 }, (_, at) => `p${String(at).padStart(5, '0')}`);
    const entries = names.flatMap((name) => packageEntries({ name }));
    const all = names.map((name) => packageKey({ name }));
    const database = await read([...entries, repo, listEntry(repoId, all)]);

    const packages = (await collect(database.packages())).flat();

    assert.deepEqual(
      packages.map(({ name }) => name),
      names,
    );
  });
});

describe('publicationList', () => {
  const publication = (fields: Parameters<typeof packed>[0] & object): Entry =>
    put(1, 'U.>>d', packed({ UUID: publicationId, Prefix: '.', Distribution: 'd', ...fields }));

  test('of repositories is the frozen list of the component', async () => {
    const database = await read([
      ...packageEntries({ name: 'a' }),
      publication({ SourceKind: 'local', Sources: { main: repoId, extra: repoId } }),
      listEntry(`${publicationId}main`, keys.slice(0, 1)),
    ]);
    const [found] = database.publications;
    assert.ok(found);

    const lists = ['main', 'extra'].map((component) => publicationList(database, found, component));

    assert.deepEqual(lists, [Uint32Array.of(0), undefined]);
  });

  test('before 0.6 is the list without a component', async () => {
    const database = await read([
      ...packageEntries({ name: 'a' }),
      publication({ SourceKind: 'local', Sources: { main: repoId } }),
      listEntry(publicationId, keys.slice(0, 1)),
    ]);
    const [found] = database.publications;
    assert.ok(found);

    const list = publicationList(database, found, 'main');

    assert.deepEqual(list, Uint32Array.of(0));
  });

  test('of snapshots is that of the snapshot', async () => {
    const database = await read([
      ...packageEntries({ name: 'a' }),
      snapshot,
      publication({ SourceKind: 'snapshot', Sources: { main: snapshotId, gone: droppedId } }),
      listEntry(snapshotId, keys.slice(0, 1)),
    ]);
    const [found] = database.publications;
    assert.ok(found);

    const lists = ['main', 'gone'].map((component) => publicationList(database, found, component));

    assert.deepEqual(lists, [Uint32Array.of(0), undefined]);
  });
});
