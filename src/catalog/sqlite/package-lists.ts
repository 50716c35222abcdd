import { createHash } from 'node:crypto';
import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';
import { sha256Hex } from '../../core/digest.ts';
import { EspejoError } from '../../core/errors.ts';
import type { ListId, PackageFileRecord, PackageRecord } from '../contract.ts';
import { decodeIds, encodeIds } from '../id-list.ts';

/** Packages and the lists of them. Callers own the transaction. */
export class PackageLists {
  readonly #findPackage: StatementSync;
  readonly #addPackage: StatementSync;
  readonly #packageById: StatementSync;
  readonly #identityById: StatementSync;
  readonly #findList: StatementSync;
  readonly #addList: StatementSync;

  constructor(database: DatabaseSync) {
    this.#findPackage = database.prepare('SELECT id FROM packages WHERE key = ? AND stanza_sha256 = ?');
    this.#addPackage = database.prepare(
      `INSERT INTO packages (key, stanza_sha256, kind, name, version, architecture, stanza, files)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
    );
    this.#packageById = database.prepare('SELECT * FROM packages WHERE id = ?');
    this.#identityById = database.prepare('SELECT key, stanza_sha256 FROM packages WHERE id = ?');
    this.#findList = database.prepare('SELECT size, members FROM lists WHERE id = ?');
    this.#addList = database.prepare('INSERT OR IGNORE INTO lists (id, size, members) VALUES (?, ?, ?)');
  }

  /** Keeps packages that are new and returns the list of all of them. */
  store(packages: readonly PackageRecord[]): ListId {
    return this.#storeIds(packages.map((one) => this.#idOf(one)));
  }

  union(lists: readonly ListId[]): ListId {
    return this.#storeIds(lists.flatMap((list) => this.#ids(list)));
  }

  size(list: ListId): number {
    return Number(this.#row(list)['size']);
  }

  members(list: ListId): readonly PackageRecord[] {
    return this.#ids(list).map((id) => this.#record(id));
  }

  #idOf(one: PackageRecord): number {
    const stanzaDigest = sha256Hex(one.stanza);
    const known = this.#findPackage.get(one.key, stanzaDigest);
    if (known !== undefined) return Number(known['id']);
    const files = JSON.stringify(one.files);
    const { key, kind, name, version, architecture, stanza } = one;
    const added = this.#addPackage.get(key, stanzaDigest, kind, name, version, architecture, stanza, files);
    return Number(added?.['id']);
  }

  #storeIds(ids: readonly number[]): ListId {
    const unique = [...new Set(ids)].sort((a, b) => a - b);
    const id = this.#digest(unique);
    this.#addList.run(id, unique.length, encodeIds(unique));
    return id;
  }

  /** SHA-256 over the sorted identities, so that it does not depend on the integers of this catalog. */
  #digest(ids: readonly number[]): ListId {
    const identities = ids.map((id) => {
      const row = this.#identityById.get(id);
      return `${String(row?.['key'])}\t${String(row?.['stanza_sha256'])}\n`;
    });
    const hash = createHash('sha256');
    for (const identity of identities.sort()) hash.update(identity);
    return hash.digest('hex');
  }

  #ids(list: ListId): number[] {
    return decodeIds(this.#row(list)['members'] as Uint8Array);
  }

  #row(list: ListId): Record<string, SQLOutputValue> {
    const row = this.#findList.get(list);
    if (row === undefined) throw new EspejoError('E_CATALOG', `the catalog has no package list ${list}`);
    return row;
  }

  #record(id: number): PackageRecord {
    const row = this.#packageById.get(id);
    if (row === undefined) throw new EspejoError('E_CATALOG', `the catalog has no package number ${id}`);
    return {
      key: String(row['key']),
      kind: row['kind'] as PackageRecord['kind'],
      name: String(row['name']),
      version: String(row['version']),
      architecture: String(row['architecture']),
      stanza: Buffer.from(row['stanza'] as Uint8Array),
      files: JSON.parse(String(row['files'])) as readonly PackageFileRecord[],
    };
  }
}
