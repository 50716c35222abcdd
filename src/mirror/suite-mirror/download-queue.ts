import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { PackageFileRecord } from '../../catalog/packages.ts';
import { abortedError } from '../../core/abort.ts';
import { mapConcurrently } from '../../core/concurrency.ts';
import { type Digests, digestNames, strongestDigest } from '../../core/digest.ts';
import { type EspejoError, isEspejoError } from '../../core/errors.ts';
import type { Job } from '../../core/progress.ts';
import { redactUrl } from '../../core/redact.ts';
import type { PackageFile } from '../../deb/package.ts';
import { baseName } from '../../deb/paths.ts';
import type { Fetcher } from '../../fetch/fetcher.ts';
import { fileUrls } from '../../fetch/url.ts';
import { type FoundFile, findFile } from '../../pool/find-file.ts';
import type { Pool, PoolLedger } from '../../pool/pool.ts';
import { inAptlyWords, mismatchText } from './aptly-words.ts';
import { poolName } from './listed-package.ts';

/** What is known of files: where the pool has them, or that they are to be fetched. */
export type FilePlan = {
  /** The files that the pool has, by {@link fileId}. */
  readonly present: ReadonlyMap<string, FoundFile>;
  readonly queue: readonly QueuedFile[];
};

/** A file of an archive that may also lie elsewhere in it: there it is looked for first. */
export type ArchiveFile = PackageFile & { readonly elsewhere?: readonly string[] };

/** A file to fetch; packages that list it under the same path and digests share it. */
export type QueuedFile = { readonly id: string; readonly file: ArchiveFile };

/** A file that did not come. */
export type FetchFailure = { readonly id: string; readonly error: EspejoError };

type Search = {
  readonly pool: Pool;
  readonly ledger: PoolLedger;
  /** Whether files may lie in the layout of aptly before 1.1. */
  readonly legacy: boolean;
  /** Files looked at at once. */
  readonly concurrency: number;
  /** The file of that name and SHA-256 as a package has it that was kept before. */
  readonly known: (name: string, sha256: string) => FoundFile | undefined;
};

/** Equal for files that need be fetched once. */
export function fileId({ path, facts }: PackageFile): string {
  const digest = strongestDigest(facts.digests);
  return `${digest?.name ?? ''}:${digest?.hex ?? ''} ${path}`;
}

/**
 * Looks for files in the pool. A file without SHA-256 (old archives) is always fetched: weaker digests
 * prove nothing of what lies there.
 * @throws E_INDEX_SYNTAX, E_UNSAFE_PATH, E_IO, E_ABORTED
 */
export async function planFiles(
  wanted: readonly ArchiveFile[],
  search: Search,
  { signal }: Job,
): Promise<FilePlan> {
  const files = new Map(wanted.map((file) => [fileId(file), file]));
  const present = new Map<string, FoundFile>();
  const queue: QueuedFile[] = [];
  const entries = Array.from(files);
  const found = await mapConcurrently(entries, { width: search.concurrency, signal }, async ([, file]) => {
    const { sha256 } = file.facts.digests;
    if (sha256 === undefined) return undefined;
    const name = poolName(file);
    return await findFile({ name, facts: file.facts }, search.known(name, sha256), { ...search, signal });
  });
  for (const [position, [id, file]] of entries.entries()) {
    const here = found[position];
    if (here === undefined) queue.push({ id, file });
    else present.set(id, here);
  }
  return { present, queue: queue.sort((a, b) => b.file.facts.size - a.file.facts.size) };
}

/**
 * Which of the files that a plan found in the pool are not there any more, as they were found.
 * @throws E_IO, E_PERMISSION, E_ABORTED
 */
export async function lostFiles(
  { present }: FilePlan,
  { pool, concurrency }: Pick<Search, 'pool' | 'concurrency'>,
  { signal }: Job,
): Promise<readonly FoundFile[]> {
  const found = Array.from(present.values());
  const states = await mapConcurrently(found, { width: concurrency, signal }, ({ path, size, digests }) =>
    pool.check(
      { name: baseName(path).replace(/^[0-9a-f]{28}_/, ''), facts: { size, digests }, legacyPath: path },
      signal,
    ),
  );
  return found.filter((_, position) => states[position] === 'absent');
}

