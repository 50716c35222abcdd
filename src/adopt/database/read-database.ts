import type { FileFacts } from '../../core/digest.ts';
import type { Job } from '../../core/progress.ts';
import { type LevelDb, openLevelDb } from './leveldb/database.ts';
import {
  type PackagesOptions,
  prefixRange,
  readPackageKeys,
  readPackages,
  type StoredPackage,
} from './packages.ts';
import {
  type AptlyMirror,
  type AptlyPublication,
  type AptlyRepo,
  type AptlySnapshot,
  readChecksums,
  readMirror,
  readPublication,
  readRepo,
  readSnapshot,
} from './records.ts';
import { type DanglingReference, type PackageList, readReferenceLists } from './reference-lists.ts';

/** What an aptly database holds. Objects are in the order of their keys. */
export interface AptlyDatabase {
  readonly mirrors: readonly AptlyMirror[];
  readonly repos: readonly AptlyRepo[];
  readonly snapshots: readonly AptlySnapshot[];
  readonly publications: readonly AptlyPublication[];
  /** Of all packages, sorted bytewise, one character a byte; lists are positions in it. */
  readonly packageKeys: readonly string[];
  /**
   * By the UUID of a mirror, repository or snapshot. Absent for a mirror that was never updated, and for what is
   * empty. Lists of publications: {@link publicationList}.
   */
  readonly lists: ReadonlyMap<string, PackageList>;
  /** References to packages that are not there; lists are without them. */
  readonly dangling: readonly DanglingReference[];
  /**
   * Packages in the order of their keys, in batches; only those in lists unless asked otherwise.
   * @throws E_CATALOG for a malformed record, with its key; E_ABORTED
   */
  packages(options?: PackagesOptions): AsyncGenerator<readonly StoredPackage[], void>;
  /** What aptly remembers of a pool file. @throws E_CATALOG */
  checksums(poolPath: string): Promise<FileFacts | undefined>;
  /** Grows with every change that aptly makes. */
  readonly lastSequence: number;
  close(): Promise<void>;
}

/**
 * Reads the database of a stopped aptly, `<rootDir>/db`. Nothing is changed there.
 * @throws E_LOCKED while aptly works, E_CATALOG when it is no such database or damaged, E_IO, E_PERMISSION, E_ABORTED
 */
export async function readAptlyDatabase(directory: string, job: Job): Promise<AptlyDatabase> {
  const db = await openLevelDb(directory, job);
  try {
    return await readWith(db, job);
  } catch (error) {
    await db.close();
    throw error;
  }
}

/**
 * The packages of one component of a publication: for repositories the list as it was when published, for snapshots
 * the snapshot's; undefined when it is empty or its snapshot is gone.
 */
export function publicationList(
  database: Pick<AptlyDatabase, 'lists'>,
  publication: AptlyPublication,
  component: string,
): PackageList | undefined {
  const { uuid, sources, sourceKind } = publication;
  if (sourceKind === 'snapshot') return database.lists.get(sources.get(component) ?? '');
  const frozen = database.lists.get(uuid + component);
  return frozen ?? (sources.size === 1 ? database.lists.get(uuid) : undefined);
}

async function readWith(db: LevelDb, job: Job): Promise<AptlyDatabase> {
  const { report } = job;
  const mirrors = await readAll(db, 'R', readMirror);
  const repos = await readAll(db, 'L', readRepo);
  const snapshots = await readAll(db, 'S', readSnapshot);
  const publications = await readAll(db, 'U', readPublication);
  const packageKeys = await readPackageKeys(db);
  const owners = new Set([...mirrors, ...repos, ...snapshots, ...publications].map(({ uuid }) => uuid));
  for (const { uuid, sources } of publications) {
    for (const component of sources.keys()) owners.add(uuid + component);
  }
  const { lists, dangling, referenced } = await readReferenceLists(db, packageKeys, { owners, report });
  const counts = `${mirrors.length} mirrors, ${repos.length} repositories, ${snapshots.length} snapshots, ${publications.length} publications, ${packageKeys.length} packages`;
  report({ type: 'note', message: `the aptly database has ${counts}` });
  return {
    mirrors,
    repos,
    snapshots,
    publications,
    packageKeys,
    lists,
    dangling,
    packages: (options = {}) => readPackages(db, referenced, { ...job, ...options }),
    async checksums(poolPath) {
      const value = await db.get(Buffer.from(`C${poolPath}`));
      return value === undefined ? undefined : readChecksums(value, `C${poolPath}`);
    },
    lastSequence: db.lastSequence,
    close: () => db.close(),
  };
}

async function readAll<Value>(
  db: LevelDb,
  prefix: string,
  read: (value: Buffer, key: string) => Value,
): Promise<readonly Value[]> {
  const values: Value[] = [];
  for await (const batch of db.entries(prefixRange(prefix))) {
    for (const { key, value } of batch) values.push(read(value, key.toString('utf8')));
  }
  return values;
}
