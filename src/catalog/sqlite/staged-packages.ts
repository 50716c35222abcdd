import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { zstdCompressSync } from 'node:zlib';
import { sha256Hex } from '../../core/digest.ts';
import { invariant } from '../../core/errors.ts';
import type { AdoptedPackage } from '../objects.ts';
import { identityOf, providesOf } from './package-lists.ts';

/**
 * Packages on their way in, in a temporary table: no other process sees them, none of them stays when this one dies,
 * and memory does not grow with their number. Callers own the transactions.
 */
export class StagedPackages {
  readonly #database: DatabaseSync;
  readonly #add: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    database.exec(`
      CREATE TEMPORARY TABLE staged (
        position INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT, stanza_sha256 TEXT, kind TEXT, provides TEXT,
        stanza BLOB, files TEXT, contents BLOB
      ) STRICT`);
    this.#add = database.prepare('INSERT INTO temp.staged VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)');
  }

  add(batch: readonly AdoptedPackage[]): void {
    for (const { record, contents } of batch) {
      const { key, kind, stanza, files } = record;
      const paths = contents === undefined ? null : packContents(contents);
      const digest = sha256Hex(stanza);
      this.#add.run(key, digest, kind, providesOf(record), stanza, JSON.stringify(files), paths);
    }
  }

  /** Keeps them all; gives the id and the {@link identityOf} of the package that came at a position from 0 on. */
  settle(): (position: number) => readonly [number, string] {
    const first = Number(
      this.#database.prepare('SELECT coalesce(max(id), 0) AS id FROM package_bodies').get()?.['id'],
    );
    this.#database.exec(`
      INSERT INTO packages SELECT key, stanza_sha256, ${first} + position, kind, provides
        FROM temp.staged WHERE true ORDER BY position ON CONFLICT DO NOTHING;
      INSERT INTO package_bodies SELECT packages.id, stanza, files
        FROM temp.staged JOIN packages ON packages.id = ${first} + position ORDER BY position;
      INSERT INTO package_contents SELECT key, contents FROM temp.staged WHERE contents IS NOT NULL ON CONFLICT DO NOTHING`);
    const rows = this.#database.prepare(`
      SELECT packages.id AS id, staged.key AS key, staged.stanza_sha256 AS digest FROM temp.staged AS staged
      JOIN packages ON packages.key = staged.key AND packages.stanza_sha256 = staged.stanza_sha256 ORDER BY position`);
    const members = Array.from(
      rows.iterate(),
      ({ id, key, digest }) => [Number(id), identityOf(String(key), String(digest))] as const,
    );
    return (position) => {
      const member = members[position];
      invariant(member !== undefined, 'lists refer to packages that came');
      return member;
    };
  }

  drop(): void {
    this.#database.exec('DROP TABLE temp.staged');
  }
}

/** Installed paths as the catalog keeps them. */
export function packContents(paths: readonly string[]): Buffer {
  return zstdCompressSync(Buffer.from(paths.join('\n')));
}
