import type { Files } from '../../builders/incoming.ts';
import type { UpstreamArchive } from '../../builders/upstream-archive.ts';

/**
 * One command line without the program, in the words of a shell: `repo search r1 'Name (~ ^a)'`. `{url}` is the loopback
 * archive of the scenario, `{cwd}` the directory that both programs work in.
 */
export type Step =
  | string
  | {
      readonly run: string;
      /** Standard input. */
      readonly stdin?: string;
      /** The order of the lines is not specified. */
      readonly unordered?: true;
      /** Of help and usage texts, which espejo words itself, only the flags and the exit status are compared. */
      readonly usage?: true;
      /** Both errors begin so; what follows is the words of a library or of the system. */
      readonly errorBegins?: string;
      /** A line of src/aptly/DIFFERENCES.md (its beginning is enough): the answers must differ. */
      readonly differs?: string;
      /** Debian's aptly is older than the specification, which says this; of aptly the answer is not looked at. */
      readonly spec?: Expected;
    }
  /** The upstream archive becomes another one. */
  | { readonly upstream: UpstreamArchive };

/** What a step must leave; what is not named is not compared. */
export type Expected = { readonly exit?: number; readonly stdout?: string; readonly error?: string };

/** A script that aptly and espejo run, each in a directory of its own. */
export type Scenario = {
  readonly name: string;
  /** Written into the working directory of both: files of {@link fixtures} by name, or content by path. */
  readonly files?: Files;
  /** Commands that aptly alone runs; espejo then adopts a copy of what they left. */
  readonly adopted?: readonly string[];
  /** Keys of aptly's configuration; `{cwd}` in its texts is the working directory. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** The archive at `{url}`, to begin with. */
  readonly upstream?: UpstreamArchive;
  /** What apt sees of the publications at the end is compared too. */
  readonly apt?: true;
  readonly steps: readonly Step[];
  /** A line of DIFFERENCES.md: these parts of what the scenario leaves must differ. */
  readonly leavesOther?: { readonly parts: readonly StatePart[]; readonly reason: string };
};

export type StatePart =
  /** The objects with their packages. */
  | 'objects'
  /** All packages of the database. */
  | 'packages'
  /** The files of the pool. */
  | 'pool'
  /** The files that were given. */
  | 'files'
  /** The published tree as a client sees it. */
  | 'published';
