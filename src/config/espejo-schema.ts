import { Cron } from 'croner';
import * as z from 'zod';
import { isEspejoError } from '../core/errors.ts';
import { redactUrl } from '../core/redact.ts';
import { parseBytes, parseDuration, parsePercent } from '../core/units.ts';
import {
  architectureProblem,
  componentProblem,
  distributionProblem,
  fieldTextProblem,
  normalPrefix,
  prefixProblem,
} from '../deb/names.ts';
import { flatDirectory, isFlatSuite } from '../deb/suite-directory.ts';
import { aptlyShape } from './aptly-schema.ts';
import { noted } from './schema-facts.ts';

const suiteSchema = noted(
  z.object({
    name: suite(),
    url: z.array(archiveUrl()).nonempty('must name at least one URL').optional(),
    components: z.array(component()).nonempty('must name at least one component').optional(),
    expect: oneLine().optional(),
  }),
  { scalarKey: 'name' },
);

const mirrorSchema = z.object({
  url: z.array(archiveUrl()).optional(),
  suites: z.array(suiteSchema).nonempty('must name at least one suite'),
  components: z.array(component()).optional(),
  architectures: z.array(architecture()).optional(),
  keyring: z.array(path()).default([]),
  key: z.array(publicKey()).default([]),
  packages: z.array(z.string()).default([]),
  dependencies: z.boolean().default(true),
  recommends: z.boolean().optional(),
  suggests: z.boolean().optional(),
  sources: z.boolean().optional(),
  followAllVariants: z.boolean().optional(),
  versions: z.enum(['latest', 'all']).default('latest'),
  unsatisfied: z.enum(['report', 'fail']).default('report'),
  missing: z.enum(['fail', 'warn']).optional(),
  allowEmpty: z.boolean().default(false),
  verifySignatures: z.boolean().default(true),
  allowWeakSignatures: z.boolean().default(false),
  allowExpiredKeys: z.boolean().default(false),
  checkValidUntil: z.boolean().default(true),
  checkDate: z.boolean().default(true),
});

const publicationSchema = z.object({
  prefix: z.string().default('.').transform(checked(normalizePrefix)),
  distribution: distribution().optional(),
  components: z.array(component()).nonempty('must name at least one component').optional(),
  architectures: z.array(architecture()).nonempty('must name at least one architecture').optional(),
  mirrors: z.array(z.string()).nonempty('must name at least one mirror'),
  origin: oneLine().optional(),
  label: oneLine().optional(),
  suite: oneLine().optional(),
  codename: oneLine().optional(),
  description: oneLine().optional(),
  key: oneLine().optional(),
  notAutomatic: yesOrNo().optional(),
  butAutomaticUpgrades: yesOrNo().optional(),
  acquireByHash: z.boolean().default(true),
  validFor: duration().optional(),
  sign: z.boolean().optional(),
  keepGenerations: z.int().min(1, 'must be 1 or more').default(5),
  keepByHash: duration().prefault('7d'),
});

