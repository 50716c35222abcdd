import { EspejoError } from '../core/errors.ts';
import type { Login } from '../core/login.ts';
import type { ListId, PackageRecord } from './packages.ts';

/**
 * The named objects of aptly: mirrors, local repositories, snapshots and publications. Field meanings are those of
 * aptly 1.6 (database format, section 4).
 */
export type ObjectsByKind = {
  readonly mirror: MirrorObject;
  readonly repo: RepoObject;
  readonly snapshot: SnapshotObject;
  readonly publication: PublicationObject;
};

/** A moment in milliseconds since 1970; of an object that came from aptly all that aptly knows of it. */
export type Moment = number | ExactMoment;

export type ExactMoment = {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Within the second: 0 to 999,999,999. */
  readonly nanoseconds: number;
  /** Minutes east of Greenwich in which it was written down; absent for UTC. */
  readonly zone?: number;
};

export type ObjectKind = keyof ObjectsByKind;

/** As aptly's messages call them. */
export const kindNames: Readonly<Record<ObjectKind, string>> = {
  mirror: 'mirror',
  repo: 'local repo',
  snapshot: 'snapshot',
  publication: 'published repo',
};

/** @param as how aptly says it: otherwise where an object is renamed */
export function nameTaken(kind: ObjectKind, name: string, as: 'made' | 'renamed' = 'made'): EspejoError {
  const what = as === 'made' ? `${kindNames[kind]} with name ${name}` : `${kindNames[kind]} ${name}`;
  return new EspejoError('E_NAME_TAKEN', `${what} already exists`, {
    context: { kind, name },
    hint: 'choose another name',
  });
}

type Named = {
  /** Lower-case hyphenated UUID; never changes. */
  readonly uuid: string;
  /** Unique within its kind. */
  readonly name: string;
  /**
   * Of an object that was imported from aptly: digest of the object as it came, without this field. It no longer fits
   * once something was changed here.
   */
  readonly adopted?: string;
};

/** What was accepted last from a suite: the memory of the trust chain. */
export type AcceptedRelease = {
  /** The archive root that answered, without its password. */
  readonly url: string;
  /** Whether it was a Release, with Release.gpg beside it; absent for an InRelease. */
  readonly detached?: boolean;
  /** Digest of the keys and the policy that it was accepted under. */
  readonly trustId?: string;
  readonly releaseSha256: string;
  /** Milliseconds since 1970 of the Release's Date; null when it has none that can be read. */
  readonly releaseDate: number | null;
  /** SHA-256 of Releases that were accepted before it, the latest first; not all for ever. */
  readonly superseded?: readonly string[];
  /** Milliseconds since 1970 of Valid-Until, when the Release has one. */
  readonly validUntil: number | null;
  readonly etag: string | null;
  readonly lastModified: string | null;
};

export type MirrorObject = Named & {
  /** Without user and password. */
  readonly archiveRoot: string;
  /** What the archive wants to be told; shown nowhere. */
  readonly credentials?: Login | null;
  /** `./path/` for a flat archive. */
  readonly distribution: string;
  readonly components: readonly string[];
  readonly architectures: readonly string[];
  /** Release fields without the file lists. */
  readonly meta: Readonly<Record<string, string>>;
  /** Null when it was never updated. */
  readonly lastDownloadDate: Moment | null;
  readonly filter: string;
  readonly filterWithDeps: boolean;
  readonly skipComponentCheck: boolean;
  readonly skipArchitectureCheck: boolean;
  readonly downloadSources: boolean;
  readonly downloadUdebs: boolean;
  readonly downloadInstaller: boolean;
  readonly downloadAppStream: boolean;
  /** Release path to pool path. */
  readonly appStreamFiles: Readonly<Record<string, string>>;
  /** All that it has; null when it was never updated. */
  readonly list: ListId | null;
  /** The same by component, for publications that follow it. Of one that `sync` keeps, as `selection` is. */
  readonly lists?: Readonly<Record<string, ListId>>;
  /** Identifies what was selected of all suites of its configured mirror, and how many packages these have together. */
  readonly selection?: { readonly id: string; readonly packages: number };
  /** What it was made from last; absent when it was never updated here. */
  readonly release?: AcceptedRelease;
  /** SHA-256 of its Release and the plain indexes that it was made from, by path, where the store may have them. */
  readonly indexes?: Readonly<Record<string, string>>;
  /** Identifies what decided its packages, where that is known; and how many packages the archive had. */
  readonly madeFrom?: { readonly id: string; readonly listed: number };
  /** Name of the configured mirror that `sync` keeps it for; null for one made by `mirror create`. */
  readonly managedBy: string | null;
};