export type Transfer = {
  readonly fetcher: Fetcher;
  readonly archiveRoot: string;
  /** Directory of partial files. */
  readonly temporary: string;
  /** Names the partial files of this mirror, so that no other update touches them. */
  readonly owner: string;
  readonly concurrency: number;
  readonly maxBytes: number;
  readonly tries: number;
  readonly ignoreChecksums: boolean;
  readonly onDownload: (url: string) => void;
  readonly onWarning: (message: string) => void;
};

/** A complete file that waits for its place in the pool. */
export type FetchedFile = {
  readonly id: string;
  readonly name: string;
  readonly partialPath: string;
  readonly facts: FullFacts;
};

type FullFacts = { readonly size: number; readonly digests: Required<Digests> };

/**
 * Fetches queued files, largest first, each to a partial file that a later run goes on with. What the archive fails to
 * give does not stop the others; faults of this machine and an abort do.
 * @throws E_ABORTED, E_DISK_FULL, E_PERMISSION, E_IO
 */
export async function fetchQueue(
  queue: readonly QueuedFile[],
  transfer: Transfer,
  job: Job,
): Promise<{ readonly fetched: readonly FetchedFile[]; readonly failures: readonly FetchFailure[] }> {
  const failures: FetchFailure[] = [];
  const width = { width: transfer.concurrency, signal: job.signal };
  const results = await mapConcurrently(queue, width, async (queued) => {
    try {
      return await fetchOne(queued, transfer, job);
    } catch (error) {
      if (job.signal.aborted) throw abortedError(job.signal);
      const told = inAptlyWords(error);
      if (!isUpstreamFault(told)) throw error;
      failures.push({ id: queued.id, error: told });
      return undefined;
    }
  });
  return { fetched: results.flatMap((one) => one ?? []), failures };
}

async function fetchOne({ id, file }: QueuedFile, transfer: Transfer, job: Job): Promise<FetchedFile> {
  const { fetcher, archiveRoot, ignoreChecksums, maxBytes, tries, onDownload, onWarning } = transfer;
  const urls = [...(file.elsewhere ?? []), file.path].flatMap((path) => fileUrls(archiveRoot, path));
  const [url = ''] = urls;
  const partialPath = join(transfer.temporary, `${transfer.owner}-${sha256Name(id)}.partial`);
  onDownload(redactUrl(url));
  const promised = ignoreChecksums ? {} : { expected: file.facts };
  const target = { urls, maxBytes, tries, partialPath, measure: digestNames, ...promised };
  const { facts } = await fetcher.download(target, job);
  const mismatch = mismatchText(redactUrl(url), file.facts, facts);
  if (mismatch !== undefined) onWarning(mismatch);
  return { id, name: poolName(file), partialPath, facts: facts as FullFacts };
}

function sha256Name(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/**
 * Gives fetched files their places in the pool.
 * @throws E_POOL_CONFLICT, E_DISK_FULL, E_PERMISSION, E_IO
 */
export async function admitFetched(
  fetched: readonly FetchedFile[],
  pool: Pool,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, FoundFile>> {
  // Two files can have one place; the others go in side by side, so that the disk syncs many at once.
  const byPlace = Map.groupBy(fetched, ({ name, facts }) => pool.path({ name, facts }));
  const groups = await mapConcurrently(
    [...byPlace.values()],
    { width: admitWidth, signal },
    async (group) => {
      const places: (readonly [string, FoundFile])[] = [];
      for (const { id, name, partialPath, facts } of group) {
        const { path } = await pool.admit(partialPath, { name, facts });
        places.push([id, { path, size: facts.size, digests: facts.digests }]);
      }
      return places;
    },
  );
  return new Map(groups.flat());
}

const admitWidth = 16;

/** A file of a package as the catalog keeps it. */
export function fileRecord({ name }: PackageFile, { path, size, digests }: FoundFile): PackageFileRecord {
  return { name, size, digests, poolPath: path };
}

function isUpstreamFault(error: unknown): error is EspejoError {
  return (
    isEspejoError(error) &&
    (error.code.startsWith('E_FETCH_') ||
      isEspejoError(error, 'E_DIGEST_MISMATCH', 'E_SIZE_MISMATCH', 'E_SIZE_LIMIT'))
  );
}
