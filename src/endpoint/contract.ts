import type { FileFacts } from '../core/digest.ts';
import type { StoredFile } from '../core/stored-file.ts';

/** Where a publication is at an endpoint. */
export type Place = {
  /** `.` is the endpoint itself. */
  readonly prefix: string;
  readonly distribution: string;
};

/** A package file with its place below a prefix. */
export type PublishedFile = {
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
};

/**
 * A place where trees are published: a directory, or a store of objects. It is drawn for stores that have neither links
 * nor renames: they put package files first, then by-hash names, indexes, Release, Release.gpg, and InRelease last.
 *
 * At any moment, whatever dies, clients see a whole old or a whole new tree: what the newest Release that they can get
 * lists is there, by hash where the tree has such names. Two endpoints may be one place, see {@link Endpoint.identity}.
 * Only one process changes a place at a time.
 *
 * Errors of all methods: E_UNSAFE_PATH for a place or a path that would leave the endpoint, E_DISK_FULL, E_PERMISSION, E_IO.
 */
export interface Endpoint {
  /** The directory that a web server may serve; undefined where clients read from the endpoint itself. */
  readonly directory: string | undefined;

  /** Equal for prefixes that are one place, whatever the endpoints are called that lead there. */
  identity(prefix: string): string;

  /** What people call a path of the endpoint. */
  nameOf(path: string): string;

  /**
   * Mends what a run that died has left half done, and tells how a place stands.
   * @param options.mayBeForeign whether what another program has published there may be taken over
   * @throws E_PUBLISH_CONFLICT when something else has the place
   */
  survey(place: Place, options: { readonly mayBeForeign: boolean }): Promise<Survey>;

  /** Begins a generation; no client sees anything of it before it is committed. One that was begun before is discarded. */
  begin(place: Place, generation: NewGeneration): Promise<Draft>;

  /**
   * Makes a sealed generation the one that clients see, at once; also one that they saw before.
   * @param options.takesOver whether it takes the place of what another program has published
   * @throws E_PUBLISH_CONFLICT when something else has the place
   */
  commit(place: Place, id: string, options: { readonly takesOver: boolean }): Promise<void>;

  /** Removes the generations that are not among `ids`, and what was never sealed. */
  retain(place: Place, ids: readonly string[]): Promise<void>;

  /** Takes a publication away from its clients, at once, then removes all its generations. */
  withdraw(place: Place): Promise<void>;

  /**
   * Gives package files their published names, and makes these durable. What is there already stays when it is the same.
   * @throws what the options throw
   */
  link<File extends PublishedFile>(
    prefix: string,
    files: readonly File[],
    options: LinkOptions<File>,
  ): Promise<void>;

  /** The paths at which something lies that is not known to be the file that is meant. */
  differing<File extends PublishedFile>(
    prefix: string,
    files: readonly File[],
    source: (file: File) => StoredFile,
  ): Promise<ReadonlySet<string>>;

  /**
   * Removes package files, and what {@link link} has left half done beside them.
   * @param what `unfinished`: the latter alone
   */
  remove(prefix: string, paths: Iterable<string>, what: 'published' | 'unfinished'): Promise<void>;

  /**
   * Removes directories without files below one of a prefix.
   * @returns how many files are left in it
   */
  sweep(prefix: string, directory: 'dists' | 'pool'): Promise<number>;

  /** What clients see now; it stays as it is while other generations are committed. */
  view(place: Place): Promise<View>;

  /** Every file of a publication's generations, of what clients see of it, and of the pool that it shares with others. */
  files(place: Place, signal: AbortSignal): AsyncIterable<UsedFile>;
}

export type Survey = {
  readonly visible: Visible;
  /** Ids of the generations that are there. */
  readonly generations: readonly string[];
};

/** What clients see. */
export type Visible =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'generation'; readonly id: string }
  /** Made by another program. */
  | { readonly kind: 'foreign' };

export type NewGeneration = {
  /** Free of slashes. */
  readonly id: string;
  /** Of its Release, and the time of all files that are new in it, so that equal content has equal validators. */
  readonly date: Date;
  readonly signal: AbortSignal;
};

/** A generation that is being written; files come one after the other. */
export interface Draft {
  write(file: GenerationFile): Promise<void>;
  /**
   * Takes a file of another generation, with the time that it has there.
   * @returns false when that one does not have it with that size and SHA-256: nothing was taken
   */
  reuse(file: Omit<GenerationFile, 'content'>, from: string): Promise<boolean>;
  /** Goes on offering by hash what an earlier generation, or what another program has published there, lists itself. */
  carry(from: { readonly generation: string } | 'foreign'): Promise<void>;
  /** Takes Release and its signatures, in their order, and makes all of it durable. */
  seal(release: readonly (readonly [name: string, bytes: Buffer])[]): Promise<void>;
  discard(): Promise<void>;
}

/** A file of a generation. */
export type GenerationFile = {
  /** Relative to Release. */
  readonly path: string;
  readonly content: readonly Buffer[] | StoredFile;
  readonly facts: FileFacts;
  /** Whether it has by-hash names. */
  readonly byHash: boolean;
};

export type LinkOptions<File> = {
  /** Called for each file before anything is done for it. */
  readonly check: (file: File) => Promise<void>;
  readonly source: (file: File) => StoredFile;
  /** Called for a published file with other content, before it is replaced. @param name what people call it */
  readonly onDifferent: (file: File, name: string) => Promise<void>;
  /** Read what looks untouched too. */
  readonly thorough: boolean;
  readonly signal: AbortSignal;
};

/** What clients saw of a publication at one time. */
export type View = {
  /** Another one for each tree, also for one in the place of an earlier one; undefined where there is none. */
  readonly identity: string | undefined;
  /** @returns undefined when there is no such file; its path is below the prefix */
  open(path: string): Promise<OpenFile | undefined>;
};

export type OpenFile = { readonly size: number; read(): AsyncIterable<Buffer> };

/** A file that takes room. */
export type UsedFile = {
  /** `visible`: of what clients see, which may be a generation too. */
  readonly of: { readonly generation: string } | 'visible' | 'pool';
  /** Below the prefix. */
  readonly path: string;
  readonly size: number;
  /** Equal for names of one file. */
  readonly identity: string;
};

/** The endpoints of a configuration. */
export interface Endpoints {
  /**
   * @param storage empty for the default one; `filesystem:<name>` for another
   * @throws E_CONFIG_INVALID in aptly's words for one that is not configured
   */
  of(storage: string): Endpoint;
}
