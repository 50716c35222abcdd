import { dirname, resolve } from 'node:path';
import type * as z from 'zod';
import { didYouMean } from '../core/closest.ts';
import { isAptlyFile } from './aptly-file.ts';
import type { AptlyConfig } from './aptly-schema.ts';
import { type Canonical, canonicalize } from './canonical.ts';
import type { EspejoConfig, LimitsConfig } from './config.ts';
import { type FileData, fileSchema } from './espejo-schema.ts';
import { deepFreeze } from './freeze.ts';
import { configError, inOrder, type KeyPath, noticeLine, type Problem, type Report } from './problems.ts';
import { readDocument } from './read-document.ts';
import { resolveMirror } from './resolve-mirror.ts';
import { reportConflicts, resolvePublication } from './resolve-publication.ts';
import { reportSuspicious } from './suspicious.ts';

export type ConfigOrigin = {
  /** The file; relative paths in it start from its directory. */
  readonly path: string;
  /** `HOME` is read. */
  readonly env: Readonly<Record<string, string | undefined>>;
};

/**
 * The configuration of a text, checked as a whole and frozen. In a file of aptly, which has none of espejo's keys, unknown
 * keys are none of its problems: aptly passes them over in silence.
 * @throws E_CONFIG_SYNTAX, E_CONFIG_INVALID (`context.problems` has them all: `{ line, path, message }`)
 */
export function parseConfig(text: string, origin: ConfigOrigin): EspejoConfig {
  const { root, format } = readDocument(text, origin.path);
  const canonical = canonicalize(root, fileSchema, format);
  const isLenient = isAptlyFile(origin.path, canonical.value);
  const isPassedOver = ({ unknown }: Problem): boolean => isLenient && unknown === true;
  const problems: Problem[] = canonical.problems.filter((problem) => !isPassedOver(problem));
  const suspicions: Problem[] = [];
  const report: Report = (path, message, hint) => problems.push(problemAt(canonical, path, message, hint));
  const data = readValues(canonical, report);
  const names = (key: string): boolean => valueAt(canonical.value, [key]) !== undefined;
  const config = data === undefined ? undefined : assemble(data, { ...origin, names }, report);
  if (config === undefined || problems.length > 0) throw configError(origin.path, problems);
  reportSuspicious(config, (path, message) => suspicions.push(problemAt(canonical, path, message)));
  const lines = (notices: readonly Problem[]): readonly string[] =>
    inOrder(notices).map((notice) => noticeLine(origin.path, notice));
  return deepFreeze({
    ...config,
    emptied: canonical.nullKeys,
    notices: lines(canonical.repeated),
    unknownKeys: lines(canonical.problems.filter(isPassedOver)),
    suspicions: lines(suspicions),
  });
}

function problemAt(canonical: Canonical, path: KeyPath, message: string, hint?: string): Problem {
  const { line, label } = canonical.siteOf(path);
  return { line, path: label, message, ...(hint === undefined ? {} : { hint }) };
}

function readValues({ value }: Canonical, report: Report): FileData | undefined {
  reportNul(value, [], report);
  const parsed = fileSchema.safeParse(value);
  for (const issue of parsed.error?.issues ?? []) reportIssue(issue, value, report);
  return parsed.data;
}

/** No path, name or URL may have one, and the system takes it for a mistake of the program. */
function reportNul(value: unknown, path: KeyPath, report: Report): void {
  if (typeof value === 'string' && value.includes('\0')) report(path, 'has a NUL character');
  if (typeof value !== 'object' || value === null) return;
  const isList = Array.isArray(value);
  for (const [key, part] of Object.entries(value))
    reportNul(part, [...path, isList ? Number(key) : key], report);
}

/** Where a file comes from, and which keys are in it. */
type FileOrigin = ConfigOrigin & { readonly names: (key: string) => boolean };

function assemble(
  data: FileData,
  origin: FileOrigin,
  report: Report,
): Omit<EspejoConfig, 'notices' | 'unknownKeys' | 'suspicions' | 'emptied'> {
  const absolute = (path: string): string => absolutePath(path, origin);
  const rootDir = resolveRoot(data.rootDir, origin, report);
  const aptly: AptlyConfig = { ...aptlyValues(data), rootDir };
  const mirrors = Object.entries(data.mirrors).map(([name, mirror]) =>
    resolveMirror(name, mirror, { aptly, missing: data.missing, report, absolute }),
  );
  const publications = Object.entries(data.publications).map(([name, publication]) =>
    resolvePublication(name, publication, { aptly, mirrors, report }),
  );
  reportConflicts(publications, report);
  const { directory, passphraseFile, userId } = data.keys;
  const { sync, timezone, onStart } = data.schedule;
  const { listen, publicUrl, title, processes, logRequests } = data.server;
  return {
    path: origin.path,
    aptly,
    rootDir,
    mirrors,
    publications,
    keys: {
      directory: directory === undefined ? resolve(rootDir, 'keys') : absolute(directory),
      passphraseFile: passphraseFile === undefined ? undefined : absolute(passphraseFile),
      userId,
      provider: origin.names('gpgProvider') && aptly.gpgProvider !== '' ? aptly.gpgProvider : undefined,
    },
    server: { listen, publicUrl, title, processes, logRequests },
    schedule: { sync, timezone, onStart: onStart ?? sync !== undefined },
    cleanup: data.cleanup,
    keepRemovedFilesSeconds: data.keepRemovedFiles ?? 0,
    limits: resolveLimits(data.limits, aptly),
    missing: data.missing,
    compatibility: data.compatibility,
    authFiles: data.authFile.map(absolute),
  };
}

