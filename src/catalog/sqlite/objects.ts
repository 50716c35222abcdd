import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { zstdDecompressSync } from 'node:zlib';
import { EspejoError } from '../../core/errors.ts';
import {
  type AdoptedDatabase,
  type AdoptedPackage,
  type Change,
  nameTaken,
  type ObjectChanges,
  type ObjectKind,
  type Objects,
  type ObjectsByKind,
  type PackagePlaces,
  type Retained,
} from '../objects.ts';
import type { ListId, PackageFileRecord, PackageRecord } from '../packages.ts';
import { withoutSecrets } from '../without-secrets.ts';
import type { PackageLists } from './package-lists.ts';
import { packContents, StagedPackages } from './staged-packages.ts';
import { withoutWaiting } from './without-waiting.ts';

type Transactions = {
  read<Result>(work: () => Result): Result;
  write<Result>(work: () => Result): Result;
  /** Then nothing that only saves work is remembered. */
  readonly isReadOnly: boolean;
};

/** Objects as JSON, one row each; their lists are those of {@link PackageLists}. */
export class SqliteObjects implements Objects {
  readonly #database: DatabaseSync;
  readonly #lists: PackageLists;
  readonly #transactions: Transactions;
  readonly #statements: Statements;

  constructor(database: DatabaseSync, lists: PackageLists, transactions: Transactions) {
    this.#database = database;
    this.#lists = lists;
    this.#transactions = transactions;
    this.#statements = prepareAll(database);
  }

  async find<Kind extends ObjectKind>(kind: Kind, name: string): Promise<ObjectsByKind[Kind] | undefined> {
    return this.#transactions.read(() => parseObject(kind, this.#statements.byName.get(kind, name)));
  }

  async byUuid<Kind extends ObjectKind>(kind: Kind, uuid: string): Promise<ObjectsByKind[Kind] | undefined> {
    return this.#transactions.read(() => parseObject(kind, this.#statements.byUuid.get(kind, uuid)));
  }

  async all<Kind extends ObjectKind>(kind: Kind): Promise<readonly ObjectsByKind[Kind][]> {
    return this.#transactions.read(() =>
      this.#statements.all.all(kind).flatMap((row) => parseObject(kind, row) ?? []),
    );
  }

  async change(changes: readonly Change[] | ObjectChanges): Promise<void> {
    this.#transactions.write(() => this.applyWithin(changes));
  }

  async adopt(
    packages: AsyncIterable<readonly AdoptedPackage[]>,
    changes: (keepPositions: (positions: Iterable<number>) => ListId) => readonly Change[],
    origin: AdoptedDatabase,
  ): Promise<void> {
    const staged = this.#transactions.read(() => new StagedPackages(this.#database));
    try {
      for await (const batch of packages) this.#transactions.read(() => staged.add(batch));
      this.#transactions.write(() => {
        const identityAt = staged.settle();
        this.applyWithin(
          changes((positions) => this.#lists.storeMembers(new Map(Array.from(positions, identityAt)))),
        );
        this.#rememberAdopted(origin);
      });
    } finally {
      this.#transactions.read(() => staged.drop());
    }
  }

  async adopted(place: string): Promise<AdoptedDatabase | undefined> {
    return this.#transactions.read(() => {
      const row = this.#statements.adopted.get(place);
      if (row === undefined) return undefined;
      return { place, sequence: Number(row['sequence']), fingerprint: String(row['fingerprint']) };
    });
  }

  async rememberAdopted(origin: AdoptedDatabase): Promise<void> {
    this.#transactions.write(() => this.#rememberAdopted(origin));
  }

  async allPackages(): Promise<readonly PackageRecord[]> {
    return this.#transactions.read(() => this.#lists.all());
  }

  async retain(keep: readonly ListId[], { dryRun }: { readonly dryRun: boolean }): Promise<Retained> {
    return this.#transactions.write(() => {
      const { used, missing } = this.#lists.survey(keep);
      const packages = this.#statements.places.all().map(placeOf);
      const there = new Set(packages.filter(({ body }) => body).map(({ id }) => id));
      const lost = [...used].filter((id) => !there.has(id)).length;
      const retained = {
        removed: packages.filter(({ id }) => !used.has(id)),
        kept: packages.filter(({ id }) => used.has(id)),
      };
      if (dryRun) return retained;
      if (missing.length + lost > 0) throw incomplete(missing.length, lost);
      for (const { id, key, digest } of retained.removed) {
        this.#statements.dropPackage.run(key, digest);
        this.#statements.dropBody.run(id);
      }
      this.#lists.noteRemoval();
      const keptLists = new Set(keep);
      for (const { id } of this.#statements.lists.all()) {
        if (!keptLists.has(String(id))) this.#statements.dropList.run(String(id));
      }
      this.#statements.dropContents.run();
      return retained;
    });
  }

  async contents(key: string): Promise<readonly string[] | undefined> {
    return this.#transactions.read(() => {
      const row = this.#statements.contents.get(key);
      if (row === undefined) return undefined;
      const text = zstdDecompressSync(row['paths'] as Uint8Array).toString('utf8');
      return text === '' ? [] : text.split('\n');
    });
  }

  async rememberContents(key: string, paths: readonly string[]): Promise<void> {
    if (this.#transactions.isReadOnly) return;
    const packed = packContents(paths);
    withoutWaiting(this.#database, () =>
      this.#transactions.write(() => this.#statements.rememberContents.run(key, packed)),
    );
  }

  #rememberAdopted({ place, sequence, fingerprint }: AdoptedDatabase): void {
    this.#statements.rememberAdopted.run(place, sequence, fingerprint);
  }

  /** As {@link change}, for callers that own the transaction. */
  applyWithin(wanted: readonly Change[] | ObjectChanges): void {
    const changes = typeof wanted === 'function' ? wanted(this.#lists) : wanted;
    for (const change of changes) {
      if ('drop' in change) this.#statements.drop.run(change.drop, change.uuid);
    }
    for (const change of changes) {
      if ('save' in change) this.#save(change.save, change.object);
    }
  }

  /** Drops an object by its name, for callers that own the transaction. */
  dropWithin(kind: ObjectKind, name: string): void {
    this.#statements.dropNamed.run(kind, name);
  }

  #save<Kind extends ObjectKind>(kind: Kind, object: ObjectsByKind[Kind]): void {
    const namesake = parseObject(kind, this.#statements.byName.get(kind, object.name));
    if (namesake !== undefined && namesake.uuid !== object.uuid) {
      throw nameTaken(kind, object.name);
    }
    this.#statements.save.run(kind, object.uuid, object.name, JSON.stringify(object));
  }
}

