/** What `sync` had of its mirrors until schema 7, as SQL. */
export const suiteTables = `
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
`;
