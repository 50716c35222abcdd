import type { FileFacts } from '../core/digest.ts';
import type { Change, IndexForm, Objects, PublicationObject } from './objects.ts';
import type { ListId, PackageRecord } from './packages.ts';

export type { IndexForm } from './objects.ts';
export type { ListId, PackageFileRecord, PackageRecord } from './packages.ts';

export type PublicationPlace = {
  /** `<prefix>/<distribution>` or `<storage>:<prefix>/<distribution>`; unique. */
  readonly path: string;
  /** Empty for the default endpoint. */
  readonly storage: string;
  /** Directory below the published root of the storage; `.` is the root itself. */
  readonly prefix: string;
  readonly distribution: string;
};

export type PublicationRecord = PublicationPlace & {
  /** The generation that clients see. */
  readonly current: string | null;
  /** Set by a rollback; null while the publication follows its mirrors. */
  readonly hold: Hold | null;
};

/** Since when (milliseconds since 1970) a publication does not follow its mirrors, and to which generation it returned. */
export type Hold = { readonly since: number; readonly generation: string };

/** One immutable rendering of a publication. */
export type GenerationRecord = {
  readonly id: string;
  readonly publication: string;
  /** Digest of everything that decides what clients see, without the date. */
  readonly inputId: string;
  /** Milliseconds since 1970: the Date of its Release. */
  readonly date: number;
  /** Milliseconds since 1970: when it stopped being current; null while it is current or never was. */
  readonly supersededAt: number | null;
  /** What holds the publication from the moment this generation is current. */
  readonly hold: Hold | null;
  readonly settings: GenerationSettings;
  readonly components: readonly GenerationComponent[];
  /** Number of packages over all components. */
  readonly packages: number;
  /** What the publication is from the moment this generation is current; saved with it. */
  readonly object: PublicationObject;
};

export type GenerationComponent = {
  readonly name: string;
  readonly list: ListId;
  /** UUID of the snapshot or local repository. */
  readonly source: string;
  /** Name of the source when it was published. */
  readonly sourceName: string;
  /** Keys of the packages in directories of their own, since another file had their place in the published pool. */
  readonly apart?: readonly string[];
  /** By path relative to Release: its Packages and Sources indexes in all forms; absent until they are written. */
  readonly indexes?: Readonly<Record<string, FileFacts>>;
};

/** Everything but packages that decides the bytes of a generation. */
export type GenerationSettings = {
  /** Sorted; `source` for Sources indexes. */
  readonly architectures: readonly string[];
  readonly origin: string;
  readonly label: string;
  readonly suite: string;
  readonly codename: string;
  readonly version: string | null;
  readonly description: string;
  readonly notAutomatic: string | null;
  readonly butAutomaticUpgrades: string | null;
  readonly acquireByHash: boolean;
  readonly validForSeconds: number | null;
  /** The field of that name; with it, Valid-Until is a hundred years ahead. */
  readonly signedBy: string | null;
  /** Fingerprints of the signing keys; empty when unsigned. */
  readonly signers: readonly string[];
  /** Forms of each index beside the plain one. */
  readonly forms: readonly IndexForm[];
  /** Whether there are Contents indexes. */
  readonly contents: boolean;
  /** Whether the distribution has a package pool of its own. */
  readonly multiDist: boolean;
  /** Packages that apt refuses are published all the same. */
  readonly unparseable?: boolean;
  /** Of each file the digests that upstream lists, and SHA-256; else all, as aptly has it. */
  readonly listedDigests?: boolean;
};

/** A pool file whose digests were checked while it was this very inode, size and modification time. */
export type LedgerEntry = {
  readonly size: number;
  readonly mtimeMs: number;
  readonly inode: number;
  readonly sha256: string;
};

/** An upstream index kept by the SHA-256 of its uncompressed bytes. */
export type StoredIndex = { readonly sha256: string; readonly size: number };

/**
 * The catalog maps names to lists and remembers what was accepted, recorded and published.
 * Every method is one transaction: it happened wholly or not at all. Several processes may use one catalog.
 * Errors: E_CATALOG when it is damaged or cannot be opened, E_LOCKED when another process holds it for too long.
 */
export interface Catalog {
  /** Whether it can only be read: changes are E_PERMISSION. */
  readonly isReadOnly: boolean;

  /** The members of a list, in no particular order. An unknown list is E_CATALOG. */
  packages(list: ListId): Promise<readonly PackageRecord[]>;
  /** Keeps packages as a list of their own. */
  keepList(packages: readonly PackageRecord[]): Promise<ListId>;
  listSize(list: ListId): Promise<number>;

  publication(path: string): Promise<PublicationRecord | undefined>;
  publications(): Promise<readonly PublicationRecord[]>;
  /** All generations of a publication, newest first. */
  generations(publication: string): Promise<readonly GenerationRecord[]>;
  /** Remembers a generation before its tree becomes visible, and saves what goes with it. */
  addGeneration(
    place: PublicationPlace,
    generation: GenerationRecord,
    also?: readonly Change[],
  ): Promise<void>;
  /** Makes a generation the current one, with its hold and its object, and the former current one superseded. */
  makeCurrent(publication: string, generation: string, at: number): Promise<void>;
  /** Lets a publication follow its mirrors again. */
  endHold(publication: string): Promise<void>;
  dropGenerations(publication: string, ids: readonly string[]): Promise<void>;
  /** Forgets a publication: its object and all generations. */
  dropPublication(path: string): Promise<void>;

  storedIndex(sha256: string): Promise<StoredIndex | undefined>;
  rememberIndex(index: StoredIndex): Promise<void>;
  /** Forgets the indexes that no mirror refers to and returns them. */
  forgetUnusedIndexes(): Promise<readonly StoredIndex[]>;

  /** Gives the space of what was removed back to the file system. */
  compact(): Promise<void>;

  readonly ledger: Ledger;
  readonly objects: Objects;
  close(): Promise<void>;
}

/** Which pool files were verified; synchronous because it is asked for every file. */
export interface Ledger {
  recall(path: string): LedgerEntry | undefined;
  remember(path: string, entry: LedgerEntry): void;
  rememberAll(entries: ReadonlyMap<string, LedgerEntry>): void;
  forget(path: string): void;
  /** At once: thousands of files cost one transaction. */
  forgetAll(paths: Iterable<string>): void;
  /** Forgets all files but some. */
  forgetAllBut(paths: ReadonlySet<string>): void;
}
