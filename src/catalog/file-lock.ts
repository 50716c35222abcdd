import { closeSync, openSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { DatabaseSync } from 'node:sqlite';
import { sleep } from '../core/abort.ts';
import { systemCode } from '../core/errors.ts';
import { fileError } from '../core/files.ts';
import { type LockHolder, waitNoticeMs } from './lock-holder.ts';
import { sqliteCodeOf, sqliteCodes, sqliteError } from './sqlite/sqlite-errors.ts';

const pollMs = 250;

/** A lock that is held; released also by the end of the process, whatever ends it. */
export type FileLock = { release(): void };

/** Many may hold a lock `shared` at once; who holds it `exclusive` is alone. */
export type LockMode = 'shared' | 'exclusive';

/**
 * Tries to lock a file. The lock is an open SQLite transaction on a file without content: the operating system holds it,
 * across containers that share the directory too, and takes it back when the process dies.
 * @returns undefined while others hold it in a way that excludes this one
 * @throws E_PERMISSION, E_DISK_FULL, E_IO
 */
export function tryLockFile(path: string, mode: LockMode): FileLock | undefined {
  return openLock(path, {
    statements: mode === 'exclusive' ? 'BEGIN EXCLUSIVE' : sharing,
    readOnly: false,
  });
}

/** Whether somebody holds a lock file exclusively; one that is not there is held by nobody. @throws E_PERMISSION */
export function isLocked(path: string): boolean {
  const probe = openLock(path, { statements: sharing, readOnly: true });
  probe?.release();
  return probe === undefined;
}

/** A read within a transaction keeps the shared lock until its end. */
const sharing = 'BEGIN; SELECT count(*) FROM sqlite_schema';

function openLock(
  path: string,
  { statements, readOnly }: { readonly statements: string; readonly readOnly: boolean },
): FileLock | undefined {
  let database: DatabaseSync | undefined;
  try {
    if (!readOnly) closeSync(openSync(path, 'a', 0o600));
    database = new DatabaseSync(path, { timeout: 0, readOnly });
    database.exec(statements);
  } catch (cause) {
    database?.close();
    if (sqliteCodeOf(cause) === sqliteCodes.busy) return undefined;
    throw systemCode(cause) === 'ERR_SQLITE_ERROR'
      ? sqliteError(path, cause as Error)
      : fileError(cause, `cannot lock ${path}`);
  }
  const held = database;
  return { release: () => held.close() };
}

export type LockWait = {
  readonly waitMs: number;
  readonly signal: AbortSignal;
  /** Is told how long it may still take when the wait begins and every {@link waitNoticeMs} of it. */
  readonly onWait?: (remainingMs: number) => void;
};

/**
 * Locks a file, waiting up to `waitMs` for other holders.
 * @returns undefined when the wait was in vain
 * @throws E_PERMISSION, E_ABORTED
 */
export async function lockFile(
  path: string,
  mode: LockMode,
  { waitMs, signal, onWait }: LockWait,
): Promise<FileLock | undefined> {
  const start = Date.now();
  const deadline = start + waitMs;
  for (let noticeAt = start; ; ) {
    const lock = tryLockFile(path, mode);
    if (lock !== undefined) return lock;
    const now = Date.now();
    if (now >= deadline) return undefined;
    if (now >= noticeAt) {
      onWait?.(deadline - noticeAt);
      noticeAt += waitNoticeMs;
    }
    await sleep(Math.min(pollMs, deadline - now), signal);
  }
}

/** Says beside a lock that this process holds it. What cannot be written is missed by nobody but who asks. */
export async function writeHolder(path: string, purpose: string): Promise<void> {
  const holder: LockHolder = { pid: process.pid, host: hostname(), purpose, since: Date.now() };
  try {
    await rm(path, { force: true });
    await writeFile(path, JSON.stringify(holder), { mode: 0o600 });
  } catch (cause) {
    if (systemCode(cause) === undefined) throw cause;
  }
}

/** @returns undefined when nobody has said so, or just does. @throws E_IO */
export async function readHolder(path: string): Promise<LockHolder | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return isHolder(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || ['ENOENT', 'EACCES'].includes(systemCode(error) ?? ''))
      return undefined;
    throw fileError(error, `cannot read ${path}`);
  }
}

function isHolder(value: unknown): value is LockHolder {
  const { pid, host, purpose, since } = (value ?? {}) as Partial<LockHolder>;
  return (
    typeof pid === 'number' &&
    typeof host === 'string' &&
    typeof purpose === 'string' &&
    typeof since === 'number'
  );
}
