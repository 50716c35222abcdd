import { abortedError } from '../core/abort.ts';
import { mapConcurrently } from '../core/concurrency.ts';
import { type Digests, digestNames, sha256Hex } from '../core/digest.ts';
import { EspejoError, isEspejoError } from '../core/errors.ts';
import { redactUrl } from '../core/redact.ts';
import type { PackageFile } from '../deb/package.ts';
import { baseName } from '../deb/paths.ts';
import type { Fetcher } from '../fetch/fetcher.ts';
import type { Job } from '../packages/events.ts';
import { type FoundFile, findFile } from '../pool/find-file.ts';
import type { Pool, StagedFile } from '../pool/pool.ts';
import { isAbsent, isUnobtainable } from './absent.ts';
import { inAptlyWords, mismatchText } from './aptly-words.ts';
import type { Resolver, WantedFile } from './resolver.ts';

/** How files are looked for in the pool. */
export type Search = {
  readonly pool: Pool;
  /** Whether files may lie in the layout of aptly before 1.1. */
  readonly legacy: boolean;
  /** Hash what the pool has although nothing seems to have touched it. */
  readonly thorough: boolean;
  /** Files looked at, and fetched, at once. */
  readonly concurrency: number;
  /** The file as a package has it that was kept before. */
  readonly known: (file: PackageFile) => FoundFile | undefined;
};

/** How files are fetched. */
export type Transfer = {
  readonly fetcher: Fetcher;
  /** Names the partial files of this mirror, so that no other update touches them. */
  readonly owner: string;
  readonly maxBytes: number;
  /** How often each URL is tried at least. */
  readonly tries?: number;
  /** Wrong sizes and digests are warnings; what is kept has the digests of what came. */
  readonly ignoreChecksums?: boolean;
  /** Whose words errors of single files are told in. */
  readonly words: 'espejo' | 'aptly';
};

/** What is known of files: where the pool has them, or that they are to be fetched, largest first. */
export type FilePlan<Wanted extends WantedFile = WantedFile> = {
  /** By id. */
  readonly present: ReadonlyMap<string, FoundFile>;
  readonly queue: readonly Wanted[];
};

/** A file that did not come; the error names its URL. */
export type GoneFile = WantedFile & { readonly error: EspejoError };

export type DownloadSummary = {
  readonly filesFetched: number;
  /** Bytes that came over the network, without what an earlier run had left. */
  readonly bytesFetched: number;
  readonly filesReused: number;
  readonly bytesReused: number;
};

/** What the pool has of what a resolver wants, and what nobody has. */
export type Fetched = {
  /** By id, whole: found or fetched. */
  readonly files: ReadonlyMap<string, FoundFile>;
  /** Listed and not there, where that is no reason to stop; by id. */
  readonly gone: ReadonlyMap<string, GoneFile>;
  /** Of packages of which nothing that is said fits. */
  readonly unfit: ReadonlyMap<string, GoneFile>;
  /** What stops an update. */
  readonly failures: readonly GoneFile[];
  /** How many files were to be fetched. */
  readonly asked: number;
  readonly summary: DownloadSummary;
};

/**
 * Looks for files in the pool. Each is proved to be what its index says, and all its digests are known after that: from
 * the package that has it, or by reading it once. A file without a digest that proves anything is always fetched.
 * @throws E_INDEX_SYNTAX, E_UNSAFE_PATH, E_IO, E_ABORTED
 */
export async function planFiles<Wanted extends WantedFile>(
  wanted: readonly Wanted[],
  search: Search,
  { signal }: Pick<Job, 'signal'>,
): Promise<FilePlan<Wanted>> {
  const entries = [...new Map(wanted.map((one) => [one.id, one])).values()];
  const width = { width: search.concurrency, signal };
  const found = await mapConcurrently(entries, width, ({ file }) => lookFor(file, { ...search, signal }));
  const present = new Map<string, FoundFile>();
  const queue: Wanted[] = [];
  for (const [position, one] of entries.entries()) {
    const here = found[position];
    if (here === undefined) queue.push(one);
    else present.set(one.id, here);
  }
  return { present, queue: queue.sort((a, b) => b.file.facts.size - a.file.facts.size) };
}

