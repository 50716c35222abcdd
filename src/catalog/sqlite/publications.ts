import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';
import { EspejoError } from '../../core/errors.ts';
import type {
  GenerationRecord,
  Hold,
  PublicationPlace,
  PublicationRecord,
  SnapshotRecord,
} from '../contract.ts';

/** Snapshots, publications and their generations. Callers own the transaction. */
export class Publications {
  readonly #snapshots: StatementSync;
  readonly #snapshotsOf: StatementSync;
  readonly #isTaken: StatementSync;
  readonly #addSnapshot: StatementSync;
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

  constructor(database: DatabaseSync) {
    this.#snapshots = database.prepare('SELECT * FROM snapshots ORDER BY name');
    this.#snapshotsOf = database.prepare('SELECT * FROM snapshots WHERE list = ?');
    this.#isTaken = database.prepare('SELECT 1 FROM snapshots WHERE name = ?');
    this.#addSnapshot = database.prepare('INSERT INTO snapshots VALUES (?, ?, ?, ?, ?)');
    this.#publication = database.prepare('SELECT * FROM publications WHERE path = ?');
    this.#publications = database.prepare('SELECT * FROM publications ORDER BY path');
    this.#addPublication = database.prepare(
      'INSERT OR IGNORE INTO publications VALUES (?, ?, ?, NULL, NULL)',
    );
    this.#setCurrent = database.prepare('UPDATE publications SET current = ?, hold = ? WHERE path = ?');
    this.#endHold = database.prepare('UPDATE publications SET hold = NULL WHERE path = ?');
    this.#generations = database.prepare(
      'SELECT * FROM generations WHERE publication = ? ORDER BY date DESC, id DESC',
    );
    this.#addGeneration = database.prepare(
      `INSERT OR REPLACE INTO generations
       (id, publication, input_id, date, superseded_at, hold, packages, settings, components) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#supersede = database.prepare(
      'UPDATE generations SET superseded_at = ? WHERE publication = ? AND id = ? AND superseded_at IS NULL',
    );
    this.#revive = database.prepare(
      'UPDATE generations SET superseded_at = NULL WHERE publication = ? AND id = ?',
    );
    this.#dropGeneration = database.prepare('DELETE FROM generations WHERE publication = ? AND id = ?');
  }

  recordSnapshot(snapshot: SnapshotRecord): SnapshotRecord {
    const equal = this.#snapshotsOf.all(snapshot.list).map(parseSnapshot);
    const same = equal.find(({ series }) => series === snapshot.series);
    if (same !== undefined) return same;
    const name = this.#freeName(snapshot.name);
    const { uuid, createdAt, list, ...record } = snapshot;
    this.#addSnapshot.run(uuid, name, createdAt, list, JSON.stringify(record));
    return { ...snapshot, name };
  }

  snapshots(): readonly SnapshotRecord[] {
    return this.#snapshots.all().map(parseSnapshot);
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

  addGeneration({ path, prefix, distribution }: PublicationPlace, one: GenerationRecord): void {
    this.#addPublication.run(path, prefix, distribution);
    this.#addGeneration.run(
      one.id,
      path,
      one.inputId,
      one.date,
      one.supersededAt,
      jsonOrNull(one.hold),
      one.packages,
      JSON.stringify(one.settings),
      JSON.stringify(one.components),
    );
  }

  makeCurrent(path: string, id: string, at: number): void {
    const generation = this.generations(path).find((one) => one.id === id);
    if (generation === undefined) throw new EspejoError('E_CATALOG', `${path}: has no generation ${id}`);
    const current = this.publication(path)?.current ?? null;
    if (current !== null && current !== id) this.#supersede.run(at, path, current);
    this.#revive.run(path, id);
    this.#setCurrent.run(id, jsonOrNull(generation.hold), path);
  }

  endHold(path: string): void {
    this.#endHold.run(path);
  }

  dropGenerations(path: string, ids: readonly string[]): void {
    for (const id of ids) this.#dropGeneration.run(path, id);
  }

  #freeName(name: string): string {
    let candidate = name;
    for (let number = 2; this.#isTaken.get(candidate) !== undefined; number += 1)
      candidate = `${name}-${number}`;
    return candidate;
  }
}

type Row = Record<string, SQLOutputValue>;

function parseSnapshot(row: Row): SnapshotRecord {
  return {
    ...(JSON.parse(String(row['record'])) as SnapshotRecord),
    uuid: String(row['uuid']),
    name: String(row['name']),
    createdAt: Number(row['created_at']),
    list: String(row['list']),
  };
}

function parsePublication(row: Row): PublicationRecord {
  return {
    path: String(row['path']),
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
  };
}

function parseHold(row: Row): Hold | null {
  return row['hold'] === null ? null : (JSON.parse(String(row['hold'])) as Hold);
}

function jsonOrNull(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}
