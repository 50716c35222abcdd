import type { FileFacts } from '../core/digest.ts';
import type { StoredFile } from '../core/stored-file.ts';

/** A file as an index promises it; its SHA-256 must be known, for it is the file's name. */
export type PoolFile = {
  /** Base name. */
  readonly name: string;
  readonly facts: FileFacts;
  /** Where it lies below the root when that is not by its SHA-256: a file of aptly's layout before 1.1. */
  readonly legacyPath?: string;
};

/**
 * Files named by their SHA-256, in aptly's layout. Every method that is given a {@link PoolFile} throws E_UNSAFE_PATH when
 * its name or SHA-256 cannot be part of a path, and E_DISK_FULL, E_PERMISSION or E_IO when the file system fails.
 */
export interface Pool {
  /** Absolute path of the directory. */
  readonly root: string;

  /** `ab/cd/<28 hex>_<name>`, relative to the root. */
  path(file: PoolFile): string;

  /** @throws E_UNSAFE_PATH */
  absolute(relative: string): string;

  /** A file by its path, to be linked, copied or read. @throws E_UNSAFE_PATH */
  stored(path: string): StoredFile;

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
  partialPath(file: PoolFile, owner?: string): string;

  /**
   * The one way in: gives a complete file, verified by the caller, its name; durable and remembered after {@link flush}. When an identical file is there
   * already, that one stays. One call per file at a time.
   * @throws E_SIZE_MISMATCH when the file is not complete, E_POOL_CONFLICT when a different one has its place
   */
  admit(partialPath: string, file: PoolFile): Promise<{ readonly path: string }>;

  /**
   * Another way in, for a small file that the caller has read whole: `file` says what was measured of these very bytes.
   * Nothing of it is durable before {@link flush}, which is quick for a thousand files. When an identical file is there
   * already, that one stays.
   */
  keep(bytes: Uint8Array, file: PoolFile, signal: AbortSignal): Promise<void>;

  /** Makes all files admitted and kept so far durable: to be called before anything refers to them. */
  flush(signal: AbortSignal): Promise<void>;

  /**
   * Removes partial files that no download has touched since one time, and damaged files that were set aside before another.
   * @returns the damaged files that are gone
   */
  sweepTemporary(before: TemporaryLife): Promise<readonly FoundFile[]>;

  /**
   * Removes files; one that is not there is no error. The ledger forgets them first, all at once.
   * @returns those that stay, because their paths cannot be used
   */
  remove(paths: readonly string[], signal: AbortSignal): Promise<readonly string[]>;

  /** The relative paths of all files, sorted; symbolic links and what does not fit the layout are left out. */
  list(): AsyncIterable<string>;

  /** Everything below the root but directories, whatever its name and kind, sorted; links are not followed. */
  listAll(signal: AbortSignal): AsyncIterable<FoundFile>;
}

/** Something in the pool: its path below the root and its size in bytes. */
export type FoundFile = { readonly path: string; readonly size: number };

/** Until when the temporary files of a pool are kept. */
export type TemporaryLife = { readonly partials: Date; readonly damaged: Date };

/** What was verified of a file, and how to recognise that it is unchanged. */
export type LedgerEntry = {
  readonly size: number;
  readonly mtimeMs: number;
  readonly inode: number;
  readonly sha256: string;
};

/** Remembers verified files by their relative path. A lost entry costs one hashing, nothing else. */
export interface PoolLedger {
  recall(path: string): LedgerEntry | undefined;
  remember(path: string, entry: LedgerEntry): void;
  rememberAll(entries: ReadonlyMap<string, LedgerEntry>): void;
  forget(path: string): void;
  forgetAll(paths: Iterable<string>): void;
}
