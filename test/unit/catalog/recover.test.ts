import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, type TestContext, test } from 'node:test';
import type { Change } from '../../../src/catalog/objects.ts';
import type { PackageRecord } from '../../../src/catalog/packages.ts';
import { openSqliteCatalog } from '../../../src/catalog/sqlite/catalog.ts';
import { recoverCatalog } from '../../../src/catalog/sqlite/recover.ts';
import { filesHash } from '../../../src/deb/files-hash.ts';
import { makeMirrorObject, makeRepoObject, makeSnapshotObject } from '../../builders/library-objects.ts';

const pageBytes = 4096;
const packageCount = 40;
const repos = ['even', 'odd', 'all'];

describe('recoverCatalog', () => {
  test('does nothing without a catalog, and finds nothing in a sound one', async (t) => {
    const { path, none } = await makeCatalog(t);
    const before = await contentOf(path);

    const found = [await recoverCatalog(none), await recoverCatalog(path)];

    const nothing = { dangling: [], remarks: [], setAside: undefined };
    assert.deepEqual(found, [nothing, nothing]);
    assert.deepEqual(await contentOf(path), before);
  });

  test('takes packages that are gone out of repositories, and tells the others what they lost', async (t) => {
    const { path } = await makeCatalog(t);
    change(
      path,
      "DELETE FROM package_bodies WHERE id = 2; DELETE FROM packages WHERE key LIKE 'Pamd64 p004 %'; DELETE FROM package_bodies WHERE id = 5",
    );

    const { dangling, remarks, setAside } = await recoverCatalog(path);

    const names = dangling.map((key) => key.replace(/^(P.*) [0-9a-f]+$/, '$1'));
    assert.deepEqual(names, ['Pamd64 p001 1.0', 'package 5']);
    assert.deepEqual(remarks, [
      '1 packages were damaged and are gone',
      'mirror sid has lost 2 packages',
      'snapshot s1 has lost 2 packages',
    ]);
    assert.equal(setAside, undefined);
    const after = await contentOf(path);
    assert.equal(after.get('all')?.length, 38);
    assert.equal(after.get('odd')?.length, 19);
    assert.deepEqual(await recoverCatalog(path), { dangling: [], remarks: [], setAside: undefined });
  });

  test('makes keys again from paragraphs and files', async (t) => {
    const { path } = await makeCatalog(t);
    const before = await contentOf(path);
    change(path, 'DELETE FROM packages');

    const { dangling, remarks } = await recoverCatalog(path);

    assert.deepEqual([dangling, remarks], [[], ['the keys of 40 packages were made again']]);
    assert.deepEqual(await contentOf(path), before);
  });

  test('a paragraph that is not what its digest says goes', async (t) => {
    const { path } = await makeCatalog(t);
    change(path, "UPDATE package_bodies SET stanza = x'00' WHERE id = 1");

    const { dangling, remarks } = await recoverCatalog(path);

    assert.match(dangling[0] ?? '', /^Pamd64 p000 1\.0 /);
    assert.equal(remarks[0], '1 packages were damaged and are gone');
  });

  test('a list that is gone is empty, one with other members than it says is told', async (t) => {
    const { path } = await makeCatalog(t);
    const before = await contentOf(path);
    const [gone, other] = await listsOf(path, 'even', 'odd');
    change(path, `DELETE FROM lists WHERE id = '${gone}'`);
    change(path, `UPDATE lists SET members = x'02' WHERE id = '${other}'`);

    const { remarks } = await recoverCatalog(path);

    const told = ' had a damaged list of packages; what could be read of it is kept';
    assert.deepEqual(remarks, [`local repo even${told}`, `local repo odd${told}`]);
    const after = await contentOf(path);
    assert.deepEqual(
      repos.map((name) => after.get(name)?.length),
      [0, 1, 40],
    );
    assert.deepEqual(after.get('all'), before.get('all'));
  });

  test('an object that cannot be read is told, the others stay', async (t) => {
    const { path } = await makeCatalog(t);
    change(path, "UPDATE objects SET record = '{\"broken' WHERE name = 'odd'");

    const { remarks } = await recoverCatalog(path);

    assert.deepEqual(remarks, ['1 rows of objects were unreadable and are gone']);
    assert.deepEqual([...(await contentOf(path)).keys()], ['all', 'even']);
  });

  test('refuses while another process has the catalog open', async (t) => {
    const { path } = await makeCatalog(t);
    const other = await openSqliteCatalog(path);
    t.after(() => other.close());
    await other.publications();

    await assert.rejects(recoverCatalog(path), { code: 'E_LOCKED' });
  });

  test('a file of which nothing can be read stays as it is', async (t) => {
    const { path, directory } = await makeCatalog(t);
    const bytes = Buffer.alloc(50_000, 'this was never a database');
    await writeFile(path, bytes);

    await assert.rejects(recoverCatalog(path), { code: 'E_CATALOG', message: /nothing can be read/ });

    assert.deepEqual(await readFile(path), bytes);
    assert.deepEqual(await readdir(directory), ['espejo.db']);
  });

  test('a file whose first bytes are damaged comes back whole', async (t) => {
    const { path } = await makeCatalog(t);
    const before = await contentOf(path);
    await damage(path, (bytes) => bytes.fill(0, 0, 60));

    const { setAside } = await recoverCatalog(path);

    assert.match(setAside ?? '', /espejo\.db\.damaged-[0-9a-f]{8}$/);
    assert.deepEqual(await contentOf(path), before);
  });

  const kinds: Readonly<Record<string, (page: Buffer) => void>> = {
    'zeros instead of': (page) => void page.fill(0),
    'another kind of': (page) => void page.writeUInt8(page.readUInt8(0) ^ 0xff, 0),
    'bytes flipped in': (page) => {
      for (let at = 11; at < page.length; at += 97) page.writeUInt8(page.readUInt8(at) ^ 0x5a, at);
    },
  };
  for (const [kind, spoil] of Object.entries(kinds)) {
    test(`${kind} any page cost what is on it, and the damaged file is kept`, async (t) => {
      const { path, directory } = await makeCatalog(t);
      const sound = join(directory, 'sound');
      await copyFile(path, sound);
      const before = await contentOf(sound);
      const pages = (await readFile(sound)).length / pageBytes;
      let saved = 0;
      for (let page = 1; page < pages; page += 1) {
        await copyFile(sound, path);
        await damage(path, (bytes) => spoil(bytes.subarray(page * pageBytes, (page + 1) * pageBytes)));
        const spoilt = await readFile(path);

        const { setAside } = await recoverCatalog(path).catch((error: unknown) => {
          assert.fail(`page ${page}: ${String(error)}`);
        });

        if (setAside !== undefined) assert.deepEqual(await readFile(setAside), spoilt);
        const after = await contentOf(path);
        for (const keys of after.values()) {
          for (const key of keys) assert.match(key, /^Pamd64 p0[0-3]\d 1\.0 /);
          saved += keys.length;
        }
        if (setAside !== undefined) await rm(setAside);
      }
      // A page has a tenth of the packages at most, or all of the objects or lists.
      const whole = [...before.values()].flat().length * (pages - 1);
      assert.ok(saved > whole * 0.7, `${saved} of ${whole}`);
    });
  }
});

