import type { MirrorObject } from '../catalog/objects.ts';
import type { ListId } from '../catalog/packages.ts';
import { EspejoError, invariant, isEspejoError } from '../core/errors.ts';
import { baseName } from '../deb/paths.ts';
import type { Release } from '../deb/release.ts';
import type { Fetcher } from '../fetch/fetcher.ts';
import { fileUrls } from '../fetch/url.ts';
import type { Keyring } from '../openpgp/contract.ts';
import type { FollowOptions } from '../packages/dependencies.ts';
import type { Job } from '../packages/events.ts';
import { inAptlyWords } from './aptly-words.ts';
import { type FilePlan, planFiles, type Search } from './download.ts';
import { appStreamFiles, type NeededIndex, neededIndexes } from './index-files.ts';
import { listedPaths } from './index-paths.ts';
import { KeptFiles } from './kept-files.ts';
import { type ListedPackage, ListedPackages } from './listed-package.ts';
import { mirrorRelease } from './mirror-release.ts';
import type { MirrorPorts } from './ports.ts';
import { knownIndexes, readIndexes, type Taking } from './read-indexes.ts';
import { readSteadily } from './read-steadily.ts';
import { releaseDirectory } from './release-place.ts';
import { AptlyResolver, selectPackages } from './resolve-aptly.ts';
import { fileId } from './same-files.ts';
import { originOf } from './update-origin.ts';
import type { UpdateRequest } from './update-request.ts';

/** All that is decided before the first package is downloaded. */
export type PreparedUpdate = {
  /** With what its Release file says now. */
  readonly mirror: MirrorObject;
  readonly resolver: AptlyResolver;
  readonly search: Search;
  /** With the {@link fileId} of each file by its path in Release. */
  readonly appStream: FilePlan & { readonly paths: ReadonlyMap<string, string> };
  readonly indexes: NonNullable<MirrorObject['indexes']>;
  readonly madeFrom: MirrorObject['madeFrom'];
  /** The list of the mirror where it stays as it is: then the other fields hold no packages. */
  readonly list: ListId | undefined;
};

type Work = {
  readonly ports: MirrorPorts;
  readonly request: UpdateRequest;
  readonly keyring: Keyring | undefined;
  readonly follow: FollowOptions;
  readonly fetcher: Fetcher;
  readonly job: Job;
};

/**
 * Reads what the archive of a mirror has, chooses from it and looks for the files in the pool. Changes nothing but the
 * store of indexes.
 * @throws E_FETCH_*, E_SIGNATURE_*, E_RELEASE_SYNTAX, E_COMPONENT_UNKNOWN, E_ARCHITECTURE_UNKNOWN, E_INDEX_NOT_LISTED,
 * E_DIGEST_MISMATCH, E_SIZE_MISMATCH, E_INDEX_SYNTAX, E_UNSAFE_PATH, E_QUERY_SYNTAX, E_IO, E_ABORTED
 */
export async function prepareUpdate(work: Work, before: MirrorObject): Promise<PreparedUpdate> {
  const { keyring, request, job } = work;
  const reader = {
    ask: (watched: Job) => mirrorRelease(work, before, { keyring, tries: request.tries }, watched),
    idsOf: ({ mirror }: CurrentMirror) => [mirror.release?.releaseSha256 ?? ''],
    read: (current: CurrentMirror) => prepared(work, before, current),
  };
  return await readSteadily(await reader.ask(job), reader, job);
}

type CurrentMirror = { readonly release: Release; readonly mirror: MirrorObject };

async function prepared(
  work: Work,
  before: MirrorObject,
  { release, mirror }: CurrentMirror,
): Promise<PreparedUpdate> {
  const { ports, request, follow, job } = work;
  const { ignoreChecksums } = request;
  job.report({ type: 'reading-indexes' });
  const kept = await KeptFiles.of(ports.catalog, before.list === null ? [] : [before.list]);
  const legacy = !ports.config.aptly.skipLegacyPool;
  const search = kept.search(ports, { legacy, thorough: false });
  const rules = { manner: 'aptly', unlisted: ignoreChecksums } as const;
  const { indexes, warnings } = neededIndexes(release, mirror, rules);
  for (const message of warnings) job.report({ type: 'warning', message });
  const origin = originOf(indexes, mirror, { ...request, follow });
  const appStream = await planAppStream(work, { release, mirror, search });
  if (origin !== undefined && before.madeFrom?.id === origin) {
    if (request.skipExisting || (await kept.areThere(search, job.signal)))
      return unchangedUpdate(work, { before, mirror, appStream, search });
  }
  const listed = new ListedPackages(job);
  const digests = await readPackages(work, { before, mirror, indexes, kept, listed });
  const options = { latest: request.latest, follow };
  const resolver = new AptlyResolver(listed, {
    select: (listed) => {
      if (mirror.filter !== '') job.report({ type: 'filtering' });
      const onFiltered = (from: number, to: number): void => job.report({ type: 'filtered', from, to });
      const selected = selectPackages(mirror, listed, { ...options, report: job.report, onFiltered });
      job.report({ type: 'queueing' });
      return selected;
    },
    tryOut: (listed) => selectPackages(mirror, listed, options),
    keptAmong: (packages) => (request.skipExisting ? kept.among(packages) : new Map()),
    urlsOf: (path) => fileUrls(mirror.archiveRoot, path),
  });
  return {
    mirror,
    resolver,
    search,
    appStream,
    indexes: { ...digests, ...releaseIndex(mirror) },
    madeFrom: origin === undefined ? undefined : { id: origin, listed: listed.packages.length },
    list: undefined,
  };
}

