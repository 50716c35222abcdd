import { publicationPath } from '../catalog/labels.ts';
import {
  type AdoptedDatabase,
  type Change,
  kindNames,
  nameTaken,
  type ObjectKind,
  type ObjectsByKind,
} from '../catalog/objects.ts';
import { sha256Hex } from '../core/digest.ts';
import { about } from '../core/errors.ts';
import type { Job } from '../core/progress.ts';
import type { NoRequest, Ports } from '../packages/ports.ts';
import { objectsOf } from './adopted-objects.ts';
import {
  adoptedPackages,
  lookForAppStream,
  type PackageTally,
  reportMissing,
  reportOdd,
} from './adopted-packages.ts';
import { aptlyDatabaseOf } from './aptly-database-place.ts';
import { fingerprintLevelDb } from './database/leveldb/database.ts';
import { type AptlyDatabase, readAptlyDatabase } from './database/read-database.ts';
import type { PackageList } from './database/reference-lists.ts';

export type Adoption = {
  /** Directory of the database that was read. */
  readonly database: string;
  /** What aptly has of each kind. */
  readonly found: Readonly<Record<ObjectKind, number>>;
  /** Objects that were not here or have another content now; the others were left alone. */
  readonly changed: number;
  /** Texts of the objects that were changed here since they came and so stay as they are. */
  readonly kept: readonly string[];
  readonly packages: number;
  /** Of these, those with something odd in them; warnings say what. */
  readonly oddPackages: number;
  readonly filesFound: number;
  /** Absolute paths. */
  readonly filesMissing: readonly string[];
};

/**
 * Takes over what an aptly has in the root directory: mirrors, repositories, snapshots, publications with what they
 * published, packages and where their files are. Nothing of aptly's is changed; here everything happens in one
 * transaction at the end. To do it again takes over what has changed in aptly meanwhile, except for objects that were
 * changed here since; what aptly has dropped stays here, what was dropped here comes back.
 * @throws E_LOCKED while aptly works; E_CATALOG when there is no database or it is damaged; E_NAME_TAKEN when an object
 * made here has the name of one of aptly's; E_CONFIG_INVALID for an etcd database; E_IO, E_PERMISSION, E_ABORTED
 */
export async function adoptAptly(ports: Ports, _request: NoRequest, job: Job): Promise<Adoption> {
  return await ports.exclusively('import from aptly', job.signal, () => adoptLocked(ports, job));
}

/** {@link adoptAptly} for who has the lock already. */
export async function adoptLocked(ports: Ports, job: Job): Promise<Adoption> {
  try {
    const { directory, place } = aptlyDatabaseOf(ports.config);
    const fingerprint = (await fingerprintLevelDb(directory)) ?? '';
    const database = await readAptlyDatabase(directory, job);
    try {
      const origin = { place, fingerprint, sequence: database.lastSequence };
      return { database: directory, ...(await adopt({ ports, database, origin }, job)) };
    } finally {
      await database.close();
    }
  } catch (error) {
    throw about('unable to import', error);
  }
}

type Source = {
  readonly ports: Ports;
  readonly database: AptlyDatabase;
  readonly origin: AdoptedDatabase;
};

async function adopt({ ports, database, origin }: Source, job: Job): Promise<Omit<Adoption, 'database'>> {
  warnOfUpdates(database, job);
  const present = await presentObjects(ports);
  assertNamesFree(database, present);
  const tally: PackageTally = { packages: 0, filesFound: 0, filesMissing: [], odd: [] };
  await lookForAppStream({ ports, database }, tally);
  const places = new Map<number, number>();
  const packages = adoptedPackages({ ports, database, job }, tally, (position) =>
    places.set(position, places.size),
  );
  let decision: Decision = { changes: [], changed: 0, kept: [] };
  await ports.catalog.objects.adopt(
    packages,
    (keepPositions) => {
      job.report({ type: 'phase', phase: 'commit', subject: 'the import from aptly' });
      const keep = (list: PackageList | undefined) =>
        keepPositions(Array.from(list ?? []).flatMap((position) => places.get(position) ?? []));
      const objects = objectsOf(database, keep);
      decision = joined([
        decide('mirror', objects.mirror, present.mirror),
        decide('repo', objects.repo, present.repo),
        decide('snapshot', objects.snapshot, present.snapshot),
        decide('publication', objects.publication, present.publication),
      ]);
      return decision.changes;
    },
    origin,
  );
  reportOdd(tally, job);
  reportMissing(tally, job);
  for (const object of decision.kept) {
    job.report({
      type: 'warning',
      message: `${object} was changed since it was imported; it stays as it is`,
    });
  }
  return {
    found: {
      mirror: database.mirrors.length,
      repo: database.repos.length,
      snapshot: database.snapshots.length,
      publication: database.publications.length,
    },
    changed: decision.changed,
    kept: decision.kept,
    packages: tally.packages,
    oddPackages: tally.odd.length,
    filesFound: tally.filesFound,
    filesMissing: tally.filesMissing,
  };
}

