import type { DatabaseSync } from 'node:sqlite';
import { EspejoError } from '../../core/errors.ts';
import { foldSuites } from './fold-suites.ts';

/** The last version of another kind: catalogs of before the first release are not brought forward. */
const ancientVersion = 3;

type Migration = string | ((database: DatabaseSync) => void);

/** Each entry brings a catalog from one version to the next; the first one makes an empty catalog. */
const migrations: readonly Migration[] = [
  `
  CREATE TABLE packages (
    key TEXT NOT NULL,
    stanza_sha256 TEXT NOT NULL,
    id INTEGER NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    provides TEXT NOT NULL,
    PRIMARY KEY (key, stanza_sha256)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE package_bodies (id INTEGER PRIMARY KEY, stanza BLOB NOT NULL, files TEXT NOT NULL) STRICT;
  CREATE TABLE lists (id TEXT PRIMARY KEY, size INTEGER NOT NULL, members BLOB NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE mirrors (
    name TEXT PRIMARY KEY,
    selection_id TEXT NOT NULL,
    synced_at INTEGER NOT NULL,
    packages INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE suites (
    mirror TEXT NOT NULL REFERENCES mirrors (name) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    suite TEXT NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (mirror, position)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE publications (
    path TEXT PRIMARY KEY,
    storage TEXT NOT NULL,
    prefix TEXT NOT NULL,
    distribution TEXT NOT NULL,
    current TEXT,
    hold TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE generations (
    id TEXT NOT NULL,
    publication TEXT NOT NULL,
    input_id TEXT NOT NULL,
    date INTEGER NOT NULL,
    superseded_at INTEGER,
    hold TEXT,
    packages INTEGER NOT NULL,
    settings TEXT NOT NULL,
    components TEXT NOT NULL,
    object TEXT NOT NULL,
    PRIMARY KEY (publication, id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE indexes (sha256 TEXT PRIMARY KEY, size INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE pool_files (
    path TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    mtime_ms REAL NOT NULL,
    inode INTEGER NOT NULL,
    sha256 TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE objects (
    kind TEXT NOT NULL,
    uuid TEXT NOT NULL,
    name TEXT NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (kind, uuid),
    UNIQUE (kind, name)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE package_contents (key TEXT PRIMARY KEY, paths BLOB NOT NULL) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE adopted_databases (
    place TEXT PRIMARY KEY,
    sequence INTEGER NOT NULL,
    fingerprint TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  // aptly's words for what a snapshot or publication is made of give way to ours.
  `
  UPDATE objects SET record = json_set(record, '$.sourceKind', CASE json_extract(record, '$.sourceKind')
      WHEN 'repo' THEN 'mirror' WHEN 'local' THEN 'repo' ELSE json_extract(record, '$.sourceKind') END)
    WHERE kind IN ('snapshot', 'publication');
  UPDATE generations SET object = json_set(object, '$.sourceKind', 'repo')
    WHERE json_extract(object, '$.sourceKind') = 'local';
  `,
  foldSuites,
];

const currentVersion = ancientVersion + migrations.length;

/**
 * Brings a catalog to the schema of this program, in one transaction.
 * @throws E_CATALOG when a newer espejo has written it, or one of before the first release
 */
export function migrate(database: DatabaseSync): void {
  if (schemaVersion(database) === currentVersion) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    const version = schemaVersion(database);
    assertKnown(version);
    for (const migration of migrations.slice(Math.max(0, version - ancientVersion))) {
      if (typeof migration === 'string') database.exec(migration);
      else migration(database);
    }
    database.exec(`PRAGMA user_version = ${currentVersion}`);
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** @throws E_CATALOG as {@link migrate} */
export function schemaState(database: DatabaseSync): 'current' | 'older' {
  const version = schemaVersion(database);
  if (version === currentVersion) return 'current';
  assertKnown(version);
  return 'older';
}

function assertKnown(version: number): void {
  if (version > currentVersion) {
    throw new EspejoError(
      'E_CATALOG',
      `the catalog has schema ${version}, this espejo knows ${currentVersion}`,
      {
        hint: 'use the espejo that wrote it, or a newer one',
      },
    );
  }
  if (version > 0 && version <= ancientVersion) {
    throw new EspejoError(
      'E_CATALOG',
      `the catalog has schema ${version}, of an espejo before its first release`,
      {
        hint: 'move it away and sync again: the pool is kept and nothing is fetched twice',
      },
    );
  }
}

function schemaVersion(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
}
