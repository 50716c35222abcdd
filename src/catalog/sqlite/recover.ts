import { randomBytes } from 'node:crypto';
import { copyFile, link, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { EspejoError, systemCode } from '../../core/errors.ts';
import { fileError, syncDirectory } from '../../core/files.ts';
import { type Repair, repairCatalog } from './repair.ts';
import { salvageRows } from './salvage.ts';
import { migrate } from './schema.ts';

export type Recovery = Repair & {
  /** Where the damaged file is now; undefined when the file itself was sound. */
  readonly setAside: string | undefined;
};

/**
 * Repairs a catalog file that no process uses. A damaged file stays beside the new one, which has what could be read; one
 * that is sound is only checked and repaired inside.
 * @param path of the catalog; when there is none, nothing is done
 * @throws E_CATALOG when nothing can be read, and then nothing is changed; E_LOCKED, E_DISK_FULL, E_PERMISSION, E_IO
 */
export async function recoverCatalog(path: string): Promise<Recovery> {
  if (!(await isThere(path))) return { dangling: [], remarks: [], setAside: undefined };
  if (isSound(path)) return { ...inside(path), setAside: undefined };
  const scratch = join(dirname(path), `.recover-${randomBytes(6).toString('hex')}`);
  try {
    await mkdir(scratch);
    const remarks = await salvageInto(join(scratch, 'new.db'), path, join(scratch, 'old.db'));
    const repair = inside(join(scratch, 'new.db'));
    const setAside = await replace(path, join(scratch, 'new.db'));
    return { dangling: repair.dangling, remarks: [...remarks, ...repair.remarks], setAside };
  } catch (cause) {
    throw fileError(cause, `cannot recover ${path}`);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Whether SQLite finds nothing wrong with the file. */
function isSound(path: string): boolean {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: 0 });
    // No other process may have it open: it would go on with the file that is set aside.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; BEGIN EXCLUSIVE; COMMIT');
    const [first] = database.prepare('PRAGMA integrity_check(1)').all();
    return first?.['integrity_check'] === 'ok';
  } catch (cause) {
    const primary = cause instanceof Error && 'errcode' in cause ? Number(cause.errcode) % 256 : 0;
    if (primary === 5) {
      throw new EspejoError('E_LOCKED', `the catalog ${path} is open in another process`, {
        cause,
        hint: 'stop the daemon and other commands, then run the same command again',
      });
    }
    if (systemCode(cause) !== 'ERR_SQLITE_ERROR') throw cause;
    return false;
  } finally {
    database?.close();
  }
}

/** @throws E_CATALOG */
function inside(path: string): Repair {
  const database = new DatabaseSync(path);
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    migrate(database);
    return repairCatalog(database);
  } finally {
    database.close();
  }
}

/** @returns what was lost */
async function salvageInto(path: string, damaged: string, copy: string): Promise<readonly string[]> {
  await copyFile(damaged, copy);
  if (await isThere(`${damaged}-wal`)) await copyFile(`${damaged}-wal`, `${copy}-wal`);
  const to = new DatabaseSync(path);
  let from: DatabaseSync | undefined;
  try {
    to.exec('PRAGMA synchronous = OFF');
    migrate(to);
    await mendHeader(copy, path);
    from = new DatabaseSync(copy);
    const losses = salvageRows(from, to);
    if (isEmpty(to)) throw unreadable(damaged);
    return losses.map(({ table, saved }) => `the table ${table} was damaged: ${saved} rows of it are saved`);
  } catch (cause) {
    if (systemCode(cause) !== 'ERR_SQLITE_ERROR') throw cause;
    throw unreadable(damaged, cause);
  } finally {
    from?.close();
    to.close();
  }
}

function isEmpty(database: DatabaseSync): boolean {
  return ['objects', 'packages', 'package_bodies'].every(
    (table) => database.prepare(`SELECT 1 FROM ${table}`).get() === undefined,
  );
}

function unreadable(path: string, cause?: unknown): EspejoError {
  return new EspejoError(
    'E_CATALOG',
    `nothing can be read of the catalog ${path}; it stays as it is: restore it from a backup, or move it away and sync or import again (the pool is kept, but do not clean it up before)`,
    { cause },
  );
}

const headerBytes = 100;

/** The first bytes of a database are the same for all catalogs but for counters, which SQLite does without. */
async function mendHeader(damaged: string, fresh: string): Promise<void> {
  const magic = Buffer.from('SQLite format 3\0');
  const file = await open(damaged, 'r+');
  try {
    const { buffer } = await file.read(Buffer.alloc(headerBytes), 0, headerBytes, 0);
    if (buffer.subarray(0, magic.length).equals(magic) && buffer.readUInt16BE(16) >= 512) return;
    const model = await open(fresh, 'r');
    try {
      const { buffer: header } = await model.read(Buffer.alloc(headerBytes), 0, headerBytes, 0);
      const pages = Math.floor((await file.stat()).size / header.readUInt16BE(16));
      header.writeUInt32BE(pages, 28);
      await file.write(header, 0, headerBytes, 0);
    } finally {
      await model.close();
    }
  } finally {
    await file.close();
  }
}

/**
 * Puts the new file in the place of the damaged one, which gets a second name first. The log of the damaged one goes before
 * the new file comes, to which it must not be applied.
 * @returns the second name
 */
async function replace(path: string, fresh: string): Promise<string> {
  const setAside = `${path}.damaged-${randomBytes(4).toString('hex')}`;
  await link(path, setAside);
  if (await isThere(`${path}-wal`)) await link(`${path}-wal`, `${setAside}-wal`);
  await syncDirectory(dirname(path));
  for (const suffix of ['-wal', '-shm']) await rm(path + suffix, { force: true });
  await rename(fresh, path);
  await syncDirectory(dirname(path));
  return setAside;
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return false;
    throw fileError(cause, `cannot read ${path}`);
  }
}