function warnOfUpdates({ mirrors }: AptlyDatabase, { report }: Job): void {
  for (const { name, updating, workerPid } of mirrors) {
    if (!updating) continue;
    const message = `mirror ${name}: an update by process ${workerPid} has not ended; what it had before is imported`;
    report({ type: 'warning', message });
  }
}

type Present = { readonly [Kind in ObjectKind]: readonly ObjectsByKind[Kind][] };

async function presentObjects({ catalog: { objects } }: Ports): Promise<Present> {
  return {
    mirror: await objects.all('mirror'),
    repo: await objects.all('repo'),
    snapshot: await objects.all('snapshot'),
    publication: await objects.all('publication'),
  };
}

/** Known before the packages are read, which takes its time. */
function assertNamesFree(database: AptlyDatabase, present: Present): void {
  const incoming = {
    mirror: database.mirrors,
    repo: database.repos,
    snapshot: database.snapshots,
    publication: database.publications.map((publication) => ({
      uuid: publication.uuid,
      name: publicationPath(publication),
    })),
  };
  for (const kind of ['mirror', 'repo', 'snapshot', 'publication'] as const) {
    const uuids = new Map(incoming[kind].map(({ uuid, name }) => [name, uuid]));
    const madeHere = present[kind].find(
      (object) => (uuids.get(object.name) ?? object.uuid) !== object.uuid && !isAsItCame(object),
    );
    if (madeHere !== undefined) throw nameTaken(kind, madeHere.name);
  }
}

type Decision = {
  readonly changes: readonly Change[];
  readonly changed: number;
  readonly kept: readonly string[];
};

/**
 * What to do with the objects of one kind. An object that is here under the same UUID came from aptly; it is replaced
 * unless it was changed here. One that came from aptly, is unchanged here and gone there gives its name away.
 */
function decide<Kind extends ObjectKind>(
  kind: Kind,
  incoming: readonly ObjectsByKind[Kind][],
  present: readonly ObjectsByKind[Kind][],
): Decision {
  const changes: Change[] = [];
  const kept: string[] = [];
  const here = new Map(present.map((object) => [object.uuid, object]));
  const there = new Set(incoming.map(({ uuid }) => uuid));
  const names = new Set(incoming.map(({ name }) => name));
  for (const object of incoming) {
    const before = here.get(object.uuid);
    const marked = { ...object, adopted: digestOf(object) };
    if (before?.adopted === marked.adopted) continue;
    if (before !== undefined && !isAsItCame(before)) {
      kept.push(`${kindNames[kind]} ${before.name}`);
      continue;
    }
    // Dropped first, so that objects may swap their names.
    if (before !== undefined) changes.push({ drop: kind, uuid: object.uuid });
    changes.push({ save: kind, object: marked } as Change);
  }
  const changed = changes.filter((change) => 'save' in change).length;
  for (const object of present) {
    if (!there.has(object.uuid) && names.has(object.name) && isAsItCame(object))
      changes.push({ drop: kind, uuid: object.uuid });
  }
  return { changes, changed, kept };
}

function isAsItCame<Object extends { readonly adopted?: string }>({ adopted, ...rest }: Object): boolean {
  return adopted !== undefined && adopted === digestOf(rest);
}

/** Of the object in the words of aptly's database: so was it computed before espejo had words of its own. */
function digestOf(object: object): string {
  return sha256Hex(JSON.stringify(object, (key, value) => (key === 'sourceKind' ? wordOf(value) : value)));
}

function wordOf(sourceKind: keyof typeof aptlyWords): string {
  return aptlyWords[sourceKind];
}

const aptlyWords = { mirror: 'repo', repo: 'local', snapshot: 'snapshot' } as const;

function joined(decisions: readonly Decision[]): Decision {
  return {
    changes: decisions.flatMap(({ changes }) => changes),
    changed: decisions.reduce((sum, { changed }) => sum + changed, 0),
    kept: decisions.flatMap(({ kept }) => kept),
  };
}
