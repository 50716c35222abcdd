import type { DatabaseSync } from 'node:sqlite';
import type { EspejoError } from '../../core/errors.ts';
import type {
  Catalog,
  GenerationRecord,
  ListId,
  PackageRecord,
  PublicationPlace,
  PublicationRecord,
  StoredIndex,
} from '../contract.ts';
import type { Change } from '../objects.ts';
import { IndexStore } from './index-store.ts';
import { SqliteLedger } from './ledger.ts';
import { SqliteObjects } from './objects.ts';
import { type OpenDatabase, openDatabase } from './open-database.ts';
import { PackageLists } from './package-lists.ts';
import { Publications } from './publications.ts';
import { guarded } from './sqlite-errors.ts';

/**
 * Opens the catalog file, making it when there is none. One that cannot be written is opened for reading: then changes are
 * refused, and what is only remembered to save work is not remembered.
 * @throws E_CATALOG, E_PERMISSION, E_DISK_FULL, E_IO, E_LOCKED
 */
export async function openSqliteCatalog(path: string): Promise<Catalog> {
  return new SqliteCatalog(path, openDatabase(path));
}

class SqliteCatalog implements Catalog {
  readonly ledger: SqliteLedger;
  readonly objects: SqliteObjects;
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #refusal: EspejoError | undefined;
  readonly #lists: PackageLists;
  readonly #indexes: IndexStore;
  readonly #publications: Publications;

  constructor(path: string, { database, readOnly }: OpenDatabase) {
    this.#path = path;
    this.#database = database;
    this.#refusal = readOnly;
    const guard = <Result>(work: () => Result): Result => guarded(path, work);
    this.ledger = new SqliteLedger(database, { guard, isReadOnly: readOnly !== undefined });
    this.#lists = new PackageLists(database);
    this.#indexes = new IndexStore(database);
    this.#publications = new Publications(database);
    const transactions = {
      read: <Result>(work: () => Result): Result => this.#read(work),
      write: <Result>(work: () => Result): Result => this.#write(work),
      isReadOnly: readOnly !== undefined,
    };
    this.objects = new SqliteObjects(database, this.#lists, transactions);
  }

  get isReadOnly(): boolean {
    return this.#refusal !== undefined;
  }

  async packages(list: ListId): Promise<readonly PackageRecord[]> {
    return this.#read(() => this.#lists.members(list));
  }

  async keepList(packages: readonly PackageRecord[]): Promise<ListId> {
    return this.#write(() => this.#lists.keep(packages));
  }

  async listSize(list: ListId): Promise<number> {
    return this.#read(() => this.#lists.size(list));
  }

  async publication(path: string): Promise<PublicationRecord | undefined> {
    return this.#read(() => this.#publications.publication(path));
  }

  async publications(): Promise<readonly PublicationRecord[]> {
    return this.#read(() => this.#publications.publications());
  }

  async generations(publication: string): Promise<readonly GenerationRecord[]> {
    return this.#read(() => this.#publications.generations(publication));
  }

  async addGeneration(
    place: PublicationPlace,
    generation: GenerationRecord,
    also: readonly Change[] = [],
  ): Promise<void> {
    this.#write(() => {
      this.#publications.addGeneration(place, generation);
      this.objects.applyWithin(also);
    });
  }

  async makeCurrent(publication: string, generation: string, at: number): Promise<void> {
    this.#write(() => {
      const { object } = this.#publications.makeCurrent(publication, generation, at);
      this.objects.applyWithin([{ save: 'publication', object }]);
    });
  }

  async endHold(publication: string): Promise<void> {
    this.#write(() => this.#publications.endHold(publication));
  }

  async dropGenerations(publication: string, ids: readonly string[]): Promise<void> {
    this.#write(() => this.#publications.dropGenerations(publication, ids));
  }

  async dropPublication(path: string): Promise<void> {
    this.#write(() => {
      this.#publications.drop(path);
      this.objects.dropWithin('publication', path);
    });
  }

  async storedIndex(sha256: string): Promise<StoredIndex | undefined> {
    return this.#read(() => this.#indexes.find(sha256));
  }

  async rememberIndex(index: StoredIndex): Promise<void> {
    this.#write(() => this.#indexes.remember(index));
  }

  async forgetUnusedIndexes(): Promise<readonly StoredIndex[]> {
    return this.#write(() => this.#indexes.forgetUnused());
  }

  async compact(): Promise<void> {
    if (this.#refusal !== undefined) throw this.#refusal;
    guarded(this.#path, () => this.#database.exec('VACUUM; PRAGMA wal_checkpoint(TRUNCATE);'));
  }

  async close(): Promise<void> {
    this.#database.close();
  }

  /** One state of the catalog for all statements of `work`, whatever other processes commit meanwhile. */
  #read<Result>(work: () => Result): Result {
    return this.#transaction('BEGIN', work);
  }

  #write<Result>(work: () => Result): Result {
    if (this.#refusal !== undefined) throw this.#refusal;
    return this.#transaction('BEGIN IMMEDIATE', work);
  }

  #transaction<Result>(begin: 'BEGIN' | 'BEGIN IMMEDIATE', work: () => Result): Result {
    return guarded(this.#path, () => {
      this.#database.exec(begin);
      try {
        const result = work();
        this.#database.exec('COMMIT');
        return result;
      } catch (error) {
        if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
        throw error;
      }
    });
  }
}