const statementTexts = {
  byName: 'SELECT record FROM objects WHERE kind = ? AND name = ?',
  byUuid: 'SELECT record FROM objects WHERE kind = ? AND uuid = ?',
  all: 'SELECT record FROM objects WHERE kind = ? ORDER BY name',
  save: 'INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?)',
  drop: 'DELETE FROM objects WHERE kind = ? AND uuid = ?',
  places: `
    SELECT packages.id, packages.key, packages.stanza_sha256 AS digest, package_bodies.files
    FROM packages LEFT JOIN package_bodies ON package_bodies.id = packages.id`,
  dropPackage: 'DELETE FROM packages WHERE key = ? AND stanza_sha256 = ?',
  dropBody: 'DELETE FROM package_bodies WHERE id = ?',
  dropNamed: 'DELETE FROM objects WHERE kind = ? AND name = ?',
  lists: 'SELECT id FROM lists',
  dropList: 'DELETE FROM lists WHERE id = ?',
  adopted: 'SELECT sequence, fingerprint FROM adopted_databases WHERE place = ?',
  rememberAdopted: 'INSERT OR REPLACE INTO adopted_databases VALUES (?, ?, ?)',
  dropContents: 'DELETE FROM package_contents WHERE key NOT IN (SELECT key FROM packages)',
  contents: 'SELECT paths FROM package_contents WHERE key = ?',
  rememberContents: 'INSERT OR REPLACE INTO package_contents VALUES (?, ?)',
} as const;

type Statements = { readonly [Name in keyof typeof statementTexts]: StatementSync };

function prepareAll(database: DatabaseSync): Statements {
  const entries = Object.entries(statementTexts).map(
    ([name, text]) => [name, database.prepare(text)] as const,
  );
  return Object.fromEntries(entries) as Statements;
}

function parseObject<Kind extends ObjectKind>(
  kind: Kind,
  row: Record<string, unknown> | undefined,
): ObjectsByKind[Kind] | undefined {
  if (row === undefined) return undefined;
  return withoutSecrets(kind, JSON.parse(String(row['record'])) as ObjectsByKind[Kind]);
}

type Place = PackagePlaces & {
  readonly id: number;
  readonly digest: string;
  /** Whether stanza and files are there. */
  readonly body: boolean;
};

function placeOf({ id, key, digest, files }: Record<string, unknown>): Place {
  const body = files !== null;
  const records = body ? (JSON.parse(String(files)) as readonly PackageFileRecord[]) : [];
  const poolPaths = records.map(({ poolPath }) => poolPath);
  return { id: Number(id), key: String(key), digest: String(digest), poolPaths, body };
}

function incomplete(lists: number, packages: number): EspejoError {
  return new EspejoError(
    'E_CATALOG',
    `the catalog lacks ${lists} package lists and ${packages} packages that are in use; nothing is removed`,
    { context: { lists, packages }, hint: 'run "espejo db recover"' },
  );
}
