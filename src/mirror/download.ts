import { abortedError } from '../core/abort.ts';
import { mapConcurrently } from '../core/concurrency.ts';
import { sha256Hex } from '../core/digest.ts';
import { EspejoError, invariant, isEspejoError } from '../core/errors.ts';
import type { Job } from '../core/progress.ts';
import type { PackageFile } from '../deb/package.ts';
import type { Fetcher } from '../fetch/fetcher.ts';
import type { Pool } from '../pool/pool.ts';
import { isAbsent, isUnobtainable } from './absent.ts';
import { type PlannedFile, plannedBytes } from './plan.ts';
import type { PoolDigests } from './pool-digests.ts';

export type DownloadSummary = {
  readonly filesFetched: number;
  /** Bytes that came over the network, without what an earlier run had left. */
  readonly bytesFetched: number;
  readonly filesReused: number;
  readonly bytesReused: number;
};

/** What came, and what no upstream has although it is listed. */
export type DownloadOutcome = DownloadSummary & {
  readonly gone: readonly GoneFile[];
  /** Those of which upstream has other bytes, or nothing, and may: it says several things of their packages. */
  readonly unfit: readonly GoneFile[];
  /** The SHA-256 of files that were listed by SHA-512 alone. */
  readonly measured: PoolDigests;
};

/** A file that is listed and not there; the error names its URL. */
export type GoneFile = PlannedFile & { readonly error: EspejoError };

export type DownloadTools = {
  readonly fetcher: Fetcher;
  readonly pool: Pool;
  /** Names the partial files of this mirror, so that no other sync touches them. */
  readonly owner: string;
  readonly concurrency: number;
  /** Hash what the pool has although nothing seems to have touched it. */
  readonly thorough: boolean;
  readonly maxBytes: number;
  /** Whether a file that no upstream has (404, 410, 403) stops the sync. Wrong bytes always do. */
  readonly missing: 'fail' | 'warn';
};

/** Splits the files of a plan into those the pool has and those it lacks. */
export async function missingFiles(
  files: readonly PlannedFile[],
  { pool, concurrency, thorough }: Pick<DownloadTools, 'pool' | 'concurrency' | 'thorough'>,
  signal: AbortSignal,
): Promise<readonly PlannedFile[]> {
  const states = await mapConcurrently(files, { width: concurrency, signal }, async ({ file }) =>
    file.facts.digests.sha256 === undefined ? 'absent' : pool.check(file, signal, { thorough }),
  );
  return files.filter((_, position) => states[position] === 'absent');
}

/**
 * Brings missing files into the pool, largest first. A file that no upstream has does not stop the others, so that
 * the next run has less to do; faults of this machine and an abort stop at once.
 * @throws E_PACKAGE_FETCH names the packages; E_ABORTED; E_DISK_FULL, E_PERMISSION, E_IO
 */
export async function downloadFiles(
  files: readonly PlannedFile[],
  missing: readonly PlannedFile[],
  tools: DownloadTools,
  job: Job,
): Promise<DownloadOutcome> {
  job.report({ type: 'queue', files: missing.length, bytes: plannedBytes(missing) });
  const failures: GoneFile[] = [];
  const measured = new Map<string, string>();
  const tolerantly = async (planned: PlannedFile): Promise<number> => {
    try {
      const { bytesFetched, sha256 } = await downloadOne(planned, tools, job);
      if (planned.file.facts.digests.sha256 === undefined) measured.set(planned.key, sha256);
      return bytesFetched;
    } catch (error) {
      if (job.signal.aborted) throw abortedError(job.signal);
      if (!isUpstreamFault(error)) throw error;
      failures.push({ ...planned, error });
      return 0;
    }
  };
  const fetched = await mapConcurrently(
    linesOf(missing, tools),
    { width: tools.concurrency, signal: job.signal },
    async (line) => {
      let bytes = 0;
      for (const planned of line) bytes += await tolerantly(planned);
      return bytes;
    },
  );
  const unfit = failures.filter(({ isContested, error }) => isContested && isUnobtainable(error));
  const gone = failures.filter(
    (one) => tools.missing === 'warn' && isAbsent(one.error) && !unfit.includes(one),
  );
  const tolerated = gone.length + unfit.length;
  // An upstream that has nothing at all of what it lists is not one that lacks a package.
  if (failures.length > tolerated || (gone.length > 0 && tolerated === files.length))
    throw downloadError(failures, missing.length);
  return {
    filesFetched: missing.length - tolerated,
    bytesFetched: fetched.reduce((sum, bytes) => sum + bytes, 0),
    filesReused: files.length - missing.length,
    bytesReused: plannedBytes(files) - plannedBytes(missing),
    measured,
    gone,
    unfit,
  };
}

