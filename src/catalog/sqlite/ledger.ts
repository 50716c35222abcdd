import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Ledger, LedgerEntry } from '../contract.ts';
import { withoutWaiting } from './without-waiting.ts';

/** Turns the errors of SQLite into ours. */
type Guard = <Result>(work: () => Result) => Result;

type LedgerRow = readonly [size: number, mtimeMs: number, inode: number, sha256: string];

/** The memory of verified pool files, one row a file. */
export class SqliteLedger implements Ledger {
  readonly #recall: StatementSync;
  readonly #remember: StatementSync;
  readonly #forget: StatementSync;
  readonly #paths: StatementSync;

  readonly #guard: Guard;
  /** Then nothing is remembered: it costs hashing, nothing else. */
  readonly #isReadOnly: boolean;
  readonly #database: DatabaseSync;

  constructor(
    database: DatabaseSync,
    { guard, isReadOnly }: { readonly guard: Guard; readonly isReadOnly: boolean },
  ) {
    this.#guard = guard;
    this.#isReadOnly = isReadOnly;
    this.#database = database;
    this.#recall = database.prepare('SELECT size, mtime_ms, inode, sha256 FROM pool_files WHERE path = ?');
    this.#recall.setReturnArrays(true);
    this.#remember = database.prepare('INSERT OR REPLACE INTO pool_files VALUES (?, ?, ?, ?, ?)');
    this.#paths = database.prepare('SELECT path FROM pool_files');
    this.#forget = database.prepare('DELETE FROM pool_files WHERE path = ?');
  }

  recall(path: string): LedgerEntry | undefined {
    const row = this.#guard(() => this.#recall.get(path)) as unknown as LedgerRow | undefined;
    if (row === undefined) return undefined;
    const [size, mtimeMs, inode, sha256] = row;
    return { size, mtimeMs, inode, sha256 };
  }

  /** Not waited for on the disk: an entry that a power failure takes costs one hashing, nothing else. */
  remember(path: string, entry: LedgerEntry): void {
    if (this.#isReadOnly) return;
    const { size, mtimeMs, inode, sha256 } = entry;
    this.#guard(() =>
      withoutWaiting(this.#database, () => this.#remember.run(path, size, mtimeMs, inode, sha256)),
    );
  }

  rememberAll(entries: ReadonlyMap<string, LedgerEntry>): void {
    this.#atOnce(() => {
      for (const [path, { size, mtimeMs, inode, sha256 }] of entries)
        this.#remember.run(path, size, mtimeMs, inode, sha256);
    });
  }

  forget(path: string): void {
    if (this.#isReadOnly) return;
    this.#guard(() => withoutWaiting(this.#database, () => this.#forget.run(path)));
  }

  forgetAll(paths: Iterable<string>): void {
    this.#atOnce(() => {
      for (const path of paths) this.#forget.run(path);
    });
  }

  forgetAllBut(paths: ReadonlySet<string>): void {
    this.#atOnce(() => {
      const known = this.#paths.all().map((row) => String(row['path']));
      for (const path of known) if (!paths.has(path)) this.#forget.run(path);
    });
  }

  /** One transaction for all rows, and not waited for: a row of a file that is gone is dropped when it is asked for. */
  #atOnce(work: () => void): void {
    if (this.#isReadOnly) return;
    this.#guard(() =>
      withoutWaiting(this.#database, () => {
        this.#database.exec('BEGIN IMMEDIATE');
        try {
          work();
          this.#database.exec('COMMIT');
        } catch (error) {
          if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
          throw error;
        }
      }),
    );
  }
}
