import { createHash } from 'node:crypto';
import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';
import { sha256Hex } from '../../core/digest.ts';
import { EspejoError } from '../../core/errors.ts';
import type { ListId, PackageFileRecord, PackageRecord } from '../contract.ts';
import { decodeIds, encodeIds } from '../id-list.ts';

const catalogHint = 'restore the catalog from a backup, or move it away and sync again: the pool is kept';

/** Packages and the lists of them. Callers own the transaction. */
export class PackageLists {
  readonly #findPackage: StatementSync;
  readonly #addPackage: StatementSync;
  readonly #packagesById: StatementSync;
  readonly #allPackages: StatementSync;
  readonly #findList: StatementSync;
  readonly #addList: StatementSync;

  constructor(database: DatabaseSync) {
    this.#findPackage = database.prepare('SELECT id FROM packages WHERE key = ? AND stanza_sha256 = ?');
    this.#addPackage = database.prepare(
      `INSERT INTO packages (key, stanza_sha256, kind, name, version, architecture, stanza, files)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
    );
    this.#packagesById = database.prepare(
      'SELECT packages.* FROM json_each(?) AS wanted JOIN packages ON packages.id = wanted.value',
    );
    this.#allPackages = database.prepare('SELECT * FROM packages');
    this.#findList = database.prepare('SELECT size, members FROM lists WHERE id = ?');
    this.#addList = database.prepare('INSERT OR IGNORE INTO lists (id, size, members) VALUES (?, ?, ?)');
  }

  /** Keeps packages that are new and returns the list of all of them. */
  store(packages: readonly PackageRecord[]): ListId {
    const identities = new Map<number, string>();
    for (const one of packages) {
      const stanzaDigest = sha256Hex(one.stanza);
      identities.set(this.#idOf(one, stanzaDigest), identityOf(one.key, stanzaDigest));
    }
    return this.storeMembers(identities);
  }

  /** Keeps a list of packages that are kept already: their ids with their {@link identityOf}. */
  storeMembers(identities: ReadonlyMap<number, string>): ListId {
    const list = listIdOf([...identities.values()]);
    const ids = [...identities.keys()].sort((a, b) => a - b);
    this.#addList.run(list, ids.length, encodeIds(ids));
    return list;
  }

  /** How many packages are in at least one of the lists. */
  unionSize(lists: readonly ListId[]): number {
    return new Set(lists.flatMap((list) => this.#ids(list))).size;
  }

  size(list: ListId): number {
    return Number(this.#row(list)['size']);
  }

  members(list: ListId): readonly PackageRecord[] {
    const ids = this.#ids(list);
    const records = Array.from(this.#packagesById.iterate(JSON.stringify(ids)), parsePackage);
    if (records.length === ids.length) return records;
    throw new EspejoError('E_CATALOG', `the catalog lacks packages of the list ${list}`, {
      context: { expected: ids.length, found: records.length },
      hint: catalogHint,
    });
  }

  /** Every package that is kept, in no particular order. */
  all(): readonly PackageRecord[] {
    return Array.from(this.#allPackages.iterate(), parsePackage);
  }

  /** The ids of all members of some lists. */
  idsOf(lists: readonly ListId[]): ReadonlySet<number> {
    return new Set(lists.flatMap((list) => this.#ids(list)));
  }

  #idOf(one: PackageRecord, stanzaDigest: string): number {
    const known = this.#findPackage.get(one.key, stanzaDigest);
    if (known !== undefined) return Number(known['id']);
    const files = JSON.stringify(one.files);
    const { key, kind, name, version, architecture, stanza } = one;
    const added = this.#addPackage.get(key, stanzaDigest, kind, name, version, architecture, stanza, files);
    return Number(added?.['id']);
  }

  #ids(list: ListId): number[] {
    return decodeIds(this.#row(list)['members'] as Uint8Array);
  }

  #row(list: ListId): Record<string, SQLOutputValue> {
    const row = this.#findList.get(list);
    if (row === undefined)
      throw new EspejoError('E_CATALOG', `the catalog has no package list ${list}`, { hint: catalogHint });
    return row;
  }
}

/** What makes a member of a list the same on every machine. */
export function identityOf(key: string, stanzaDigest: string): string {
  return `${key}\t${stanzaDigest}\n`;
}

/** SHA-256 over the sorted identities, so that it depends neither on the integers of this catalog nor on any order. */
function listIdOf(identities: readonly string[]): ListId {
  const hash = createHash('sha256');
  for (const identity of identities.toSorted()) hash.update(identity);
  return hash.digest('hex');
}

/** A row of the table `packages`. */
export function parsePackage(row: Record<string, SQLOutputValue>): PackageRecord {
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
