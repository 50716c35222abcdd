import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { MirrorState, StoredIndex, SuiteState, SyncCommit } from '../contract.ts';
import type { PackageLists } from './package-lists.ts';

/** The states of mirrors and the upstream indexes they rest on. Callers own the transaction. */
export class Suites {
  readonly #lists: PackageLists;
  readonly #mirror: StatementSync;
  readonly #mirrors: StatementSync;
  readonly #states: StatementSync;
  readonly #allStates: StatementSync;
  readonly #mirrorIndexes: StatementSync;
  readonly #dropMirror: StatementSync;
  readonly #addMirror: StatementSync;
  readonly #addState: StatementSync;
  readonly #index: StatementSync;
  readonly #addIndex: StatementSync;
  readonly #indexes: StatementSync;
  readonly #dropIndex: StatementSync;

  constructor(database: DatabaseSync, lists: PackageLists) {
    this.#lists = lists;
    this.#mirror = database.prepare('SELECT * FROM mirrors WHERE name = ?');
    this.#mirrors = database.prepare('SELECT name FROM mirrors ORDER BY name');
    this.#states = database.prepare('SELECT state FROM suites WHERE mirror = ? ORDER BY position');
    this.#allStates = database.prepare('SELECT state FROM suites');
    this.#mirrorIndexes = database.prepare(
      "SELECT value AS sha256 FROM objects, json_each(objects.record, '$.indexes') WHERE kind = 'mirror'",
    );
    this.#dropMirror = database.prepare('DELETE FROM mirrors WHERE name = ?');
    this.#addMirror = database.prepare('INSERT INTO mirrors VALUES (?, ?, ?, ?)');
    this.#addState = database.prepare('INSERT INTO suites VALUES (?, ?, ?, ?)');
    this.#index = database.prepare('SELECT sha256, size FROM indexes WHERE sha256 = ?');
    this.#addIndex = database.prepare('INSERT OR REPLACE INTO indexes VALUES (?, ?)');
    this.#indexes = database.prepare('SELECT sha256, size FROM indexes');
    this.#dropIndex = database.prepare('DELETE FROM indexes WHERE sha256 = ?');
  }

  mirror(name: string): MirrorState | undefined {
    const row = this.#mirror.get(name);
    if (row === undefined) return undefined;
    return {
      name,
      selectionId: String(row['selection_id']),
      syncedAt: Number(row['synced_at']),
      packages: Number(row['packages']),
      suites: this.#states.all(name).map(parseState),
    };
  }

  mirrors(): readonly MirrorState[] {
    return this.#mirrors.all().flatMap((row) => this.mirror(String(row['name'])) ?? []);
  }

  commit(commit: SyncCommit): MirrorState {
    const suites = commit.suites.map((suite): SuiteState => {
      const components = suite.components.map(({ name, packages }) => ({
        name,
        list: this.#lists.store(packages),
      }));
      return { ...suite, components };
    });
    const packages = this.#lists.unionSize(
      suites.flatMap((suite) => suite.components.map(({ list }) => list)),
    );
    this.#dropMirror.run(commit.name);
    this.#addMirror.run(commit.name, commit.selectionId, commit.syncedAt, packages);
    for (const [position, suite] of suites.entries()) {
      this.#addState.run(commit.name, position, suite.suite, JSON.stringify(suite));
    }
    return { ...commit, packages, suites };
  }

  storedIndex(sha256: string): StoredIndex | undefined {
    const row = this.#index.get(sha256);
    return row === undefined ? undefined : { sha256, size: Number(row['size']) };
  }

  rememberIndex({ sha256, size }: StoredIndex): void {
    this.#addIndex.run(sha256, size);
  }

  forgetUnusedIndexes(): readonly StoredIndex[] {
    const used = new Set([
      ...this.#allStates.all().flatMap((row) => Object.values(parseState(row).indexes)),
      ...this.#mirrorIndexes.all().map((row) => String(row['sha256'])),
    ]);
    const unused = this.#indexes
      .all()
      .map((row): StoredIndex => ({ sha256: String(row['sha256']), size: Number(row['size']) }))
      .filter(({ sha256 }) => !used.has(sha256));
    for (const { sha256 } of unused) this.#dropIndex.run(sha256);
    return unused;
  }
}

function parseState(row: Record<string, unknown>): SuiteState {
  return JSON.parse(String(row['state'])) as SuiteState;
}
