import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sleep } from '../core/abort.ts';
import { EspejoError, systemCode } from '../core/errors.ts';
import { fileError, writeFileAtomically } from '../core/files.ts';

const pollMs = 250;
/** How often a waiting process says that it waits. */
export const waitNoticeMs = 10_000;

export type RootLock = { release(): void };

export type LockOptions = {
  readonly purpose: string;
  readonly waitMs: number;
  readonly signal: AbortSignal;
  readonly onWait?: (remainingMs: number) => void;
};

/**
 * Takes the exclusive right to change a root directory, waiting up to `waitMs` for another holder. The right is an
 * open SQLite transaction on a file of its own, so the operating system takes it back when the process dies.
 * @param options.purpose what the holder does, shown to those who wait
 * @param options.onWait is told how long it may still take when the wait begins and every {@link waitNoticeMs} of it
 * @throws E_LOCKED when the wait is over, E_ABORTED, E_PERMISSION, E_DISK_FULL
 */
export async function lockRoot(
  databaseDirectory: string,
  { purpose, waitMs, signal, onWait }: LockOptions,
): Promise<RootLock> {
  const holderPath = join(databaseDirectory, 'lock.json');
  try {
    await mkdir(databaseDirectory, { recursive: true });
  } catch (cause) {
    throw fileError(cause, `cannot make ${databaseDirectory}`);
  }
  const start = Date.now();
  const deadline = start + waitMs;
  for (let noticeAt = start; ; ) {
    const lock = tryLock(join(databaseDirectory, 'lock.db'));
    if (lock !== undefined) {
      try {
        await writeFileAtomically(holderPath, JSON.stringify({ pid: process.pid, purpose }));
      } catch (error) {
        lock.release();
        throw error;
      }
      return lock;
    }
    const now = Date.now();
    if (now >= deadline) throw await heldError(databaseDirectory, holderPath);
    if (now >= noticeAt) {
      onWait?.(deadline - noticeAt);
      noticeAt += waitNoticeMs;
    }
    await sleep(pollMs, signal);
  }
}

function tryLock(path: string): RootLock | undefined {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: 0 });
    database.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    database?.close();
    if (cause instanceof Error && 'errcode' in cause && Number(cause.errcode) % 256 === 5) return undefined;
    throw new EspejoError(
      'E_PERMISSION',
      `cannot lock ${path}: ${cause instanceof Error ? cause.message : cause}`,
      {
        cause,
        hint: 'check the owner and mode of the directory, or choose another root_dir',
      },
    );
  }
  const held = database;
  return { release: () => held.close() };
}

async function heldError(root: string, holderPath: string): Promise<EspejoError> {
  const holder = await describeHolder(holderPath);
  return new EspejoError('E_LOCKED', `${root} is in use by ${holder}`, {
    hint: 'wait until it has ended, or raise -lock-wait',
  });
}

async function describeHolder(path: string): Promise<string> {
  try {
    const { pid, purpose } = JSON.parse(await readFile(path, 'utf8')) as { pid?: unknown; purpose?: unknown };
    return `process ${String(pid)} (${String(purpose)})`;
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || error instanceof SyntaxError) return 'another process';
    throw fileError(error, `cannot read ${path}`);
  }
}