/** Largest first. Files of one content and several names share a partial file, so they go one after the other. */
function linesOf(
  missing: readonly PlannedFile[],
  { pool, owner }: Pick<DownloadTools, 'pool' | 'owner'>,
): readonly (readonly PlannedFile[])[] {
  const largestFirst = missing.toSorted((a, b) => b.file.facts.size - a.file.facts.size);
  return [...Map.groupBy(largestFirst, ({ file }) => partialPath(pool, file, owner)).values()];
}

/**
 * What a commit rests on: every file is in the pool under its name.
 * @throws E_POOL_MISSING
 */
export async function assertPresent(
  files: readonly PlannedFile[],
  tools: Pick<DownloadTools, 'pool' | 'concurrency' | 'thorough'>,
  signal: AbortSignal,
): Promise<void> {
  const [lost] = await missingFiles(files, tools, signal);
  if (lost === undefined) return;
  throw new EspejoError('E_POOL_MISSING', `${lost.label}: ${lost.file.name} is gone from the pool`, {
    hint: 'something else changes the pool directory; stop it and sync again',
  });
}

async function downloadOne(
  { file, urls }: PlannedFile,
  { fetcher, pool, owner, maxBytes }: DownloadTools,
  job: Job,
): Promise<{ readonly bytesFetched: number; readonly sha256: string }> {
  const partial = partialPath(pool, file, owner);
  const expected = { urls, maxBytes, expected: file.facts, partialPath: partial };
  const { bytesFetched, facts } = await fetcher.download({ ...expected, measure: ['sha256'] }, job);
  const { sha256 } = facts.digests;
  invariant(sha256 !== undefined, 'what was asked for was measured');
  const digests = { ...file.facts.digests, sha256 };
  await pool.admit(partial, { ...file, facts: { ...file.facts, digests } });
  return { bytesFetched, sha256 };
}

/** Until its SHA-256 is known, a file has a name made of its SHA-512. */
function partialPath(pool: Pool, file: PackageFile, owner: string): string {
  const { sha256 = sha256Hex(`sha512:${file.facts.digests.sha512}`) } = file.facts.digests;
  return pool.partialPath({ ...file, facts: { ...file.facts, digests: { sha256 } } }, owner);
}

function isUpstreamFault(error: unknown): error is EspejoError {
  return (
    isEspejoError(error) &&
    (error.code.startsWith('E_FETCH_') ||
      isEspejoError(error, 'E_DIGEST_MISMATCH', 'E_SIZE_MISMATCH', 'E_SIZE_LIMIT'))
  );
}

const maxNamedFailures = 5;

/** That of `asked` files these did not come. */
export function downloadError(failures: readonly GoneFile[], asked: number): EspejoError {
  const named = failures.slice(0, maxNamedFailures).map(({ label, error }) => `${label} (${error.message})`);
  const more = failures.length - named.length;
  const list = named.join('; ') + (more > 0 ? `; and ${more} more` : '');
  return new EspejoError(
    'E_PACKAGE_FETCH',
    `${failures.length} of ${asked} files could not be downloaded: ${list}`,
    {
      cause: failures[0]?.error,
      context: {
        failures: failures.map(({ label, error }) => ({
          package: label,
          code: error.code,
          message: error.message,
        })),
      },
      hint: hintFor(failures),
    },
  );
}

function hintFor(failures: readonly GoneFile[]): string {
  const kept = 'nothing was changed and what was downloaded is kept';
  return failures.every(({ error }) => isAbsent(error))
    ? `${kept}; add another URL to the mirror, or go on without what is not there by missing: warn`
    : `${kept}; try again later, or add another URL to the mirror`;
}
