import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, type TestContext, test } from 'node:test';
import { lockRoot } from '../../../src/catalog/root-lock.ts';
import { openSqliteCatalog } from '../../../src/catalog/sqlite/catalog.ts';
import { sqliteError } from '../../../src/catalog/sqlite/sqlite-errors.ts';
import { systemCode } from '../../../src/core/errors.ts';
import { fileError } from '../../../src/core/files.ts';

const signal = new AbortController().signal;

describe('the catalog file', () => {
  test('is for its owner alone, and so is its directory', async (t) => {
    const path = join(await directoryOf(t), 'root', 'db', 'espejo.db');

    const catalog = await openSqliteCatalog(path);
    t.after(() => catalog.close());
    await catalog.objects.change([]);
    (await lockRoot(join(path, '..'), { purpose: 'x', waitMs: 0, signal })).release();

    assert.equal(await modeOf(join(path, '..')), 0o700);
    for (const name of await readdir(join(path, '..')))
      assert.equal(await modeOf(join(path, '..', name)), 0o600, name);
    assert.ok((await readdir(join(path, '..'))).includes('espejo.db-wal'));
  });

  test('that others may read is closed to them; a group that was let in stays', async (t) => {
    const directory = join(await directoryOf(t), 'db');
    const path = join(directory, 'espejo.db');
    await (await openSqliteCatalog(path)).close();
    const modes: number[] = [];
    for (const [ofDirectory, ofFile] of [
      [0o755, 0o644],
      [0o750, 0o640],
    ] as const) {
      await chmod(directory, ofDirectory);
      await chmod(path, ofFile);
      await (await openSqliteCatalog(path)).close();
      modes.push(await modeOf(directory), await modeOf(path));
    }

    assert.deepEqual(modes, [0o700, 0o600, 0o750, 0o640]);
  });

  test('on a read-only file system is read, and says so when it should change', async (t) => {
    const disk = await smallDisk(t);
    if (disk === undefined) return;
    await filledCatalog(join(disk, 'db/espejo.db'));
    spawnSync('mount', ['-o', 'remount,ro', disk]);

    const catalog = await openSqliteCatalog(join(disk, 'db/espejo.db'));
    t.after(() => catalog.close());

    assert.equal(catalog.isReadOnly, true);
    assert.equal(catalog.ledger.recall('a')?.size, 1);
    catalog.ledger.remember('b', { size: 2, mtimeMs: 1, inode: 1, sha256: 'b' });
    await assert.rejects(catalog.objects.change([]), {
      code: 'E_PERMISSION',
      message: /EROFS/,
      hint: /owner/,
    });
    await assert.rejects(lockRoot(join(disk, 'db'), { purpose: 'x', waitMs: 0, signal }), {
      code: 'E_PERMISSION',
    });
  });

  test('with a log that was left behind is read with it', async (t) => {
    const disk = await smallDisk(t);
    if (disk === undefined) return;
    const elsewhere = join(await directoryOf(t), 'espejo.db');
    await (await openSqliteCatalog(elsewhere)).close();
    const writer = await openSqliteCatalog(elsewhere);
    writer.ledger.remember('a', { size: 1, mtimeMs: 1, inode: 1, sha256: 'a' });
    for (const suffix of ['', '-wal']) await copyFile(elsewhere + suffix, join(disk, `espejo.db${suffix}`));
    await writer.close();
    spawnSync('mount', ['-o', 'remount,ro', disk]);

    const catalog = await openSqliteCatalog(join(disk, 'espejo.db'));
    t.after(() => catalog.close());

    assert.equal(catalog.ledger.recall('a')?.size, 1);
  });

  test('of an older form is not changed where it cannot be', async (t) => {
    const disk = await smallDisk(t);
    if (disk === undefined) return;
    const path = join(disk, 'espejo.db');
    await filledCatalog(path);
    const database = new DatabaseSync(path);
    database.exec('PRAGMA user_version = 5');
    database.close();
    spawnSync('mount', ['-o', 'remount,ro', disk]);

    await assert.rejects(openSqliteCatalog(path), { code: 'E_PERMISSION', hint: /as the owner/ });
  });

  test('on a full disk is no damaged one', async (t) => {
    const disk = await smallDisk(t);
    if (disk === undefined) return;
    await filledCatalog(join(disk, 'db/espejo.db'));
    await writeFile(join(disk, 'filler'), Buffer.alloc(4 << 20)).catch(() => undefined);
    const errors: { code?: string; hint?: string }[] = [];
    const note = (error: unknown): void => void errors.push(error as { code: string });

    await openSqliteCatalog(join(disk, 'new/espejo.db')).then((one) => one.close(), note);
    const catalog = await openSqliteCatalog(join(disk, 'db/espejo.db')).catch(note);
    if (catalog !== undefined) {
      await catalog.keepList([]).catch(note);
      await catalog.close();
    }
    await lockRoot(join(disk, 'db'), { purpose: 'x', waitMs: 0, signal }).then(
      (lock) => lock.release(),
      note,
    );

    assert.ok(errors.length > 0);
    assert.deepEqual([...new Set(errors.map(({ code }) => code))], ['E_DISK_FULL']);
    assert.ok(errors.every(({ hint }) => hint?.includes('free some space')));
  });

  test('is called damaged, and may be moved away, only when SQLite says so', () => {
    const hints = [1, 3, 5, 8, 10, 11, 13, 14, 26].map((errcode) => {
      const cause = Object.assign(new Error('reason'), { code: 'ERR_SQLITE_ERROR', errcode });
      return [errcode, /move it away/.test(sqliteError(join(tmpdir(), 'x.db'), cause).hint ?? '')] as const;
    });

    assert.deepEqual(
      hints.filter(([, away]) => away).map(([code]) => code),
      [11, 26],
    );
  });
});

