import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';
import { EspejoError } from '../../core/errors.ts';
import type { GenerationRecord, Hold, PublicationPlace, PublicationRecord } from '../contract.ts';

/** Publications and their generations. Callers own the transaction. */
export class Publications {
  readonly #publication: StatementSync;
  readonly #publications: StatementSync;
  readonly #addPublication: StatementSync;
  readonly #setCurrent: StatementSync;
  readonly #endHold: StatementSync;
  readonly #generations: StatementSync;
  readonly #addGeneration: StatementSync;
  readonly #supersede: StatementSync;
  readonly #revive: StatementSync;
  readonly #dropGeneration: StatementSync;
  readonly #dropAll: StatementSync;
  readonly #dropPublication: StatementSync;

  constructor(database: DatabaseSync) {
    this.#publication = database.prepare('SELECT * FROM publications WHERE path = ?');
    this.#publications = database.prepare('SELECT * FROM publications ORDER BY path');
    this.#addPublication = database.prepare(
      'INSERT OR IGNORE INTO publications VALUES (?, ?, ?, ?, NULL, NULL)',
    );
    this.#setCurrent = database.prepare('UPDATE publications SET current = ?, hold = ? WHERE path = ?');
    this.#endHold = database.prepare('UPDATE publications SET hold = NULL WHERE path = ?');
    this.#generations = database.prepare(
      'SELECT * FROM generations WHERE publication = ? ORDER BY date DESC, id DESC',
    );
    this.#addGeneration = database.prepare(
      `INSERT OR REPLACE INTO generations
       (id, publication, input_id, date, superseded_at, hold, packages, settings, components, object)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#supersede = database.prepare(
      'UPDATE generations SET superseded_at = ? WHERE publication = ? AND id = ? AND superseded_at IS NULL',
    );
    this.#revive = database.prepare(
      'UPDATE generations SET superseded_at = NULL WHERE publication = ? AND id = ?',
    );
    this.#dropGeneration = database.prepare('DELETE FROM generations WHERE publication = ? AND id = ?');
    this.#dropAll = database.prepare('DELETE FROM generations WHERE publication = ?');
    this.#dropPublication = database.prepare('DELETE FROM publications WHERE path = ?');
  }

  publication(path: string): PublicationRecord | undefined {
    const row = this.#publication.get(path);
    return row === undefined ? undefined : parsePublication(row);
  }

  publications(): readonly PublicationRecord[] {
    return this.#publications.all().map(parsePublication);
  }

  generations(publication: string): readonly GenerationRecord[] {
    return this.#generations.all(publication).map(parseGeneration);
  }

  addGeneration(
    { path, storage, prefix, distribution }: PublicationPlace,
    generation: GenerationRecord,
  ): void {
    this.#addPublication.run(path, storage, prefix, distribution);
    this.#addGeneration.run(
      generation.id,
      path,
      generation.inputId,
      generation.date,
      generation.supersededAt,
      jsonOrNull(generation.hold),
      generation.packages,
      JSON.stringify(generation.settings),
      JSON.stringify(generation.components),
      JSON.stringify(generation.object),
    );
  }

  /** @returns the generation */
  makeCurrent(path: string, id: string, at: number): GenerationRecord {
    const generation = this.generations(path).find((candidate) => candidate.id === id);
    if (generation === undefined) throw new EspejoError('E_CATALOG', `${path}: has no generation ${id}`);
    const current = this.publication(path)?.current ?? null;
    if (current !== null && current !== id) this.#supersede.run(at, path, current);
    this.#revive.run(path, id);
    this.#setCurrent.run(id, jsonOrNull(generation.hold), path);
    return generation;
  }

  endHold(path: string): void {
    this.#endHold.run(path);
  }

  dropGenerations(path: string, ids: readonly string[]): void {
    for (const id of ids) this.#dropGeneration.run(path, id);
  }

  drop(path: string): void {
    this.#dropAll.run(path);
    this.#dropPublication.run(path);
  }
}

type Row = Record<string, SQLOutputValue>;

function parsePublication(row: Row): PublicationRecord {
  return {
    path: String(row['path']),
    storage: String(row['storage']),
    prefix: String(row['prefix']),
    distribution: String(row['distribution']),
    current: row['current'] === null ? null : String(row['current']),
    hold: parseHold(row),
  };
}

function parseGeneration(row: Row): GenerationRecord {
  return {
    id: String(row['id']),
    publication: String(row['publication']),
    inputId: String(row['input_id']),
    date: Number(row['date']),
    supersededAt: row['superseded_at'] === null ? null : Number(row['superseded_at']),
    hold: parseHold(row),
    packages: Number(row['packages']),
    settings: JSON.parse(String(row['settings'])) as GenerationRecord['settings'],
    components: JSON.parse(String(row['components'])) as GenerationRecord['components'],
    object: JSON.parse(String(row['object'])) as GenerationRecord['object'],
  };
}

function parseHold(row: Row): Hold | null {
  return row['hold'] === null ? null : (JSON.parse(String(row['hold'])) as Hold);
}

function jsonOrNull(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}
