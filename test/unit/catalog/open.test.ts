import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { decodeIds, encodeIds } from '../../../src/catalog/id-list.ts';
import { lockRoot } from '../../../src/catalog/root-lock.ts';
import { openSqliteCatalog } from '../../../src/catalog/sqlite/catalog.ts';
import { makeMirrorObject } from '../../builders/library-objects.ts';
import { suiteTables } from '../../builders/older-catalog.ts';

const signal = new AbortController().signal;

describe('a catalog file', () => {
  test('that is no database is an error with a remedy', async (t) => {
    const path = join(await directoryOf(t), 'espejo.db');
    await writeFile(path, 'this was never a database'.repeat(1000));

    await assert.rejects(openSqliteCatalog(path), { code: 'E_CATALOG', hint: /backup/ });
  });

  test('that is damaged in the middle is an error, also for the ledger', async (t) => {
    const path = join(await directoryOf(t), 'espejo.db');
    const fresh = await openSqliteCatalog(path);
    fresh.ledger.remember('a', { size: 1, mtimeMs: 1, inode: 1, sha256: 'a' });
    await fresh.close();
    const bytes = await readFile(path);
    await writeFile(path, bytes.fill(0x55, 4096));
    const catalog = await openSqliteCatalog(path);
    t.after(() => catalog.close());

    await assert.rejects(catalog.publications(), { code: 'E_CATALOG', hint: /backup/ });
    assert.throws(() => catalog.ledger.recall('a'), { code: 'E_CATALOG' });
  });

  test('of a newer espejo is refused and not changed', async (t) => {
    const path = join(await directoryOf(t), 'espejo.db');
    await (await openSqliteCatalog(path)).close();
    const database = new DatabaseSync(path);
    database.exec('PRAGMA user_version = 99');
    database.close();

    await assert.rejects(openSqliteCatalog(path), { code: 'E_CATALOG', message: /schema 99/ });
  });

  test('with the words of aptly for what things are made of is brought forward', async (t) => {
    const path = join(await directoryOf(t), 'espejo.db');
    await (await openSqliteCatalog(path)).close();
    const database = new DatabaseSync(path);
    const kept = [
      ['snapshot', 'of-mirror', 'repo'],
      ['snapshot', 'of-repo', 'local'],
      ['snapshot', 'of-snapshot', 'snapshot'],
      ['publication', './a', 'local'],
      ['publication', './b', 'snapshot'],
    ] as const;
    const insert = database.prepare('INSERT INTO objects (kind, uuid, name, record) VALUES (?, ?, ?, ?)');
    for (const [kind, name, sourceKind] of kept)
      insert.run(kind, name, name, JSON.stringify({ uuid: name, name, sourceKind, description: 'é "' }));
    database
      .prepare("INSERT INTO generations VALUES ('g', './a', 'i', 0, NULL, NULL, 0, '{}', '[]', ?)")
      .run(JSON.stringify({ sourceKind: 'local', label: 'x' }));
    database.exec(`${suiteTables} PRAGMA user_version = 6`);
    database.close();

    const catalog = await openSqliteCatalog(path);
    t.after(() => catalog.close());

    const found = [...(await catalog.objects.all('snapshot')), ...(await catalog.objects.all('publication'))];
    assert.deepEqual(
      found.map(({ name, sourceKind }) => `${name} ${sourceKind}`),
      ['of-mirror mirror', 'of-repo repo', 'of-snapshot snapshot', './a repo', './b snapshot'],
    );
    assert.equal((await catalog.objects.find('snapshot', 'of-repo'))?.description, 'é "');
    const [generation] = await catalog.generations('./a');
    assert.deepEqual(generation?.object, { sourceKind: 'repo', label: 'x' });
  });

  test('with tables of suites beside the mirrors that show them is brought forward', async (t) => {
    const path = join(await directoryOf(t), 'espejo.db');
    const fresh = await openSqliteCatalog(path);
    const list = await fresh.keepList([]);
    const shown = makeMirrorObject({ uuid: 'shown', name: 'ubuntu:xenial', managedBy: 'ubuntu', list });
    const byHand = makeMirrorObject({ uuid: 'by-hand', name: 'ubuntu:xenial-updates' });
    await fresh.objects.change([shown, byHand].map((object) => ({ save: 'mirror', object })));
    await fresh.close();
    const database = new DatabaseSync(path);
    database.exec(`
      ${suiteTables}
      INSERT INTO mirrors VALUES ('ubuntu', 'id', 7, 3);
      PRAGMA user_version = 7;
    `);
    const release = {
      url: 'http://host/ubuntu/',
      releaseSha256: 'cd',
      releaseDate: 1,
      validUntil: null,
      etag: '"e"',
      lastModified: null,
    };
    const indexes = { 'main/binary-amd64/Packages': 'ab' };
    const insert = database.prepare("INSERT INTO suites VALUES ('ubuntu', ?, ?, ?)");
    for (const [position, suite] of ['xenial', 'xenial-updates', 'xenial-security'].entries()) {
      const state = {
        ...release,
        suite,
        meta: { Suite: suite },
        components: [{ name: 'main', list }],
        indexes,
      };
      insert.run(position, suite, JSON.stringify(state));
    }
    database.close();

    const catalog = await openSqliteCatalog(path);
    t.after(() => catalog.close());

    const found = await catalog.objects.all('mirror');
    const suites = found.filter(({ managedBy }) => managedBy === 'ubuntu');
    const selection = { id: 'id', packages: 3 };
    const folded = { components: ['main'], lists: { main: list }, selection, release, indexes };
    assert.deepEqual(suites[0], { ...shown, ...folded, meta: { Suite: 'xenial' } });
    const { uuid: _, ...unshown } = suites[1] ?? shown;
    const { uuid: __, ...expected } = {
      ...makeMirrorObject({
        managedBy: 'ubuntu',
        list,
        architectures: [],
        meta: { Suite: 'xenial-security' },
      }),
      ...{ ...folded, name: 'ubuntu:xenial-security', distribution: 'xenial-security' },
      ...{ archiveRoot: 'http://host/ubuntu/', lastDownloadDate: 7 },
    };
    assert.deepEqual(unshown, expected);
    assert.deepEqual(found.at(-1), byHand);
    assert.equal(found.length, 3);
    assert.deepEqual(await catalog.forgetUnusedIndexes(), []);
  });

  test('of before the first release is refused with a remedy, not changed', async (t) => {
    const path = join(await directoryOf(t), 'espejo.db');
    const database = new DatabaseSync(path);
    database.exec('CREATE TABLE packages (id INTEGER PRIMARY KEY); PRAGMA user_version = 3');
    database.close();

    await assert.rejects(openSqliteCatalog(path), { code: 'E_CATALOG', hint: /move it away/ });
  });

  test('in a place that cannot be made is a permission or file error', async (t) => {
    const directory = await directoryOf(t);
    await writeFile(join(directory, 'file'), '');

    await assert.rejects(openSqliteCatalog(join(directory, 'file', 'espejo.db')), { code: 'E_IO' });
  });
});

describe('the lock of a root', () => {
  test('is held by one, names the holder to others, and passes on', async (t) => {
    const directory = await directoryOf(t);
    const first = await lockRoot(directory, { purpose: 'sync', waitMs: 0, signal });

    await assert.rejects(lockRoot(directory, { purpose: 'publish', waitMs: 0, signal }), {
      code: 'E_LOCKED',
      message: new RegExp(`process ${process.pid} on \\S+ \\(sync, since \\S+Z\\)`),
    });

    first.release();
    const second = await lockRoot(directory, { purpose: 'publish', waitMs: 0, signal });
    second.release();
  });
});

test('a coded list of ids decodes to itself', () => {
  const ids = fc
    .uniqueArray(fc.maxSafeNat(), { maxLength: 200 })
    .map((list) => list.toSorted((a, b) => a - b));

  fc.assert(fc.property(ids, (list) => assert.deepEqual(decodeIds(encodeIds(list)), list)));
});

async function directoryOf(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'espejo-catalog-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}