/** The keys of a configuration file: aptly's and espejo's own, by their JSON names. */
export const fileSchema = z.object({
  ...aptlyShape,
  mirrors: z.record(name(), mirrorSchema).default({}),
  publications: z.record(name(), publicationSchema).default({}),
  keys: z
    .object({
      directory: path().optional(),
      passphraseFile: path().optional(),
      userId: oneLine().default('Espejo mirror <espejo@localhost>'),
    })
    .prefault({}),
  server: z
    .object({
      listen: noted(z.string(), { numbers: true }).transform(checked(normalizeListen)).prefault(':8080'),
      publicUrl: archiveUrl().optional(),
      title: oneLine().default('Espejo'),
      processes: z
        .union([z.literal('auto'), z.int().min(1, 'must be 1 or more').max(64, 'must be 64 or less')])
        .default('auto'),
      logRequests: z.boolean().default(false),
    })
    .prefault({}),
  schedule: z
    .object({
      sync: z.string().transform(checked(assertCron)).optional(),
      timezone: z.string().transform(checked(assertTimezone)).optional(),
      onStart: z.boolean().optional(),
    })
    .prefault({}),
  /** What a daemon removes by itself; `db cleanup` does the same by hand and has no limit. */
  cleanup: z
    .object({
      enabled: z.boolean().default(true),
      schedule: z.string().transform(checked(assertCron)).prefault('41 3 * * *'),
      maxRemovedShare: share().prefault('50%'),
    })
    .prefault({}),
  /** How long publications made with aptly's words keep what they have replaced; aptly keeps nothing. */
  keepRemovedFiles: duration().optional(),
  limits: z
    .object({
      concurrency: z.int().min(1, 'must be 1 or more').max(100, 'must be 100 or less').optional(),
      bandwidth: bytes().optional(),
      retries: z.int().min(0, 'must be 0 or more').max(100, 'must be 100 or less').optional(),
      timeout: duration().prefault('30s'),
      minimumRate: orOff(parseBytes).prefault('1KiB'),
      fileTimeout: orOff(parseDuration).prefault('15m'),
      releaseSize: bytes().prefault('16MiB'),
      indexSize: bytes().prefault('2GiB'),
      packageSize: bytes().prefault('8GiB'),
    })
    .prefault({}),
  /** Users and passwords for upstreams, as apt_auth.conf(5) writes them. */
  authFile: z.array(path()).default([]),
  /** Quirks of aptly that espejo does not have, for scripts that count on them (src/aptly/DIFFERENCES.md). */
  missing: z.enum(['fail', 'warn']).default('fail'),
  compatibility: z
    .object({
      mergeTail: z.boolean().default(false),
      diffTail: z.boolean().default(false),
      unparseablePackages: z.boolean().default(false),
    })
    .prefault({}),
});

/** The top-level keys that aptly does not have: a file with one of them is espejo's. */
export const ownKeys: readonly string[] = Object.keys(fileSchema.shape).filter(
  (key) => !Object.hasOwn(aptlyShape, key),
);

export type FileData = z.output<typeof fileSchema>;
export type MirrorData = z.output<typeof mirrorSchema>;
export type PublicationData = z.output<typeof publicationSchema>;

/** A transform that runs `normalize`; what it throws becomes the message of the issue. */
function checked<Output>(normalize: (text: string) => Output) {
  return (text: string, context: z.RefinementCtx): Output => {
    try {
      return normalize(text);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const hint = isEspejoError(error) ? error.hint : undefined;
      context.addIssue({ code: 'custom', message: hint === undefined ? message : `${message}; ${hint}` });
      return z.NEVER;
    }
  };
}

function bytes() {
  return noted(z.string(), { numbers: true }).transform(checked(positive(parseBytes)));
}

/** A part of one, from 0 to 1. */
function share() {
  return noted(z.string(), { numbers: true }).transform(checked(parsePercent));
}

/** In seconds. */
function duration() {
  return z.string().transform(checked(positive(parseDuration)));
}

/** `0` or `off` is 0: no limit. */
function orOff(parse: (text: string) => number) {
  return noted(z.string(), { numbers: true }).transform(
    checked((text) => (/^(?:off|0)$/.test(text.trim()) ? 0 : parse(text))),
  );
}

function positive(parse: (text: string) => number): (text: string) => number {
  return (text) => {
    const amount = parse(text);
    if (amount === 0) throw new Error('must be more than 0');
    return amount;
  };
}

function name() {
  return z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9+.:_-]*$/,
      'is not a name: use letters, digits and + . : _ - and begin with a letter or digit',
    );
}

function component() {
  return z.string().transform(checked((text) => named(text, 'a component', componentProblem(text))));
}

function distribution() {
  return z.string().transform(checked((text) => named(text, 'a distribution', distributionProblem(text))));
}

function suite() {
  return z.string().transform(checked(normalizeSuite));
}

