import {
  chmodSync,
  closeSync,
  copyFileSync,
  mkdtempSync,
  openSync,
  rmSync,
  type Stats,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { makeDirectory } from '../../core/directories.ts';
import { EspejoError, isEspejoError, systemCode } from '../../core/errors.ts';
import { fileError } from '../../core/files.ts';
import { migrate, schemaState } from './schema.ts';
import { guarded, sqliteCodeOf, sqliteCodes } from './sqlite-errors.ts';

/** How long a statement waits for another process's transaction. */
const busyTimeoutMs = 30_000;

const privateDirectory = 0o700;
const privateFile = 0o600;

/** An open catalog file. */
export type OpenDatabase = {
  readonly database: DatabaseSync;
  /** Why it can only be read; undefined when it can be written. */
  readonly readOnly: EspejoError | undefined;
};

/**
 * Opens the catalog file, making it when there is none; one that cannot be written, because the file system or its owner
 * does not allow it, is opened for reading. It holds passwords of upstreams, so nobody but its owner may read it; where an
 * owner has let a group in, it stays in.
 * @throws E_CATALOG, E_PERMISSION, E_DISK_FULL, E_IO, E_LOCKED
 */
export function openDatabase(path: string): OpenDatabase {
  if (path === ':memory:') return { database: opened(path, writable), readOnly: undefined };
  try {
    makePrivate(path);
    return { database: guarded(path, () => opened(path, writable)), readOnly: undefined };
  } catch (error) {
    const refused = asRefusal(error, path);
    if (!isEspejoError(refused, 'E_PERMISSION') || !isReadable(path)) throw refused;
    return { database: guarded(path, () => openForReading(path)), readOnly: refused };
  }
}

function asRefusal(error: unknown, path: string): unknown {
  return isEspejoError(error) ? error : fileError(error, `cannot open the catalog ${path}`);
}

/** Makes the directory and the file when they are not there, and closes them to others. */
function makePrivate(path: string): void {
  const directory = dirname(path);
  if (statSync(directory, { throwIfNoEntry: false }) === undefined) {
    makeDirectory(dirname(directory));
    makeDirectory(directory, privateDirectory);
  }
  closeSync(openSync(path, 'a', privateFile));
  closeToOthers(directory, privateDirectory);
  for (const suffix of ['', '-wal', '-shm']) closeToOthers(path + suffix, privateFile);
}

/** What is not ours stays as it is. */
function closeToOthers(path: string, mode: number): void {
  const facts: Stats | undefined = statSync(path, { throwIfNoEntry: false });
  if (facts === undefined || (facts.mode & 0o007) === 0) return;
  try {
    chmodSync(path, mode);
  } catch (error) {
    if (systemCode(error) !== 'EPERM' && systemCode(error) !== 'EROFS' && systemCode(error) !== 'ENOENT')
      throw error;
  }
}

function isReadable(path: string): boolean {
  try {
    closeSync(openSync(path, 'r'));
    return true;
  } catch {
    return false;
  }
}

function writable(database: DatabaseSync): void {
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;');
  migrate(database);
}

function opened(
  place: string | URL,
  prepare: (database: DatabaseSync) => void,
  options: { readonly readOnly?: true } = {},
): DatabaseSync {
  const database = new DatabaseSync(place, { timeout: busyTimeoutMs, ...options });
  try {
    prepare(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Beside a process that writes, SQLite reads in step with it. When nobody has the file open and nothing can be written, the
 * file is all there is; a log that was left behind is read into a copy.
 */
function openForReading(path: string): DatabaseSync {
  try {
    return opened(path, assertReadable, { readOnly: true });
  } catch (error) {
    const code = sqliteCodeOf(error);
    if (code !== sqliteCodes.cannotOpen && code !== sqliteCodes.readOnly) throw error;
  }
  const log = statSync(`${path}-wal`, { throwIfNoEntry: false });
  if (log !== undefined && log.size > 0) return openCopy(path);
  const place = pathToFileURL(path);
  place.searchParams.set('immutable', '1');
  return opened(place, assertReadable, { readOnly: true });
}

/** The copy has no name any more when this returns. */
function openCopy(path: string): DatabaseSync {
  const directory = mkdtempSync(join(tmpdir(), 'espejo-catalog-'));
  try {
    const copy = join(directory, 'espejo.db');
    for (const suffix of ['', '-wal']) copyFileSync(path + suffix, copy + suffix);
    return opened(copy, (database) => {
      // Without a shared file beside it the copy needs no name.
      database.exec('PRAGMA locking_mode = EXCLUSIVE');
      assertReadable(database);
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** @throws E_PERMISSION for a catalog that this program would have to change first; E_CATALOG */
function assertReadable(database: DatabaseSync): void {
  if (schemaState(database) === 'current') return;
  throw new EspejoError('E_PERMISSION', 'the catalog is of an older espejo and cannot be changed here', {
    hint: 'run any command as the owner of the root directory once, which brings it up to date',
  });
}