/** Nothing that decides the packages has changed since the last update, and the pool has them all. */
async function unchangedUpdate(
  { ports, job }: Work,
  {
    before,
    mirror,
    ...rest
  }: Pick<PreparedUpdate, 'mirror' | 'appStream' | 'search'> & { readonly before: MirrorObject },
): Promise<PreparedUpdate> {
  const { list, madeFrom } = before;
  const indexes = { ...before.indexes, ...releaseIndex(mirror) };
  invariant(list !== null, 'a mirror that was made from something has packages');
  if (mirror.filter !== '') {
    job.report({ type: 'filtering' });
    job.report({ type: 'filtered', from: madeFrom?.listed ?? 0, to: await ports.catalog.listSize(list) });
  }
  const nothing = { packages: [], contested: new Map() };
  const resolver = new AptlyResolver(nothing, {
    select: (listed) => {
      job.report({ type: 'queueing' });
      return listed;
    },
    tryOut: (listed) => listed,
    keptAmong: () => new Map(),
    urlsOf: () => [],
  });
  return { ...rest, mirror, resolver, indexes, madeFrom, list };
}

type Reading = {
  readonly before: MirrorObject;
  readonly mirror: MirrorObject;
  readonly indexes: readonly NeededIndex[];
  readonly kept: KeptFiles;
  /** Gets the packages. */
  readonly listed: ListedPackages;
};

/** @throws E_FETCH_* and wrong bytes in aptly's words, E_SIZE_LIMIT, E_DECOMPRESS; E_INDEX_SYNTAX when no package can be used */
async function readPackages(
  { ports, request, keyring, fetcher, job }: Work,
  { before, mirror, indexes, kept, listed }: Reading,
): Promise<Readonly<Record<string, string>>> {
  const { tries, ignoreChecksums } = request;
  const { limits } = ports.config;
  const common = { fetcher, tries, ignoreChecksums };
  const bases = [mirror.archiveRoot + releaseDirectory(mirror)];
  const left: string[] = [];
  const watched: Job = {
    ...job,
    report(event) {
      if (event.type === 'warning' && event.leftOut !== undefined) left.push(event.message);
      job.report(event);
    },
  };
  const taking: Taking<ListedPackage> = {
    vouching: ignoreChecksums ? 'none' : 'any',
    accept: (one) => ({ key: one.key, package: one }),
    add: (one) => listed.add(one),
  };
  const images = {
    reading: {
      ...common,
      place: mirror,
      keyring,
      now: ports.now(),
      maxBytes: limits.releaseBytes,
      knownSize: (name: string, sha256: string) =>
        kept.file({ name, facts: { size: 0, digests: { sha256 } } })?.size,
    },
    add: (one: ListedPackage) => listed.add(one),
  };
  const { files } = ports;
  const known = await knownIndexes(files, before, indexes);
  const reading = { ...common, files, bases, known, maxBytes: limits.indexBytes };
  try {
    const digests = await readIndexes(indexes, reading, { taking, images }, watched);
    const [unusable] = left;
    if (listed.packages.length === 0 && unusable !== undefined) throw noneUsable(unusable);
    return digests;
  } catch (error) {
    throw inAptlyWords(lastForm(error));
  }
}

/** An archive that has packages and none that could be used must not empty a mirror. */
function noneUsable(first: string): EspejoError {
  return new EspejoError('E_INDEX_SYNTAX', `no package of the indexes can be used: ${first}`, {
    hint: 'the warnings name each of them',
  });
}

/** Where an index is there in none of its forms, aptly tells of the last. */
function lastForm(error: unknown): unknown {
  return isEspejoError(error, 'E_FETCH_NOT_FOUND') && isEspejoError(error.cause) ? error.cause : error;
}

/** Its Release is kept as long as the mirror rests on it. */
function releaseIndex({ release }: MirrorObject): Readonly<Record<string, string>> {
  return release === undefined ? {} : { Release: release.releaseSha256 };
}

async function planAppStream(
  { job }: Work,
  {
    release,
    mirror,
    search,
  }: { readonly release: Release; readonly mirror: MirrorObject; readonly search: Search },
): Promise<PreparedUpdate['appStream']> {
  if (!mirror.downloadAppStream) return { present: new Map(), queue: [], paths: new Map() };
  const directory = releaseDirectory(mirror);
  const files = appStreamFiles(release, mirror).map(([listed, facts]) => {
    const file = { path: directory + listed, name: baseName(listed), facts };
    const paths = listedPaths(release, listed, facts).map((one) => directory + one);
    const urls = (): readonly string[] => paths.flatMap((path) => fileUrls(mirror.archiveRoot, path));
    return { listed, wanted: { id: fileId(file), file, label: listed, urls } };
  });
  const plan = await planFiles(
    files.map(({ wanted }) => wanted),
    search,
    job,
  );
  return { ...plan, paths: new Map(files.map(({ listed, wanted }) => [listed, wanted.id])) };
}
