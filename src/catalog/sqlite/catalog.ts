import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { EspejoError, isEspejoError, systemCode } from '../../core/errors.ts';
import { fileError } from '../../core/files.ts';
import type {
  Catalog,
  GenerationRecord,
  ListId,
  MirrorState,
  PackageRecord,
  PublicationPlace,
  PublicationRecord,
  StoredIndex,
  SyncCommit,
} from '../contract.ts';
import type { ObjectChanges } from '../library.ts';
import { SqliteLedger } from './ledger.ts';
import { SqliteLibrary } from './library.ts';
import { PackageLists } from './package-lists.ts';
import { Publications } from './publications.ts';
import { migrate } from './schema.ts';
import { Suites } from './suites.ts';

/** How long a statement waits for another process's transaction. */
const busyTimeoutMs = 30_000;

/**
 * Opens the catalog file, making it when there is none.
 * @throws E_CATALOG, E_PERMISSION, E_DISK_FULL
 */
export async function openSqliteCatalog(path: string): Promise<Catalog> {
  try {
    if (path !== ':memory:') await mkdir(dirname(path), { recursive: true });
  } catch (cause) {
    throw fileError(cause, `cannot make ${dirname(path)}`);
  }
  return guarded(path, () => {
    const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
    try {
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;');
      migrate(database);
    } catch (error) {
      database.close();
      throw error;
    }
    return new SqliteCatalog(path, database);
  });
}

class SqliteCatalog implements Catalog {
  readonly ledger: SqliteLedger;
  readonly objects: SqliteLibrary;
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #lists: PackageLists;
  readonly #suites: Suites;
  readonly #publications: Publications;

  constructor(path: string, database: DatabaseSync) {
    this.#path = path;
    this.#database = database;
    this.ledger = new SqliteLedger(database, (work) => guarded(path, work));
    this.#lists = new PackageLists(database);
    this.#suites = new Suites(database, this.#lists);
    this.#publications = new Publications(database);
    const transactions = {
      read: <Result>(work: () => Result): Result => this.#read(work),
      write: <Result>(work: () => Result): Result => this.#write(work),
    };
    this.objects = new SqliteLibrary(database, this.#lists, transactions);
  }

  async mirror(name: string): Promise<MirrorState | undefined> {
    return this.#read(() => this.#suites.mirror(name));
  }

  async mirrors(): Promise<readonly MirrorState[]> {
    return this.#read(() => this.#suites.mirrors());
  }

  async commitSync(commit: SyncCommit, also?: (state: MirrorState) => ObjectChanges): Promise<MirrorState> {
    return this.#write(() => {
      const state = this.#suites.commit(commit);
      if (also !== undefined) this.objects.applyWithin(also(state));
      return state;
    });
  }

  async packages(list: ListId): ReturnType<Catalog['packages']> {
    return this.#read(() => this.#lists.members(list));
  }

  async keepList(packages: readonly PackageRecord[]): Promise<ListId> {
    return this.#write(() => this.#lists.store(packages));
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

  async addGeneration(place: PublicationPlace, generation: GenerationRecord): Promise<void> {
    this.#write(() => this.#publications.addGeneration(place, generation));
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
    return this.#read(() => this.#suites.storedIndex(sha256));
  }

  async rememberIndex(index: StoredIndex): Promise<void> {
    this.#write(() => this.#suites.rememberIndex(index));
  }

  async forgetUnusedIndexes(): Promise<readonly StoredIndex[]> {
    return this.#write(() => this.#suites.forgetUnusedIndexes());
  }

  async compact(): Promise<void> {
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

const sqliteBusy = 5;
const sqliteReadOnly = 8;
const sqliteFull = 13;
const sqliteCannotOpen = 14;

/** Runs `work` and turns the errors of SQLite into ours. */
function guarded<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    if (isEspejoError(cause) || systemCode(cause) !== 'ERR_SQLITE_ERROR') throw cause;
    throw sqliteError(path, cause as Error);
  }
}

function sqliteError(path: string, cause: Error): EspejoError {
  const primary = 'errcode' in cause ? Number(cause.errcode) % 256 : 0;
  switch (primary) {
    case sqliteBusy:
      return new EspejoError('E_LOCKED', `the catalog ${path} is held by another process`, {
        cause,
        hint: 'wait for it to end, then run the same command again',
      });
    case sqliteFull:
      return new EspejoError('E_DISK_FULL', `cannot write the catalog ${path}: the disk is full`, {
        cause,
        hint: 'free some space and run the same command again; nothing is lost',
      });
    case sqliteReadOnly:
    case sqliteCannotOpen:
      return new EspejoError(
        'E_PERMISSION',
        `cannot open the catalog ${path} for writing: ${cause.message}`,
        {
          cause,
          hint: 'check the owner and mode of the directory, or choose another root_dir',
        },
      );
    default:
      return new EspejoError('E_CATALOG', `the catalog ${path} cannot be used: ${cause.message}`, {
        cause,
        hint: 'run "espejo db recover", restore it from a backup, or move it away and sync again: the pool is kept and nothing is fetched twice',
      });
  }
}