export type RepoObject = Named & {
  readonly comment: string;
  readonly defaultDistribution: string;
  readonly defaultComponent: string;
  readonly uploaders: Uploaders | null;
  readonly list: ListId;
};

/** Who may upload what (spec/semantics.md 8.4). `null` is kept apart from empty lists, because aptly shows which was given. */
export type Uploaders = {
  readonly groups: Readonly<Record<string, readonly string[] | null>> | null;
  readonly rules: readonly UploadersRule[] | null;
};

export type UploadersRule = {
  /** A package query over the fields of a .changes file. */
  readonly condition: string;
  readonly allow: readonly string[] | null;
  readonly deny: readonly string[] | null;
};

export type SnapshotObject = Named & {
  readonly createdAt: Moment;
  /** What it was made of; aptly has other words for it. */
  readonly sourceKind: 'mirror' | 'repo' | 'snapshot';
  /** UUIDs; may name objects that were dropped. */
  readonly sourceIds: readonly string[];
  readonly description: string;
  readonly origin: string;
  readonly notAutomatic: string;
  readonly butAutomaticUpgrades: string;
  readonly appStreamFiles: Readonly<Record<string, string>>;
  readonly list: ListId;
  /** Name of the configured publication that it was made for; it goes when nothing needs it. Absent for all others. */
  readonly managedBy?: string;
};

/** The compressed forms of an index. */
export type IndexForm = 'gz' | 'bz2' | 'xz';

/** What only a configuration says of a publication; aptly's commands have no words for it. */
export type PublicationPolicy = {
  /** Null for the usual one. */
  readonly description: string | null;
  readonly validForSeconds: number | null;
  /** Forms of each index beside the plain one. */
  readonly forms: readonly IndexForm[];
  /** Indexes have the digests that upstream lists, and SHA-256, alone. */
  readonly listedDigests?: boolean;
  readonly keepGenerations: number;
  readonly keepByHashSeconds: number;
};

/** `name` is the path: `<prefix>/<distribution>` or `<storage>:<prefix>/<distribution>`. */
export type PublicationObject = Named & {
  /** Empty for the default endpoint. */
  readonly storage: string;
  readonly prefix: string;
  readonly distribution: string;
  readonly origin: string;
  readonly notAutomatic: string;
  readonly butAutomaticUpgrades: string;
  readonly label: string;
  readonly suite: string;
  readonly codename: string;
  readonly version: string;
  readonly signedBy: string;
  readonly architectures: readonly string[];
  readonly sourceKind: 'snapshot' | 'repo';
  /** Component to UUID of a snapshot or local repository. */
  readonly sources: Readonly<Record<string, string>>;
  /** What is published of each component: the list at the time of publishing. */
  readonly lists: Readonly<Record<string, ListId>>;
  readonly skipContents: boolean;
  readonly skipBz2: boolean;
  readonly acquireByHash: boolean;
  readonly multiDist: boolean;
  /** Staged changes: component to source name. */
  readonly revision: Readonly<Record<string, string>> | null;
  /** Name of the configured publication that espejo's own `publish` keeps; null for one made by aptly's commands. */
  readonly managedBy: string | null;
  /** Armored public keys of those who signed what clients see; empty when unsigned, absent when espejo did not sign it. */
  readonly signingKeys?: string;
  /** Of one that is kept in line with a configuration; absent for all others. */
  readonly policy?: PublicationPolicy;
};

