import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { StoredIndex } from '../contract.ts';

/** Which upstream indexes are kept, and which of them mirrors rest on. Callers own the transaction. */
export class IndexStore {
  readonly #find: StatementSync;
  readonly #remember: StatementSync;
  readonly #forgetUnused: StatementSync;

  constructor(database: DatabaseSync) {
    this.#find = database.prepare('SELECT sha256, size FROM indexes WHERE sha256 = ?');
    this.#remember = database.prepare('INSERT OR REPLACE INTO indexes VALUES (?, ?)');
    this.#forgetUnused = database.prepare(
      `DELETE FROM indexes WHERE sha256 NOT IN (
         SELECT value FROM objects, json_each(objects.record, '$.indexes') WHERE kind = 'mirror'
       ) RETURNING sha256, size`,
    );
  }

  find(sha256: string): StoredIndex | undefined {
    return this.#find.all(sha256).map(storedIndex)[0];
  }

  remember({ sha256, size }: StoredIndex): void {
    this.#remember.run(sha256, size);
  }

  /** Those that no mirror was made from. */
  forgetUnused(): readonly StoredIndex[] {
    return this.#forgetUnused.all().map(storedIndex);
  }
}

function storedIndex({ sha256, size }: Record<string, unknown>): StoredIndex {
  return { sha256: String(sha256), size: Number(size) };
}