async function lookFor(
  file: PackageFile,
  search: Search & { readonly signal: AbortSignal },
): Promise<FoundFile | undefined> {
  const { size, digests } = file.facts;
  const known = search.known(file);
  const sha256 = digests.sha256 ?? known?.digests.sha256;
  if (sha256 === undefined) return undefined;
  const pooled = { name: poolName(file), facts: { size, digests: { ...digests, sha256 } } };
  return await findFile(pooled, known, search);
}

/**
 * Brings what a resolver wants into the pool. Where indexes say several things of a package, what fitted when it was
 * fetched is preferred, and else each is tried until one fits what upstream has; the resolver selects anew then.
 * What upstream fails to give does not stop the others, so that the next run has less to do; faults of this machine and an
 * abort do.
 * @param tools.missing whether a file that no upstream has (404, 410, 403) stops the update; wrong bytes always do
 * @param tools.onPlanned told what is about to be fetched, in each round
 * @throws E_ABORTED, E_DISK_FULL, E_PERMISSION, E_IO, E_POOL_CONFLICT; what the resolver throws
 */
export async function fetchWanted(
  resolver: Resolver,
  tools: Search &
    Transfer & {
      readonly missing: 'fail' | 'warn';
      readonly onPlanned: (queue: readonly WantedFile[]) => Promise<void> | void;
    },
  job: Job,
): Promise<Fetched> {
  const files = new Map<string, FoundFile>();
  const gone = new Map<string, GoneFile>();
  const unfit = new Map<string, GoneFile>();
  const failed = new Map<string, GoneFile>();
  const reused = new Map<string, FoundFile>();
  let [asked, filesFetched, bytesFetched] = [0, 0, 0];
  await preferPresent(resolver, tools, job);
  for (;;) {
    const wanted = resolver.wanted();
    const isOpen = ({ id }: WantedFile): boolean =>
      [files, gone, unfit, failed].every((known) => !known.has(id));
    const plan = await planFiles(wanted.filter(isOpen), tools, job);
    for (const [id, file] of plan.present) {
      files.set(id, file);
      reused.set(id, file);
    }
    await tools.onPlanned(plan.queue);
    asked += plan.queue.length;
    const round = await fetchQueue(plan.queue, tools, job);
    for (const [id, file] of round.fetched) files.set(id, file);
    filesFetched += round.fetched.size;
    bytesFetched += round.bytesFetched;
    for (const one of round.failures) {
      if (resolver.isContested(one.id) && isUnobtainable(one.error)) unfit.set(one.id, one);
      else if (tools.missing === 'warn' && isAbsent(one.error)) gone.set(one.id, one);
      else failed.set(one.id, one);
    }
    if (unfit.size > 0 && resolver.refuse((id) => unfit.has(id))) continue;
    // What was needed as long as something else was held for true does not matter.
    const failures = [...new Set(wanted.flatMap(({ id }) => failed.get(id) ?? []))];
    const bytesReused = [...reused.values()].reduce((sum, { size }) => sum + size, 0);
    const summary = { filesFetched, bytesFetched, filesReused: reused.size, bytesReused };
    return { files, gone, unfit, failures, asked, summary };
  }
}

/**
 * Of what is said of one package the first is used of which the pool has all files: what fitted when it was fetched is
 * listed still, and need not be looked for again.
 * @throws E_IO, E_PERMISSION, E_ABORTED
 */
export async function preferPresent(
  resolver: Resolver,
  search: Search,
  job: Pick<Job, 'signal'>,
): Promise<void> {
  const offers = resolver.contested();
  if (offers.length === 0) return;
  const { present } = await planFiles(offers, search, job);
  resolver.prefer((id) => present.has(id));
}

/**
 * Which files are not in the pool any more, as they were found or fetched: a commit rests on all of them.
 * @throws E_IO, E_PERMISSION, E_ABORTED
 */