export type Change<Kind extends ObjectKind = ObjectKind> =
  | { readonly [K in Kind]: { readonly save: K; readonly object: ObjectsByKind[K] } }[Kind]
  | { readonly drop: Kind; readonly uuid: string };

/** Keeps the lists that changes refer to, in their transaction. */
export type ListKeeper = {
  keep(packages: readonly PackageRecord[]): ListId;
  /** Keeps the packages of several lists as one, each key once. */
  union(lists: readonly ListId[]): ListId;
  /** How many packages are in at least one of the lists. */
  sizeOfAll(lists: readonly ListId[]): number;
};

/** Changes that need lists which are not kept yet. */
export type ObjectChanges = (lists: ListKeeper) => readonly Change[];

/** A package that comes from another database. */
export type AdoptedPackage = {
  readonly record: PackageRecord;
  /** Installed paths, one character a byte, when they were read there. */
  readonly contents: readonly string[] | undefined;
};

/** An aptly database as it was when it was taken over. */
export type AdoptedDatabase = {
  /** Its directory, relative to the root directory when it is below it. */
  readonly place: string;
  /** Number of its last change. */
  readonly sequence: number;
  /** Text that stays the same as long as nothing opens it for writing. */
  readonly fingerprint: string;
};

/** What a cleaning removes, or would remove, and what it keeps. */
export type Retained = {
  readonly removed: readonly PackagePlaces[];
  readonly kept: readonly PackagePlaces[];
};

/** Where the files of a package are, below the pool root. */
export type PackagePlaces = { readonly key: string; readonly poolPaths: readonly string[] };

/**
 * The named objects and the packages they refer to. Every method is one transaction.
 * Errors: E_CATALOG, E_LOCKED, E_DISK_FULL; E_NAME_TAKEN when an object would take the name of another of its kind.
 */
export interface Objects {
  find<Kind extends ObjectKind>(kind: Kind, name: string): Promise<ObjectsByKind[Kind] | undefined>;
  byUuid<Kind extends ObjectKind>(kind: Kind, uuid: string): Promise<ObjectsByKind[Kind] | undefined>;
  /** All objects of a kind, by name in byte order. */
  all<Kind extends ObjectKind>(kind: Kind): Promise<readonly ObjectsByKind[Kind][]>;
  /** Several changes at once, with their lists: all or none. */
  change(changes: readonly Change[] | ObjectChanges): Promise<void>;
  /**
   * Packages of another database and what refers to them, all or nothing: they are set aside while they are read, and
   * kept together with the changes in one transaction at the end. One call at a time.
   * @param changes is told how to keep a list of packages by their positions in the order in which they came
   * @param origin remembered, replacing what was remembered of the same place
   */
  adopt(
    packages: AsyncIterable<readonly AdoptedPackage[]>,
    changes: (keepPositions: (positions: Iterable<number>) => ListId) => readonly Change[],
    origin: AdoptedDatabase,
  ): Promise<void>;
  /** The database that was adopted from a place. */
  adopted(place: string): Promise<AdoptedDatabase | undefined>;
  /** Remembers how a database looks now of which nothing new is to be adopted. */
  rememberAdopted(origin: AdoptedDatabase): Promise<void>;

  /** All packages that were ever kept and not cleaned up. */
  allPackages(): Promise<readonly PackageRecord[]>;
  /**
   * Removes packages that no list among `keep` holds, the lists that are not among them, and contents of packages that
   * are gone.
   * @throws E_CATALOG when a list to be kept, or a package of it, is not there; not with `dryRun`, which removes nothing
   */
  retain(keep: readonly ListId[], options: { readonly dryRun: boolean }): Promise<Retained>;
  /** Installed paths of a package by its key, one character for each byte (latin1), remembered once they were read. */
  contents(key: string): Promise<readonly string[] | undefined>;
  /** Not waited for on the disk: what a power failure takes is read again. */
  rememberContents(key: string, paths: readonly string[]): Promise<void>;
}