describe('a root directory that cannot be', () => {
  const places: readonly (readonly [string, (directory: string) => Promise<string>])[] = [
    ['below /proc', async () => '/proc/nope'],
    [
      'below a file',
      async (directory) => {
        await writeFile(join(directory, 'file'), '');
        return join(directory, 'file/root');
      },
    ],
    [
      'on a dangling link',
      async (directory) => {
        await symlink('nowhere', join(directory, 'link'));
        return join(directory, 'link');
      },
    ],
  ];
  for (const [what, make] of places) {
    test(`${what} is an error at once`, async (t) => {
      const root = await make(await directoryOf(t));
      const start = performance.now();

      await assert.rejects(openSqliteCatalog(join(root, 'db/espejo.db')), { code: 'E_IO' });
      await assert.rejects(lockRoot(join(root, 'db'), { purpose: 'x', waitMs: 0, signal }), { code: 'E_IO' });

      assert.ok(performance.now() - start < 5000);
    });
  }
});

test('a full quota is a full disk, though Node has no name for it', () => {
  const cause = Object.assign(new Error('x'), {
    code: 'Unknown system error -122',
    errno: -122,
    syscall: 'write',
  });

  assert.equal(systemCode(cause), 'EDQUOT');
  assert.equal((fileError(cause, 'cannot write x') as { code: string }).code, 'E_DISK_FULL');
});

async function filledCatalog(path: string): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  const catalog = await openSqliteCatalog(path);
  catalog.ledger.remember('a', { size: 1, mtimeMs: 1, inode: 1, sha256: 'a' });
  await catalog.close();
}

async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777;
}

async function directoryOf(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'espejo-places-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** A file system of 4 MiB; undefined when this machine does not permit one. */
async function smallDisk(t: TestContext): Promise<string | undefined> {
  const directory = await mkdtemp(join(tmpdir(), 'espejo-disk-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', directory]);
  t.after(async () => {
    if (status === 0) spawnSync('umount', ['--lazy', directory]);
    await rm(directory, { recursive: true, force: true });
  });
  if (status === 0) return directory;
  t.skip('mounting a tmpfs is not permitted here');
  return undefined;
}