export async function lostFiles(
  files: readonly FoundFile[],
  { pool, concurrency }: Pick<Search, 'pool' | 'concurrency'>,
  { signal }: Pick<Job, 'signal'>,
): Promise<readonly FoundFile[]> {
  const states = await mapConcurrently(files, { width: concurrency, signal }, ({ path, size, digests }) =>
    pool.check(
      { name: baseName(path).replace(/^[0-9a-f]{28}_/, ''), facts: { size, digests }, legacyPath: path },
      signal,
    ),
  );
  return files.filter((_, position) => states[position] === 'absent');
}

/**
 * Fetches files and gives them their places in the pool, each as it comes, to be made durable by `pool.flush`. A later run
 * goes on with what is partly there.
 * @throws E_ABORTED, E_DISK_FULL, E_PERMISSION, E_IO, E_POOL_CONFLICT
 */
export async function fetchQueue(
  queue: readonly WantedFile[],
  tools: Pick<Search, 'pool' | 'concurrency'> & Transfer,
  job: Job,
): Promise<{
  readonly fetched: ReadonlyMap<string, FoundFile>;
  readonly failures: readonly GoneFile[];
  readonly bytesFetched: number;
}> {
  const fetched = new Map<string, FoundFile>();
  const failures: GoneFile[] = [];
  const places = new Places(tools.pool);
  const sizes = await mapConcurrently(
    queue,
    { width: tools.concurrency, signal: job.signal },
    async (wanted) => {
      try {
        const { file, bytesFetched } = await fetchOne(wanted, places, tools, job);
        fetched.set(wanted.id, file);
        return bytesFetched;
      } catch (error) {
        if (job.signal.aborted) throw abortedError(job.signal);
        const told = tools.words === 'aptly' ? inAptlyWords(error) : error;
        if (!isUpstreamFault(told)) throw error;
        failures.push({ ...wanted, error: told });
        return 0;
      }
    },
  );
  return { fetched, failures, bytesFetched: sizes.reduce((sum, bytes) => sum + bytes, 0) };
}

async function fetchOne(
  { id, file, urls: candidates }: WantedFile,
  places: Places,
  { fetcher, pool, owner, maxBytes, tries, ignoreChecksums = false }: Pick<Search, 'pool'> & Transfer,
  job: Job,
): Promise<{ readonly file: FoundFile; readonly bytesFetched: number }> {
  const urls = candidates();
  const url = redactUrl(urls[0] ?? file.path);
  // Its SHA-256 may not be known before it has come.
  const nameless = { name: poolName(file), facts: { size: 0, digests: { sha256: sha256Hex(id) } } };
  const staged = pool.stage(nameless, owner);
  job.report({ type: 'downloading', url });
  const { facts, bytesFetched } = await fetcher.download(
    {
      urls,
      maxBytes,
      partialPath: staged.localPath,
      measure: digestNames,
      ...(tries === undefined ? {} : { tries }),
      ...(ignoreChecksums ? {} : { expected: file.facts }),
    },
    job,
  );
  const mismatch = ignoreChecksums ? mismatchText(url, file.facts, facts) : undefined;
  if (mismatch !== undefined) job.report({ type: 'tolerated', message: mismatch });
  const { size } = facts;
  const digests = facts.digests as Required<Digests>;
  const path = await places.admit(staged, { name: poolName(file), facts: { size, digests } });
  return { file: { path, size, digests }, bytesFetched };
}

/** Two files may turn out to have one place; these go in one after the other. */
class Places {
  readonly #pool: Pool;
  readonly #busy = new Map<string, Promise<unknown>>();

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async admit(staged: StagedFile, file: Parameters<Pool['admit']>[1]): Promise<string> {
    const place = this.#pool.path(file);
    const before = this.#busy.get(place);
    const work = (async () => {
      await before?.catch(() => undefined);
      return (await this.#pool.admit(staged, file)).path;
    })();
    this.#busy.set(place, work);
    return await work.finally(() => {
      if (this.#busy.get(place) === work) this.#busy.delete(place);
    });
  }
}

/** The name of a file in the pool: the last part of it. */
function poolName({ name }: Pick<PackageFile, 'name'>): string {
  return baseName(name);
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