function aptlyValues(
  data: FileData,
): Omit<
  FileData,
  | 'mirrors'
  | 'publications'
  | 'keys'
  | 'server'
  | 'schedule'
  | 'cleanup'
  | 'keepRemovedFiles'
  | 'limits'
  | 'missing'
  | 'compatibility'
  | 'authFile'
> {
  const { mirrors, publications, keys, server, schedule, ...others } = data;
  const { cleanup, keepRemovedFiles, limits, missing, compatibility, authFile, ...aptly } = others;
  return aptly;
}

/** Zero in aptly's keys, as in its template, says nothing: no limit, and espejo's own number of retries. */
function resolveLimits(limits: FileData['limits'], aptly: AptlyConfig): LimitsConfig {
  const { downloadConcurrency, downloadSpeedLimit, downloadRetries } = aptly;
  return {
    concurrency: limits.concurrency ?? (downloadConcurrency > 0 ? Math.min(downloadConcurrency, 100) : 4),
    bandwidthBytesPerSecond:
      limits.bandwidth ?? (downloadSpeedLimit > 0 ? downloadSpeedLimit * 1024 : undefined),
    retries: limits.retries ?? (downloadRetries > 0 ? Math.min(downloadRetries, 100) : 5),
    timeoutSeconds: limits.timeout,
    minimumBytesPerSecond: limits.minimumRate,
    fileTimeoutSeconds: limits.fileTimeout,
    releaseBytes: limits.releaseSize,
    indexBytes: limits.indexSize,
    packageBytes: limits.packageSize,
  };
}

/** aptly's default, `$HOME/.aptly`, when the key is absent. */
function resolveRoot(rootDir: string | undefined, origin: ConfigOrigin, report: Report): string {
  const text = rootDir ?? '~/.aptly';
  if (text.startsWith('~') && !origin.env['HOME']) {
    report(['rootDir'], rootDir === undefined ? 'is not set, and HOME is not set either' : 'HOME is not set');
  }
  if (text === '') report(['rootDir'], 'must be the path of a directory');
  return absolutePath(text, origin);
}

function absolutePath(path: string, origin: ConfigOrigin): string {
  const home = origin.env['HOME'];
  const isInHome = path === '~' || path.startsWith('~/');
  const expanded = isInHome && home ? `${home}${path.slice(1)}` : path;
  return resolve(dirname(origin.path), expanded);
}

function reportIssue(issue: z.core.$ZodIssue, value: unknown, report: Report): void {
  const path = pathOf(issue);
  const given = valueAt(value, path);
  switch (issue.code) {
    case 'invalid_type':
      report(
        path,
        given === undefined
          ? 'is missing'
          : `must be ${kindName(issue.expected)}, not ${issue.expected === 'int' && typeof given === 'number' ? given : kindOf(given)}`,
      );
      return;
    case 'invalid_value': {
      const values = issue.values.map(String).filter((text) => text !== '');
      const like = typeof given === 'string' ? didYouMean(given, values) : '';
      report(path, `must be one of ${values.join(', ')}${like}`);
      return;
    }
    case 'invalid_key':
      report(path, issue.issues[0]?.message ?? issue.message);
      return;
    case 'invalid_union':
      report(path, `cannot be ${kindOf(given)}`);
      return;
    default:
      report(path, issue.message);
  }
}

function pathOf({ path }: z.core.$ZodIssue): KeyPath {
  return path.filter((part) => typeof part !== 'symbol');
}

function valueAt(value: unknown, path: KeyPath): unknown {
  let reached = value;
  for (const part of path) {
    if (typeof reached !== 'object' || reached === null) return undefined;
    reached = Reflect.get(reached, part);
  }
  return reached;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  return kindName(typeof value);
}

const kindNames: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
};

function kindName(kind: string): string {
  return kindNames[kind] ?? kind;
}
