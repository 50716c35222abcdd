import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';
import type { GenerationRecord, PublicationPlace, PublicationRecord, SnapshotRecord } from '../contract.ts';

type Hold = PublicationRecord['hold'];

/** Snapshots, publications and their generations. Callers own the transaction. */
export class Publications {
  readonly #snapshots: StatementSync;
  readonly #addSnapshot: StatementSync;
  readonly #publication: StatementSync;
  readonly #publications: StatementSync;
  readonly #addPublication: StatementSync;
  readonly #setCurrent: StatementSync;
  readonly #setHold: StatementSync;
  readonly #generations: StatementSync;
  readonly #addGeneration: StatementSync;
  readonly #supersede: StatementSync;
  readonly #revive: StatementSync;
  readonly #dropGeneration: StatementSync;

  constructor(database: DatabaseSync) {
    this.#snapshots = database.prepare('SELECT * FROM snapshots ORDER BY name');
    this.#addSnapshot = database.prepare('INSERT INTO snapshots VALUES (?, ?, ?, ?, ?)');
    this.#publication = database.prepare('SELECT * FROM publications WHERE path = ?');
    this.#publications = database.prepare('SELECT * FROM publications ORDER BY path');
    this.#addPublication = database.prepare(
      'INSERT OR IGNORE INTO publications VALUES (?, ?, ?, NULL, NULL)',
    );
    this.#setCurrent = database.prepare('UPDATE publications SET current = ?, hold = ? WHERE path = ?');
    this.#setHold = database.prepare('UPDATE publications SET hold = ? WHERE path = ?');
    this.#generations = database.prepare(
      'SELECT * FROM generations WHERE publication = ? ORDER BY date DESC, id DESC',
    );
    this.#addGeneration = database.prepare(
      'INSERT OR REPLACE INTO generations VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
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
    const taken = this.snapshots();
    const same = taken.find((one) => one.list === snapshot.list && one.series === snapshot.series);
    if (same !== undefined) return same;
    const name = freeName(snapshot.name, new Set(taken.map((one) => one.name)));
    const { uuid, createdAt, list, ...record } = snapshot;
    this.#addSnapshot.run(uuid, name, createdAt, list, JSON.stringify(record));
    return { ...snapshot, name };
  }

  snapshots(): readonly SnapshotRecord[] {
    return this.#snapshots.all().map((row) => ({
      ...(JSON.parse(String(row['record'])) as SnapshotRecord),
      uuid: String(row['uuid']),
      name: String(row['name']),
      createdAt: Number(row['created_at']),
      list: String(row['list']),
    }));
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
      one.packages,
      JSON.stringify(one.settings),
      JSON.stringify(one.components),
    );
  }

  makeCurrent(path: string, change: { generation: string; at: number; hold: Hold }): void {
    const current = this.publication(path)?.current ?? null;
    if (current !== null && current !== change.generation) this.#supersede.run(change.at, path, current);
    this.#revive.run(path, change.generation);
    this.#setCurrent.run(change.generation, jsonOrNull(change.hold), path);
  }

  setHold(path: string, hold: Hold): void {
    this.#setHold.run(jsonOrNull(hold), path);
  }

  dropGenerations(path: string, ids: readonly string[]): void {
    for (const id of ids) this.#dropGeneration.run(path, id);
  }
}

type Row = Record<string, SQLOutputValue>;

function parsePublication(row: Row): PublicationRecord {
  return {
    path: String(row['path']),
    prefix: String(row['prefix']),
    distribution: String(row['distribution']),
    current: row['current'] === null ? null : String(row['current']),
    hold: row['hold'] === null ? null : (JSON.parse(String(row['hold'])) as Hold),
  };
}

function parseGeneration(row: Row): GenerationRecord {
  return {
    id: String(row['id']),
    publication: String(row['publication']),
    inputId: String(row['input_id']),
    date: Number(row['date']),
    supersededAt: row['superseded_at'] === null ? null : Number(row['superseded_at']),
    packages: Number(row['packages']),
    settings: JSON.parse(String(row['settings'])) as GenerationRecord['settings'],
    components: JSON.parse(String(row['components'])) as GenerationRecord['components'],
  };
}

function jsonOrNull(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  let candidate = name;
  for (let number = 2; taken.has(candidate); number += 1) candidate = `${name}-${number}`;
  return candidate;
}
