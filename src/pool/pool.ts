import type { Digests, FileFacts } from '../core/digest.ts';
import type { StoredFile } from '../core/stored-file.ts';

/** A file as an index promises it; its SHA-256 must be known, for it is the file's name. */
export type PoolFile = {
  /** Base name. */
  readonly name: string;
  readonly facts: FileFacts;
  /** Its path in the pool when that is not by its SHA-256: a file of aptly's layout before 1.1. */
  readonly legacyPath?: string;
};

/**
 * Files named by their SHA-256, in aptly's layout. Every method that is given a {@link PoolFile} throws E_UNSAFE_PATH when
 * its name or SHA-256 cannot be part of a path, and E_DISK_FULL, E_PERMISSION or E_IO when the file system fails.
 */
export interface Pool {
  /** `ab/cd/<28 hex>_<name>`: its path in the pool. */
  path(file: PoolFile): string;

  /** What people call a path of the pool. */
  nameOf(path: string): string;

  /** A file by its path, to be read, or linked where it is a file of this machine. @throws E_UNSAFE_PATH */
  stored(path: string): StoredFile;

  /** How many bytes a file has; undefined when there is none. @throws E_UNSAFE_PATH */
  size(path: string): Promise<number | undefined>;

  /** Whether the file is there and was verified to be what `facts` say, and nothing has touched it since; reads nothing. */
  isUnchanged(path: string, facts: FileFacts): Promise<boolean>;

  /** Reads a file for its digests, and remembers what was found; undefined when there is none. */
  measure(path: string, signal: AbortSignal): Promise<MeasuredFile | undefined>;

  /**
   * Whether the file is there with the right size and digests: hashed, unless the ledger remembers this very inode, size
   * and time as verified and `thorough` is not asked for. A damaged file is moved to the temporary directory, never deleted, and reported absent.
   */
  check(
    file: PoolFile,
    signal: AbortSignal,
    options?: { readonly thorough: boolean },
  ): Promise<'present' | 'absent'>;

  /**
   * Where a download of the file grows; the same for the same SHA-256 in every run.
   * @param owner whose download it is, where several may fetch the same file at once
   */
  stage(file: PoolFile, owner?: string): StagedFile;

  /**
   * The way in for downloads: gives a complete file, verified by the caller, its name; durable and remembered after {@link flush}.
   * When an identical file is there already, that one stays. One call per file at a time.
   * @throws E_SIZE_MISMATCH when the file is not complete, E_POOL_CONFLICT when a different one has its place
   */
  admit(staged: StagedFile, file: PoolFile): Promise<{ readonly path: string }>;

  /**
   * The way in for a file that stays where it is: its copy is proved to be what `file` says, then as {@link admit}.
   * @throws E_SIZE_MISMATCH, E_DIGEST_MISMATCH, E_POOL_CONFLICT
   */
  copy(source: StoredFile, file: PoolFile, signal: AbortSignal): Promise<void>;

  /**
   * The way in for a small file that the caller has read whole: `file` says what was measured of these very bytes.
   * Nothing of it is durable before {@link flush}, which is quick for a thousand files. When an identical file is there
   * already, that one stays.
   */
  keep(bytes: Uint8Array, file: PoolFile, signal: AbortSignal): Promise<void>;

  /** Makes all files admitted and kept so far durable: to be called before anything refers to them. */
  flush(signal: AbortSignal): Promise<void>;

  /**
   * Removes partial files that no download has touched since one time, and damaged files that were set aside before another.
   * @returns the damaged files that are gone, as people call them
   */
  sweepTemporary(before: TemporaryLife): Promise<readonly { readonly name: string; readonly size: number }[]>;

  /**
   * Removes files; one that is not there is no error. The ledger forgets them first, all at once.
   * @returns those that stay, because their paths cannot be used
   */
  remove(paths: readonly string[], signal: AbortSignal): Promise<readonly string[]>;

  /** The paths of all files, sorted; links and what does not fit the layout are left out. */
  list(): AsyncIterable<string>;

  /** Everything in the pool, whatever its name and kind, sorted; links are not followed. */
  listAll(signal: AbortSignal): AsyncIterable<PoolEntry>;
}

/** Something in the pool. */
export type PoolEntry = {
  readonly path: string;
  readonly size: number;
  /** Equal for names of one file, here and where it is published. */
  readonly identity: string;
};

/** What was read of a file of the pool. */
export type MeasuredFile = { readonly size: number; readonly digests: Required<Digests> };

/**
 * Bytes on their way into the pool. Wherever that is, they grow in a file of this machine: an interrupted download goes
 * on with what is there, and all of it is hashed.
 */
export type StagedFile = { readonly localPath: string };

/** Until when the temporary files of a pool are kept. */
export type TemporaryLife = { readonly partials: Date; readonly damaged: Date };

/** What was verified of a file, and how to recognise that it is unchanged. */
export type LedgerEntry = {
  readonly size: number;
  readonly mtimeMs: number;
  readonly inode: number;
  readonly sha256: string;
};

/** Remembers verified files by their path in the pool. A lost entry costs one hashing, nothing else. */
export interface PoolLedger {
  recall(path: string): LedgerEntry | undefined;
  remember(path: string, entry: LedgerEntry): void;
  rememberAll(entries: ReadonlyMap<string, LedgerEntry>): void;
  forget(path: string): void;
  forgetAll(paths: Iterable<string>): void;
}