function change(path: string, statements: string): void {
  const database = new DatabaseSync(path);
  database.exec(statements);
  database.close();
}

async function damage(path: string, spoil: (bytes: Buffer) => void): Promise<void> {
  const bytes = await readFile(path);
  spoil(bytes);
  await writeFile(path, bytes);
}

/** A catalog with forty packages in three repositories, a mirror and a snapshot. */
async function makeCatalog(
  t: TestContext,
): Promise<{ readonly path: string; readonly none: string; readonly directory: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'espejo-recover-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const path = join(directory, 'espejo.db');
  const catalog = await openSqliteCatalog(path);
  const packages = Array.from({ length: packageCount }, (_, at) => record(`p${String(at).padStart(3, '0')}`));
  const all = await catalog.keepList(packages);
  const even = await catalog.keepList(packages.filter((_, at) => at % 2 === 0));
  const odd = await catalog.keepList(packages.filter((_, at) => at % 2 === 1));
  const saves: readonly Change[] = [
    ...Object.entries({ all, even, odd }).map(
      ([name, list]): Change => ({ save: 'repo', object: makeRepoObject({ uuid: name, name, list }) }),
    ),
    { save: 'mirror', object: makeMirrorObject({ list: all }) },
    { save: 'snapshot', object: makeSnapshotObject({ list: all }) },
  ];
  await catalog.objects.change(saves);
  await catalog.compact();
  await catalog.close();
  return { path, none: join(directory, 'none.db'), directory };
}

function record(name: string): PackageRecord {
  const file = {
    name: `${name}_1.0_amd64.deb`,
    size: 1,
    digests: { md5: 'a'.repeat(32), sha256: 'b'.repeat(64) },
    poolPath: `aa/bb/${name}`,
  };
  const key = `Pamd64 ${name} 1.0 ${filesHash([{ name: file.name, facts: file }])}`;
  const stanza = Buffer.from(
    `Package: ${name}\nVersion: 1.0\nArchitecture: amd64\nDescription: ${name.repeat(100)}\n`,
  );
  return { key, kind: 'deb', name, version: '1.0', architecture: 'amd64', stanza, files: [file] };
}

/** The keys of each repository; whatever is there can be read. */
async function contentOf(path: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const catalog = await openSqliteCatalog(path);
  try {
    await catalog.publications();
    for (const { list } of await catalog.objects.all('snapshot')) await catalog.packages(list);
    const content = new Map<string, readonly string[]>();
    for (const { name, list } of await catalog.objects.all('repo')) {
      const packages = await catalog.packages(list);
      for (const { stanza, files } of packages) assert.ok(stanza.length > 0 && files.length > 0);
      content.set(
        name,
        packages.map(({ key }) => key),
      );
    }
    return content;
  } finally {
    await catalog.close();
  }
}

async function listsOf(path: string, ...names: readonly string[]): Promise<readonly string[]> {
  const catalog = await openSqliteCatalog(path);
  try {
    const lists: string[] = [];
    for (const name of names) lists.push((await catalog.objects.find('repo', name))?.list ?? '');
    return lists;
  } finally {
    await catalog.close();
  }
}
