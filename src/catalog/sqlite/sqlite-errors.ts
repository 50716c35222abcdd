import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EspejoError, isEspejoError, systemCode } from '../../core/errors.ts';
import { fileError } from '../../core/files.ts';

/** Primary result codes of SQLite. */
export const sqliteCodes = {
  permission: 3,
  busy: 5,
  readOnly: 8,
  io: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
} as const;

/** Runs `work` on the database of a path and turns the errors of SQLite into ours. */
export function guarded<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    if (isEspejoError(cause) || systemCode(cause) !== 'ERR_SQLITE_ERROR') throw cause;
    throw sqliteError(path, cause as Error);
  }
}

/** The primary result code of an error of SQLite; undefined for other errors. */
export function sqliteCodeOf(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) % 256 : undefined;
}

/**
 * What an error of SQLite means. It does not tell why the system refused something, so a small file is written beside the
 * database to find out: a disk or quota that is full looks like a damaged one otherwise.
 */
export function sqliteError(path: string, cause: Error): EspejoError {
  switch (sqliteCodeOf(cause)) {
    case sqliteCodes.busy:
      return new EspejoError('E_LOCKED', `${path} is held by another process`, {
        cause,
        hint: 'wait for it to end, then run the same command again',
      });
    case sqliteCodes.full:
      return diskFull(path, cause);
    case sqliteCodes.readOnly:
    case sqliteCodes.permission:
    case sqliteCodes.cannotOpen:
      return refusal(path) ?? notWritable(path, cause);
    case sqliteCodes.io:
      return (
        refusal(path) ??
        new EspejoError('E_IO', `${path} cannot be read or written: ${cause.message}`, {
          cause,
          hint: 'check the disk and the messages of the kernel, then run the same command again',
        })
      );
    case sqliteCodes.corrupt:
    case sqliteCodes.notADatabase:
      return new EspejoError('E_CATALOG', `${path} is damaged: ${cause.message}`, {
        cause,
        hint: 'run "espejo db recover", or restore db/ from a backup; move it away only when neither helps: repositories, snapshots and mirrors are nowhere else',
      });
    default:
      return new EspejoError('E_CATALOG', `${path} cannot be used: ${cause.message}`, {
        cause,
        hint: 'run "espejo db recover", or restore db/ from a backup',
      });
  }
}

function diskFull(path: string, cause: Error): EspejoError {
  return new EspejoError('E_DISK_FULL', `cannot write ${path}: the disk is full`, {
    cause,
    hint: 'free some space and run the same command again; nothing is lost',
  });
}

function notWritable(path: string, cause: Error): EspejoError {
  return new EspejoError('E_PERMISSION', `cannot open ${path}: ${cause.message}`, {
    cause,
    hint: 'check the owner and mode of the file and its directory, or run the command as their owner',
  });
}

const probeBytes = 64 * 1024;

/** Why the system refuses a file in the directory of the database; undefined when it does not. */
function refusal(path: string): EspejoError | undefined {
  const probe = join(dirname(path), `.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const file = openSync(probe, 'wx', 0o600);
    try {
      writeSync(file, Buffer.alloc(probeBytes));
      fsyncSync(file);
    } finally {
      closeSync(file);
      rmSync(probe, { force: true });
    }
    return undefined;
  } catch (cause) {
    const error = fileError(cause, `cannot write ${path}`);
    return isEspejoError(error) ? error : undefined;
  }
}
