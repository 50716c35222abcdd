import type { DatabaseSync } from 'node:sqlite';
import { sha256Hex } from '../../core/digest.ts';
import { isEspejoError } from '../../core/errors.ts';
import { Stanza } from '../../deb/control.ts';
import { filesHash } from '../../deb/files-hash.ts';
import { decodeIds } from '../id-list.ts';
import { kindNames, type MirrorObject, type ObjectKind } from '../objects.ts';
import type { ListId, PackageFileRecord, PackageRecord } from '../packages.ts';
import { identityOf, listIdOf, PackageLists, providesOf } from './package-lists.ts';

/** What a repair found and did. */
export type Repair = {
  /** Packages that local repositories named and that are not there, sorted: `P<arch> <name> <version> <hash>`. */
  readonly dangling: readonly string[];
  /** What else was wrong, each a sentence. */
  readonly remarks: readonly string[];
};

/**
 * Brings a catalog whose rows can be read into a state in which every reference leads somewhere, in one transaction:
 * packages whose paragraph is not what its digest says go, keys that are lost are made again from paragraphs and files,
 * lists are cut to what is there, and whoever had them has what is left.
 */
export function repairCatalog(database: DatabaseSync): Repair {
  database.exec('BEGIN IMMEDIATE');
  try {
    const remarks: string[] = [];
    remarks.push(...dropUnreadable(database), ...dropUnlikely(database));
    dropWrongHeads(database);
    remarks.push(...restoreHeads(database));
    const known = checkedPackages(database, remarks);
    const lists = repairedLists(database, known);
    const dangling = moveToRepaired(database, lists, remarks);
    database.exec('COMMIT');
    return { dangling, remarks };
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** Where JSON is kept, by table. */
const jsonColumns = {
  objects: ['record'],
  generations: ['settings', 'components', 'object'],
  package_bodies: ['files'],
} as const;

function dropUnreadable(database: DatabaseSync): readonly string[] {
  return Object.entries(jsonColumns).flatMap(([table, columns]) => {
    const valid = columns.map((column) => `json_valid(${column})`).join(' AND ');
    const { changes } = database.prepare(`DELETE FROM ${table} WHERE NOT (${valid})`).run();
    return changes === 0 ? [] : [`${changes} rows of ${table} were unreadable and are gone`];
  });
}

/** Objects whose record is not of the row that it stands in, or has no list, were damaged where nothing else tells it. */
function dropUnlikely(database: DatabaseSync): readonly string[] {
  const drop = database.prepare('DELETE FROM objects WHERE kind = ? AND uuid = ?');
  return database
    .prepare('SELECT * FROM objects ORDER BY kind, name')
    .all()
    .flatMap(({ kind, uuid, name, record }) => {
      const object: Readonly<Record<string, unknown>> = JSON.parse(String(record)) ?? {};
      const lists = kind === 'publication' ? object['lists'] : object['list'];
      const isListed = kind === 'mirror' ? lists !== undefined : (lists ?? undefined) !== undefined;
      if (object['uuid'] === uuid && object['name'] === name && isListed) return [];
      drop.run(kind ?? null, uuid ?? null);
      return [`the record of ${kind} ${name} was damaged and is gone`];
    });
}

/** Keys that are not those of the paragraphs beside them are made again. */
function dropWrongHeads(database: DatabaseSync): void {
  const rows = database.prepare(
    'SELECT packages.id, key, kind, stanza FROM packages JOIN package_bodies ON package_bodies.id = packages.id',
  );
  const wrong: number[] = [];
  for (const { id, key, kind, stanza } of rows.iterate()) {
    if (!isKeyOf(String(key), String(kind), Buffer.from(stanza as Uint8Array))) wrong.push(Number(id));
  }
  const drop = database.prepare('DELETE FROM packages WHERE id = ?');
  for (const id of wrong) drop.run(id);
}

function isKeyOf(key: string, kind: string, stanza: Buffer): boolean {
  if (kind === 'installer') return true;
  try {
    const paragraph = Stanza.kept(stanza, key);
    const architecture = kind === 'source' ? 'source' : paragraph.get('architecture');
    const start = `P${architecture} ${paragraph.get('package')} ${paragraph.get('version')} `;
    return key.startsWith(start) && /^[0-9a-f]{8,16}$/.test(key.slice(start.length));
  } catch (error) {
    // A paragraph that is damaged is another matter.
    if (isEspejoError(error)) return true;
    throw error;
  }
}

/** Gives a key again to the paragraphs that have lost it. */
function restoreHeads(database: DatabaseSync): readonly string[] {
  const rows = database
    .prepare('SELECT id, stanza, files FROM package_bodies WHERE id NOT IN (SELECT id FROM packages)')
    .all();
  const add = database.prepare('INSERT OR IGNORE INTO packages VALUES (?, ?, ?, ?, ?)');
  const drop = database.prepare('DELETE FROM package_bodies WHERE id = ?');
  let lost = 0;
  for (const { id, stanza, files } of rows) {
    const record = recordOf(Buffer.from(stanza as Uint8Array), String(files));
    const digest = sha256Hex(stanza as Uint8Array);
    const added =
      record === undefined
        ? 0
        : add.run(record.key, digest, Number(id), record.kind, providesOf(record)).changes;
    if (added !== 0) continue;
    drop.run(Number(id));
    lost += 1;
  }
  const restored = rows.length - lost;
  return [
    ...(restored === 0 ? [] : [`the keys of ${restored} packages were made again`]),
    ...(lost === 0 ? [] : [`${lost} packages had lost their keys and are gone`]),
  ];
}

/** Undefined for a paragraph that is none, and for installer images, whose key cannot be told from it. */
function recordOf(stanza: Buffer, files: string): PackageRecord | undefined {
  try {
    const records = JSON.parse(files) as readonly PackageFileRecord[];
    const kind = kindOf(records.map(({ name }) => name));
    const paragraph = Stanza.kept(stanza, 'a package of the catalog');
    const [name, version] = ['package', 'version'].map((field) => paragraph.get(field) ?? '');
    const architecture = kind === 'source' ? 'source' : (paragraph.get('architecture') ?? '');
    if (kind === undefined || !name || !version || architecture === '') return undefined;
    const digests = records.flatMap((file) => Object.values(file.digests));
    if (!digests.every((digest) => /^[0-9a-f]+$/.test(digest))) return undefined;
    const hash = filesHash(records.map((file) => ({ name: file.name, facts: file })));
    const key = `P${architecture} ${name} ${version} ${hash}`;
    return { key, kind, name, version, architecture, stanza, files: records };
  } catch (error) {
    if (isEspejoError(error) || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function kindOf(names: readonly string[]): PackageRecord['kind'] | undefined {
  if (names.some((name) => name.endsWith('.dsc'))) return 'source';
  if (names.some((name) => name.endsWith('.udeb'))) return 'udeb';
  return names.some((name) => /\.d?deb$/.test(name)) ? 'deb' : undefined;
}

type Known = {
  /** Key and {@link identityOf} by id, of packages that are whole. */
  readonly whole: ReadonlyMap<number, { readonly key: string; readonly identity: string }>;
  /** Keys of those that are not, by id. */
  readonly broken: ReadonlyMap<number, string>;
};

function checkedPackages(database: DatabaseSync, remarks: string[]): Known {
  const whole = new Map<number, { readonly key: string; readonly identity: string }>();
  const broken = new Map<number, string>();
  const rows = database.prepare(
    `SELECT packages.id AS id, key, stanza_sha256 AS digest, stanza
     FROM packages LEFT JOIN package_bodies ON package_bodies.id = packages.id`,
  );
  for (const row of rows.iterate()) {
    const [id, key, digest] = [Number(row['id']), String(row['key']), String(row['digest'])];
    if (row['stanza'] !== null && sha256Hex(row['stanza'] as Uint8Array) === digest)
      whole.set(id, { key, identity: identityOf(key, digest) });
    else broken.set(id, key);
  }
  const drop = ['packages', 'package_bodies'].map((table) =>
    database.prepare(`DELETE FROM ${table} WHERE id = ?`),
  );
  for (const id of broken.keys()) for (const statement of drop) statement.run(id);
  if (broken.size > 0) remarks.push(`${broken.size} packages were damaged and are gone`);
  return { whole, broken };
}

/** What became of lists that were not what they should be. */
type Repaired = {
  /** What stands for a list now. */
  readonly list: ListId;
  /** References that it lost; undefined when it cannot be told, because all of it is lost. */
  readonly lost: readonly string[] | undefined;
};

function repairedLists(database: DatabaseSync, { whole, broken }: Known): ReadonlyMap<ListId, Repaired> {
  const lists = new PackageLists(database);
  const repaired = new Map<ListId, Repaired>();
  const drop = database.prepare('DELETE FROM lists WHERE id = ?');
  for (const { id, members } of database.prepare('SELECT id, members FROM lists').all()) {
    const list = String(id);
    const ids = idsOf(members as Uint8Array);
    const there = new Map((ids ?? []).flatMap((member) => entryOf(member, whole.get(member)?.identity)));
    if (ids !== undefined && there.size === ids.length && listIdOf([...there.values()]) === list) continue;
    const lost = ids
      ?.filter((member) => !there.has(member))
      .map((member) => broken.get(member) ?? `package ${member}`);
    drop.run(list);
    // Members that are all there under another digest are numbers that were damaged themselves.
    const isTold = lost !== undefined && lost.length > 0;
    repaired.set(list, { list: lists.storeMembers(there), lost: isTold ? lost.sort() : undefined });
  }
  for (const list of referredLists(database)) {
    const isThere = database.prepare('SELECT 1 FROM lists WHERE id = ?').get(list) !== undefined;
    if (!isThere && !repaired.has(list))
      repaired.set(list, { list: lists.storeMembers(new Map()), lost: undefined });
  }
  return repaired;
}

function entryOf(id: number, identity: string | undefined): readonly (readonly [number, string])[] {
  return identity === undefined ? [] : [[id, identity]];
}

function idsOf(members: Uint8Array): readonly number[] | undefined {
  try {
    return decodeIds(members);
  } catch {
    return undefined;
  }
}

/** The records that refer to lists, by table and column, with what finds their row again. */
const recordsWithLists = [
  { table: 'objects', column: 'record', row: ['kind', 'uuid'] },
  { table: 'generations', column: 'components', row: ['publication', 'id'] },
  { table: 'generations', column: 'object', row: ['publication', 'id'] },
] as const;

function referredLists(database: DatabaseSync): ReadonlySet<ListId> {
  const lists = new Set<ListId>();
  for (const { table, column } of recordsWithLists) {
    for (const { text } of database.prepare(`SELECT ${column} AS text FROM ${table}`).all())
      withLists(JSON.parse(String(text)), (list) => {
        lists.add(list);
        return list;
      });
  }
  return lists;
}

/** Gives everything that had a damaged list the repaired one; tells who lost what. */
function moveToRepaired(
  database: DatabaseSync,
  lists: ReadonlyMap<ListId, Repaired>,
  remarks: string[],
): readonly string[] {
  const dangling = new Set<string>();
  for (const { table, column, row } of recordsWithLists) {
    const update = database.prepare(
      `UPDATE ${table} SET ${column} = ? WHERE ${row.map((name) => `${name} = ?`).join(' AND ')}`,
    );
    const rows = database.prepare(`SELECT *, ${column} AS text FROM ${table} ORDER BY ${row.join(', ')}`);
    for (const stored of rows.all()) {
      const losses: Repaired['lost'][] = [];
      const moved = withLists(JSON.parse(String(stored['text'])), (list) => {
        const repaired = lists.get(list);
        if (repaired === undefined) return list;
        losses.push(repaired.lost);
        return repaired.list;
      });
      if (losses.length === 0) continue;
      const mended = stored['kind'] === 'mirror' ? notMade(moved as MirrorObject) : moved;
      update.run(JSON.stringify(mended), ...row.map((name) => stored[name] ?? null));
      if (table !== 'objects') continue;
      const name = `${kindNames[stored['kind'] as ObjectKind]} ${stored['name']}`;
      for (const lost of losses) {
        if (stored['kind'] === 'repo' && lost !== undefined) for (const key of lost) dangling.add(key);
        else remarks.push(`${name} ${lossOf(lost)}`);
      }
    }
  }
  return [...dangling].sort();
}

/** Of what is not known to be made from something the next sync or update does all of its work. */
function notMade({ selection, madeFrom: _, ...mirror }: MirrorObject): MirrorObject {
  return selection === undefined ? mirror : { ...mirror, selection: { ...selection, id: '' } };
}

/** A record with other lists: what is called `list`, and the values of what is called `lists`. */
function withLists(record: unknown, change: (list: ListId) => ListId): unknown {
  if (Array.isArray(record)) return record.map((part) => withLists(part, change));
  if (typeof record !== 'object' || record === null) return record;
  const entries = Object.entries(record).map(([name, value]) => {
    if (name === 'list' && typeof value === 'string') return [name, change(value)];
    if (name !== 'lists' || typeof value !== 'object' || value === null)
      return [name, withLists(value, change)];
    const lists = Object.entries(value).map(([key, list]) => [key, change(String(list))]);
    return [name, Object.fromEntries(lists)];
  });
  return Object.fromEntries(entries);
}

function lossOf(lost: readonly string[] | undefined): string {
  return lost === undefined
    ? 'had a damaged list of packages; what could be read of it is kept'
    : `has lost ${lost.length} packages`;
}