/** The name of a suite below `dists/`; or that of a flat archive: `./` or `path/`, however it is written. */
function normalizeSuite(text: string): string {
  if (text === '' || !isFlatSuite(text)) return named(text, 'a suite', distributionProblem(text));
  const directory = flatDirectory(text);
  if (directory === '') return './';
  named(directory.slice(0, -1), 'a directory of the archive', distributionProblem(directory.slice(0, -1)));
  return directory;
}

function named(text: string, what: string, problem: string | undefined): string {
  if (problem === undefined) return text;
  throw new Error(`"${text}" is not the name of ${what}: ${problem}`);
}

function architecture() {
  return z.string().transform(
    checked((text) => {
      if (text === 'all') throw new Error('"all" comes with every architecture; leave it out');
      if (text === 'source') throw new Error('"source" is no architecture; set sources: true instead');
      return named(text, 'an architecture', architectureProblem(text));
    }),
  );
}

/** An http or https URL without query and fragment, with a trailing slash. */
function archiveUrl() {
  return z.string().transform(checked(normalizeUrl));
}

function normalizeUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || url.host === '')
    throw new Error(`"${redactUrl(text)}" is not a URL; write it as http://host/path/`);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new Error(`"${redactUrl(url)}" has the scheme ${url.protocol} but only http: and https: work`);
  }
  if (url.search !== '' || url.hash !== '') throw new Error(`"${redactUrl(url)}" must not have ? or #`);
  return url.href.endsWith('/') ? url.href : `${url.href}/`;
}

function path() {
  return z.string().transform(
    checked((text) => {
      if (text === '' || text.includes('\0')) throw new Error('must be the path of a file or directory');
      return text;
    }),
  );
}

function publicKey() {
  return z.string().transform(
    checked((text) => {
      if (text.includes('PRIVATE KEY BLOCK')) throw new Error('is a private key; put the public one here');
      if (text.includes('BEGIN PGP PUBLIC KEY BLOCK')) return text;
      throw new Error('must be an armored public key; name a key file under "keyring"');
    }),
  );
}

/** Goes into one field of a Release file. */
function oneLine() {
  return z.string().transform(
    checked((text) => {
      if (fieldTextProblem(text) !== undefined)
        throw new Error('must be one line without control characters');
      return text.trim();
    }),
  );
}

function yesOrNo() {
  return z.union([z.string(), z.boolean()]).transform((value, context) => {
    if (value === true || /^(?:yes|true|on)$/i.test(String(value))) return 'yes';
    if (value === false || /^(?:no|false|off)$/i.test(String(value))) return 'no';
    context.addIssue({ code: 'custom', message: 'must be yes or no' });
    return z.NEVER;
  });
}

/** Cleaned, `.` for the root. */
function normalizePrefix(text: string): string {
  if (text.includes(':')) throw new Error(`"${text}" names a storage; only the local directory can be used`);
  const prefix = normalPrefix(text);
  const problem = prefixProblem(prefix);
  if (problem !== undefined) throw new Error(`"${text}" cannot be a prefix: ${problem}`);
  return prefix;
}

function normalizeListen(text: string): string {
  const match = /^(?:(?<host>[A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\]):)?(?<port>\d{1,5})$/.exec(text.trim());
  const port = Number(match?.groups?.['port']);
  if (match === null || port > 65_535) {
    throw new Error(`"${text}" is not an address; write it as :8080, 127.0.0.1:8080 or [::1]:8080`);
  }
  return `${match.groups?.['host'] ?? ''}:${port}`;
}

function assertCron(text: string): string {
  try {
    new Cron(text, { paused: true }).stop();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`"${text}" is not a cron expression: ${reason}`, { cause });
  }
  return text;
}

function assertTimezone(text: string): string {
  try {
    Intl.DateTimeFormat('en', { timeZone: text });
    return text;
  } catch (cause) {
    throw new Error(`"${text}" is not a time zone; write it as UTC or Europe/Madrid`, { cause });
  }
}
