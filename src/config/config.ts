import type { Relation } from '../deb/relations.ts';
import type { Query } from '../query/ast.ts';
import type { AptlyConfig } from './aptly-schema.ts';

/** The whole configuration: checked, with all defaults, deeply frozen. */
export type EspejoConfig = {
  /** The file it was read from. */
  readonly path: string | undefined;
  /** aptly's keys under their JSON names. */
  readonly aptly: AptlyConfig;
  /** Absolute. */
  readonly rootDir: string;
  readonly mirrors: readonly MirrorConfig[];
  readonly publications: readonly PublicationConfig[];
  readonly keys: KeysConfig;
  readonly server: ServerConfig;
  readonly schedule: ScheduleConfig;
  readonly cleanup: CleanupConfig;
  /** How long publications made with aptly's words keep the files that they have replaced; 0 in aptly. */
  readonly keepRemovedFilesSeconds: number;
  readonly limits: LimitsConfig;
  /** What is done about a package of which an archive lacks a file, by `mirror update` and by mirrors that do not say it. */
  readonly missing: 'fail' | 'warn';
  readonly compatibility: CompatibilityConfig;
  /** Files with users and passwords for upstreams, in the syntax of apt's auth.conf; absolute paths. */
  readonly authFiles: readonly string[];
  /** aptly's keys that the file sets to nothing (`null`), which `config show` prints as such. */
  readonly emptied: readonly string[];
  /** What a person should know about the file: lines for standard error. */
  readonly notices: readonly string[];
  /** As lines: what nobody knows in a file of aptly, whose commands pass it over in silence. */
  readonly unknownKeys: readonly string[];
  /** As lines: what may be meant otherwise, for those who ask. */
  readonly suspicions: readonly string[];
};

export type MirrorConfig = {
  readonly name: string;
  /** At least one; names are unique. */
  readonly suites: readonly SuiteConfig[];
  /** At least one; without `all` and `source`. */
  readonly architectures: readonly string[];
  /** Absolute paths. */
  readonly keyrings: readonly string[];
  /** Armored public keys written in the configuration. */
  readonly keys: readonly string[];
  /** At least one. */
  readonly packages: readonly PackageRequest[];
  readonly dependencies: boolean;
  readonly recommends: boolean;
  readonly suggests: boolean;
  readonly sources: boolean;
  readonly followAllVariants: boolean;
  readonly versions: 'latest' | 'all';
  readonly unsatisfied: 'report' | 'fail';
  /** What a package means whose file upstream lists and does not have: the mirror goes on without it, or not at all. */
  readonly missing: 'fail' | 'warn';
  /** Whether queries may match nothing, so that the mirror may be empty. */
  readonly allowEmpty: boolean;
  readonly verifySignatures: boolean;
  /** SHA-1, RIPEMD-160, DSA and RSA below 2048 bits are enough. */
  readonly allowWeakSignatures: boolean;
  /** So is what a key signed before it expired. */
  readonly allowExpiredKeys: boolean;
  readonly checkValidUntil: boolean;
  readonly checkDate: boolean;
};

export type SuiteConfig = {
  /** The directory under `dists/`; may contain `/`. Of a flat archive `./` or `path/`. */
  readonly name: string;
  /** Archive roots with a trailing slash, tried in order; at least one. */
  readonly urls: readonly string[];
  /** At least one; of a flat archive the one as which it is published. */
  readonly components: readonly string[];
  /** What its Release calls itself, Suite or Codename, when that is not its name. */
  readonly expect?: string;
};

/** One line of a package array; `text` is what was written. */
export type PackageRequest =
  | { readonly text: string; readonly kind: 'relation'; readonly relation: Relation }
  | { readonly text: string; readonly kind: 'query'; readonly query: Query };

export type PublicationConfig = {
  readonly name: string;
  /** `.` is the root. */
  readonly prefix: string;
  readonly distribution: string;
  /** Undefined: all of the mirrors. */
  readonly components: readonly string[] | undefined;
  /** Undefined: all of the mirrors. */
  readonly architectures: readonly string[] | undefined;
  /** At least one; without `suite` all suites of the mirror. */
  readonly sources: readonly PublicationSource[];
  readonly origin: string | undefined;
  readonly label: string | undefined;
  readonly suite: string | undefined;
  readonly codename: string | undefined;
  readonly description: string | undefined;
  /** Which signing key; undefined: the only one. */
  readonly key: string | undefined;
  /** `yes` or `no`, as in Release files. */
  readonly notAutomatic: string | undefined;
  readonly butAutomaticUpgrades: string | undefined;
  readonly acquireByHash: boolean;
  readonly validForSeconds: number | undefined;
  readonly sign: boolean;
  readonly keepGenerations: number;
  readonly keepByHashSeconds: number;
};

export type PublicationSource = { readonly mirror: string; readonly suite: string | undefined };

export type KeysConfig = {
  /** Absolute. */
  readonly directory: string;
  /** Absolute. */
  readonly passphraseFile: string | undefined;
  readonly userId: string;
  /** aptly's `gpgProvider`, when the file names it: otherwise espejo's own key signs, if there is one. */
  readonly provider: string | undefined;
};

export type ServerConfig = {
  /** `host:port` or `:port`. */
  readonly listen: string;
  /** With a trailing slash. */
  readonly publicUrl: string | undefined;
  readonly title: string;
  /** How many processes answer requests; 1: the one that does everything else; auto: one for each core. */
  readonly processes: number | 'auto';
  /** Whether each request is a line of the journal. */
  readonly logRequests: boolean;
};

export type ScheduleConfig = {
  /** A cron expression; undefined: never by itself. */
  readonly sync: string | undefined;
  /** IANA name; undefined: of the machine. */
  readonly timezone: string | undefined;
  readonly onStart: boolean;
};

/** When a daemon cleans up by itself. */
export type CleanupConfig = {
  readonly enabled: boolean;
  /** A cron expression, in the time zone of the schedule. */
  readonly schedule: string;
  /** Up to which share of the pool, from 0 to 1. */
  readonly maxRemovedShare: number;
};

export type LimitsConfig = {
  readonly concurrency: number;
  readonly bandwidthBytesPerSecond: number | undefined;
  readonly retries: number;
  readonly timeoutSeconds: number;
  /** 0 for any. */
  readonly minimumBytesPerSecond: number;
  /** 0 for no limit. */
  readonly fileTimeoutSeconds: number;
  readonly releaseBytes: number;
  readonly indexBytes: number;
  readonly packageBytes: number;
};

/** Quirks of aptly, all false unless the configuration asks for them. */
export type CompatibilityConfig = {
  /** `snapshot merge` leaves old versions where the last list ends. */
  readonly mergeTail: boolean;
  /** `snapshot diff` pairs no rows once one list has ended. */
  readonly diffTail: boolean;
  /** Packages that apt or dpkg refuse are taken and published. */
  readonly unparseablePackages: boolean;
};
