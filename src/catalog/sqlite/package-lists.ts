import { createHash } from 'node:crypto';
import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';
import { sha256Hex } from '../../core/digest.ts';
import { EspejoError } from '../../core/errors.ts';
import { Stanza } from '../../deb/control.ts';
import type { ListId, PackageRecord } from '../contract.ts';
import { decodeIds, encodeIds } from '../id-list.ts';
import type { ListKeeper } from '../objects.ts';
import { KeptPackage, PackageBodies, type PackageHead } from './kept-package.ts';

const catalogHint =
  'run "espejo db recover", restore the catalog from a backup, or move it away and sync again: the pool is kept';

/** Packages and the lists of them. Callers own the transaction. */
export class PackageLists implements ListKeeper {
  readonly #bodies: PackageBodies;
  readonly #findPackage: StatementSync;
  readonly #addPackage: StatementSync;
  readonly #addBody: StatementSync;
  readonly #packagesById: StatementSync;
  readonly #allPackages: StatementSync;
  readonly #lastId: StatementSync;
  readonly #findList: StatementSync;
  readonly #addList: StatementSync;

  constructor(database: DatabaseSync) {
    this.#bodies = new PackageBodies(database);
    this.#findPackage = database.prepare('SELECT id FROM packages WHERE key = ? AND stanza_sha256 = ?');
    this.#addPackage = database.prepare('INSERT INTO packages VALUES (?, ?, ?, ?, ?)');
    this.#addBody = database.prepare('INSERT INTO package_bodies (stanza, files) VALUES (?, ?) RETURNING id');
    this.#packagesById = database.prepare(
      `SELECT packages.* FROM json_each(?) AS wanted JOIN packages ON packages.id = wanted.value
       ORDER BY key, id`,
    );
    this.#allPackages = database.prepare('SELECT * FROM packages ORDER BY key, id');
    for (const statement of [this.#packagesById, this.#allPackages]) statement.setReturnArrays(true);
    this.#lastId = database.prepare('SELECT max(id) AS id FROM package_bodies');
    this.#findList = database.prepare('SELECT size, members FROM lists WHERE id = ?');
    this.#addList = database.prepare('INSERT OR IGNORE INTO lists (id, size, members) VALUES (?, ?, ?)');
  }

  /** Keeps packages that are new and returns the list of all of them. */
  keep(packages: readonly PackageRecord[]): ListId {
    const { epoch } = this.#bodies;
    const identities = new Map<number, string>();
    for (const pkg of packages) {
      if (pkg instanceof KeptPackage && pkg.epoch === epoch) {
        identities.set(pkg.id, identityOf(pkg.key, pkg.digest));
        continue;
      }
      const stanzaDigest = sha256Hex(pkg.stanza);
      identities.set(this.#idOf(pkg, stanzaDigest), identityOf(pkg.key, stanzaDigest));
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

  sizeOfAll(lists: readonly ListId[]): number {
    return new Set(lists.flatMap((list) => this.#ids(list))).size;
  }

  /** Of those with one key the last. */
  union(lists: readonly ListId[]): ListId {
    const [first] = lists;
    if (first !== undefined && lists.length === 1) return first;
    const packages = lists.flatMap((list) => this.members(list));
    return this.keep([...new Map(packages.map((pkg) => [pkg.key, pkg])).values()]);
  }

  size(list: ListId): number {
    return Number(this.#row(list)['size']);
  }

  /** In the order of their keys. */
  members(list: ListId): readonly PackageRecord[] {
    const ids = this.#ids(list);
    const records = this.#isMostOfAll(ids.length) ? this.#among(ids) : this.#byIds(ids);
    if (records.length === ids.length) return records;
    throw new EspejoError('E_CATALOG', `the catalog lacks packages of the list ${list}`, {
      context: { expected: ids.length, found: records.length },
      hint: catalogHint,
    });
  }

  /** Every package that is kept, in the order of their keys. */
  all(): readonly KeptPackage[] {
    return this.#packagesOf(this.#allPackages.iterate());
  }

  /** To be told after packages were removed. */
  noteRemoval(): void {
    this.#bodies.noteRemoval();
  }

  /** The ids of all members of those lists that are there, and the lists that are not. */
  survey(lists: readonly ListId[]): {
    readonly used: ReadonlySet<number>;
    readonly missing: readonly ListId[];
  } {
    const used = new Set<number>();
    const missing: ListId[] = [];
    for (const list of new Set(lists)) {
      const row = this.#findList.get(list);
      if (row === undefined) missing.push(list);
      else for (const id of decodeIds(row['members'] as Uint8Array)) used.add(id);
    }
    return { used, missing };
  }

  /** A walk over all is quicker than to look up every fourth of them. */
  #isMostOfAll(wanted: number): boolean {
    return wanted * 4 > Number(this.#lastId.get()?.['id']);
  }

  #among(ids: readonly number[]): readonly KeptPackage[] {
    const wanted = new Set(ids);
    return this.#packagesOf(this.#allPackages.iterate(), (id) => wanted.has(id));
  }

  #byIds(ids: readonly number[]): readonly KeptPackage[] {
    return this.#packagesOf(this.#packagesById.iterate(JSON.stringify(ids)));
  }

  #packagesOf(
    rows: Iterable<unknown>,
    isWanted: (id: number) => boolean = () => true,
  ): readonly KeptPackage[] {
    const { epoch } = this.#bodies;
    const packages: KeptPackage[] = [];
    const list: number[] = [];
    for (const row of rows) {
      const head = row as PackageHead;
      const [, , id] = head;
      if (!isWanted(id)) continue;
      const at = list.push(id) - 1;
      packages.push(new KeptPackage(head, this.#bodies, { list, at, epoch }));
    }
    return packages;
  }

  #idOf(pkg: PackageRecord, stanzaDigest: string): number {
    const known = this.#findPackage.get(pkg.key, stanzaDigest);
    if (known !== undefined) return Number(known['id']);
    const id = Number(this.#addBody.get(pkg.stanza, JSON.stringify(pkg.files))?.['id']);
    this.#addPackage.run(pkg.key, stanzaDigest, id, pkg.kind, providesOf(pkg));
    return id;
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
export function listIdOf(identities: readonly string[]): ListId {
  const hash = createHash('sha256');
  for (const identity of identities.toSorted()) hash.update(identity);
  return hash.digest('hex');
}

/** What the column `provides` holds of a package: its field as it is written. */
export function providesOf({ kind, provides, stanza, key }: PackageRecord): string {
  if (provides !== undefined) return provides;
  if (kind === 'source' || kind === 'installer') return '';
  const cursor = Stanza.kept(stanza, `package ${key}`).cursor();
  while (cursor.advance()) if (cursor.named('provides')) return cursor.value();
  return '';
}
