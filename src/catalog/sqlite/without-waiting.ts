import type { DatabaseSync } from 'node:sqlite';

/** Runs a write that is not waited for on the disk: for what a power failure may take, because it can be found again. */
export function withoutWaiting<Result>(database: DatabaseSync, write: () => Result): Result {
  database.exec('PRAGMA synchronous = NORMAL');
  try {
    return write();
  } finally {
    database.exec('PRAGMA synchronous = FULL');
  }
}
