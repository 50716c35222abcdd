import type { MirrorObject } from '../catalog/library.ts';
import type { ListId, PackageRecord } from '../catalog/packages.ts';
import { mapConcurrently } from '../core/concurrency.ts';
import { digestNames } from '../core/digest.ts';
import { invariant } from '../core/errors.ts';
import type { Job } from '../core/progress.ts';
import type { PackageFile } from '../deb/package.ts';
import { baseName } from '../deb/paths.ts';
import type { Release } from '../deb/release.ts';
import type { Fetcher } from '../fetch/fetcher.ts';
import { type FoundFile, findFile } from '../pool/find-file.ts';
import { listedPaths } from './index-paths.ts';
import { selectPackages } from './mirror-selection.ts';
import type { MirrorPorts } from './ports.ts';
import { chooseParts } from './suite-mirror/choose-parts.ts';
import { type Contested, choose, inQuestion, type Select } from './suite-mirror/contested.ts';
import { type FilePlan, fileId, planFiles } from './suite-mirror/download-queue.ts';
import { fetchMirrorRelease } from './suite-mirror/fetch-release.ts';
import { filesOf, type ListedPackage } from './suite-mirror/listed-package.ts';
import { appStreamFiles, mirrorIndexes } from './suite-mirror/mirror-indexes.ts';
import { type MirrorContent, readMirrorIndexes } from './suite-mirror/read-mirror-indexes.ts';
import { releaseDirectory } from './suite-mirror/release-place.ts';
import { originOf } from './update-origin.ts';
import type { UpdateRequest } from './update-request.ts';

/** All that is decided before the first package is downloaded. */
export type PreparedUpdate = {
  /** With what its Release file says now. */
  readonly mirror: MirrorObject;
  /** What the archive has; {@link PreparedUpdate.packages} are chosen from it. */
  readonly listed: readonly ListedPackage[];
  readonly packages: readonly ListedPackage[];
  /** Packages that would be chosen if something else were true of them, so that their files are needed to know. */
  readonly asked: readonly ListedPackage[];
  /** Packages that the mirror has and that are taken over as they are. */
  readonly unchanged: ReadonlyMap<ListedPackage, PackageRecord>;
  readonly plan: FilePlan;
  /** Packages of which the indexes say something else, too. */
  readonly contested: Contested;
  /** Chooses anew when something else is true of what is listed; what is planned already is not looked for again. */
  readonly planAnew: PlanAnew;
  /** With the {@link fileId} of each file by its path in Release. */
  readonly appStream: FilePlan & { readonly paths: ReadonlyMap<string, string> };
  readonly indexes: MirrorContent['indexes'];
  readonly madeFrom: MirrorObject['madeFrom'];
  /** The list of the mirror where it stays as it is: then the other fields hold no packages. */
  readonly list: ListId | undefined;
};

/** What depends on what is true of a listed package. */
export type Planned = Pick<
  PreparedUpdate,
  'listed' | 'contested' | 'packages' | 'asked' | 'unchanged' | 'plan'
> & {
  /** Whether something may be true, by the ids of its files. */
  readonly fits: (fileIds: readonly string[]) => boolean;
};

/** @param chosen what is chosen of `listed`, when that is known */
type PlanAnew = (
  listed: readonly ListedPackage[],
  contested: Contested,
  before: Planned,
  chosen?: readonly ListedPackage[],
) => Promise<Planned>;

type Work = {
  readonly ports: MirrorPorts;
  readonly request: UpdateRequest;
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
  const { ports, request, job } = work;
  const { release, mirror } = await currentRelease(work, before);
  request.onStep({ kind: 'indexes' });
  const kept = await KeptFiles.of(ports, before);
  const { indexes, warnings } = mirrorIndexes(release, mirror, { unlisted: request.ignoreChecksums });
  for (const message of warnings) job.report({ type: 'warning', message });
  const origin = originOf(indexes, mirror, request);
  const appStream = await planAppStream(work, { release, mirror, kept });
  if (origin !== undefined && before.madeFrom?.id === origin && (await kept.areThere(work))) {
    return unchangedUpdate(work, { before, mirror, appStream });
  }
  const content = await readMirrorIndexes(mirror, indexes, readingOf(work, kept), job);
  const { lookFor, planAnew } = planner(work, mirror, kept);
  const { packages: listed, contested } = await preferPresent(content, lookFor);
  if (mirror.filter !== '') request.onStep({ kind: 'filtering' });
  const packages = selectPackages(mirror, listed, {
    latest: request.latest,
    follow: request.follow,
    report: request.onResolve,
    onFiltered: (before, after) => request.onStep({ kind: 'filtered', before, after }),
  });
  request.onStep({ kind: 'queueing' });
  const planned = await planAnew(listed, contested, { ...nothing, fits: () => true }, packages);
  return {
    mirror,
    ...planned,
    planAnew,
    appStream,
    indexes: content.indexes,
    madeFrom: origin === undefined ? undefined : { id: origin, listed: content.packages.length },
    list: undefined,
  };
}

type LookFor = (files: readonly PackageFile[]) => Promise<FilePlan>;

const nothing = {
  listed: [],
  packages: [],
  asked: [],
  unchanged: new Map(),
  contested: new Map(),
  plan: { present: new Map(), queue: [] },
} as const;

function planner(
  { ports, request, job }: Work,
  mirror: MirrorObject,
  kept: KeptFiles,
): Pick<PreparedUpdate, 'planAnew'> & { readonly lookFor: LookFor } {
  const lookFor: LookFor = (files) => planFiles(files, searchOf(ports, kept), job);
  const quietly = { report: () => undefined, onFiltered: () => undefined };
  const select: Select = (listed) =>
    selectPackages(mirror, listed, { latest: request.latest, follow: request.follow, ...quietly });
  return {
    lookFor,
    async planAnew(listed, contested, { plan, fits }, chosen) {
      const packages = chosen ?? select(listed);
      const unchanged = request.skipExisting ? kept.takenOver(packages) : new Map();
      const asked = inQuestion(listed, { contested, taken: packages, select }, fits);
      const wanted = [...packages.filter((one) => !unchanged.has(one)), ...asked].flatMap(filesOf);
      const planned = new Set([...plan.present.keys(), ...plan.queue.map(({ id }) => id)]);
      const more = await lookFor(wanted.filter((file) => !planned.has(fileId(file))));
      const present = new Map([...plan.present, ...more.present]);
      const queue = [...plan.queue, ...more.queue];
      return { listed, contested, packages, asked, unchanged, plan: { present, queue }, fits };
    },
  };
}

/** Nothing that decides the packages has changed since the last update, and the pool has them all. */
async function unchangedUpdate(
  { ports, request }: Work,
  {
    before,
    mirror,
    appStream,
  }: Pick<PreparedUpdate, 'mirror' | 'appStream'> & { readonly before: MirrorObject },
): Promise<PreparedUpdate> {
  const { list, madeFrom, indexes = {} } = before;
  invariant(list !== null, 'a mirror that was made from something has packages');
  if (mirror.filter !== '') {
    request.onStep({ kind: 'filtering' });
    request.onStep({
      kind: 'filtered',
      before: madeFrom?.listed ?? 0,
      after: await ports.catalog.listSize(list),
    });
  }
  request.onStep({ kind: 'queueing' });
  const planAnew: PreparedUpdate['planAnew'] = async (_listed, _contested, same) => same;
  return { mirror, ...nothing, planAnew, appStream, indexes, madeFrom, list };
}

/** What fitted when it was fetched is listed still, and need not be looked for again. */
async function preferPresent(
  { packages, contested }: MirrorContent,
  lookFor: LookFor,
): Promise<Pick<MirrorContent, 'packages' | 'contested'>> {
  const offers = Array.from(contested.values()).flat();
  if (offers.length === 0) return { packages, contested };
  const { present } = await lookFor(offers.flatMap(filesOf));
  return choose(packages, contested, (fileIds) => fileIds.every((id) => present.has(id)));
}

async function currentRelease(
  { ports, request, fetcher, job }: Work,
  before: MirrorObject,
): Promise<{ readonly release: Release; readonly mirror: MirrorObject }> {
  const { keyring, tries, onStep } = request;
  const source = {
    fetcher,
    keyring,
    tries,
    maxBytes: ports.config.limits.releaseBytes,
    now: ports.now(),
    onDownload: (url: string) => onStep({ kind: 'download', url }),
  };
  const { release, meta } = await fetchMirrorRelease(source, before, job);
  return { release, mirror: { ...before, ...chooseParts(release, before), meta } };
}

function readingOf(
  { ports, request, fetcher }: Work,
  kept: KeptFiles,
): Parameters<typeof readMirrorIndexes>[2] {
  const { keyring, tries, ignoreChecksums, onStep } = request;
  return {
    fetcher,
    keyring,
    tries,
    ignoreChecksums,
    files: ports.files,
    now: ports.now(),
    limits: ports.config.limits,
    onDownload: (url) => onStep({ kind: 'download', url }),
    onWarning: (message) => onStep({ kind: 'warning', message }),
    onDuplicate: (label) => onStep({ kind: 'duplicate', label }),
    knownImageSize: (name, sha256) => kept.file(baseName(name), sha256)?.size,
  };
}

async function planAppStream(
  { ports, job }: Work,
  {
    release,
    mirror,
    kept,
  }: { readonly release: Release; readonly mirror: MirrorObject; readonly kept: KeptFiles },
): Promise<PreparedUpdate['appStream']> {
  if (!mirror.downloadAppStream) return { present: new Map(), queue: [], paths: new Map() };
  const directory = releaseDirectory(mirror);
  const files = appStreamFiles(release, mirror).map(([path, facts]) => ({
    listed: path,
    file: {
      path: directory + path,
      name: baseName(path),
      facts,
      elsewhere: listedPaths(release, path, facts)
        .slice(0, -1)
        .map((one) => directory + one),
    },
  }));
  const plan = await planFiles(
    files.map(({ file }) => file),
    searchOf(ports, kept),
    job,
  );
  return { ...plan, paths: new Map(files.map(({ listed, file }) => [listed, fileId(file)])) };
}

function searchOf({ pool, catalog, config }: MirrorPorts, kept: KeptFiles): Parameters<typeof planFiles>[1] {
  return {
    pool,
    ledger: catalog.ledger,
    legacy: !config.aptly.skipLegacyPool,
    concurrency: config.limits.concurrency,
    known: (name, sha256) => kept.file(name, sha256),
  };
}

/** The packages that a mirror has from its last update, and their files where all of their digests are known. */
class KeptFiles {
  readonly #records: readonly PackageRecord[];
  #files: ReadonlyMap<string, FoundFile> | undefined;

  private constructor(records: readonly PackageRecord[]) {
    this.#records = records;
  }

  static async of({ catalog }: MirrorPorts, { list }: MirrorObject): Promise<KeptFiles> {
    return new KeptFiles(list === null ? [] : await catalog.packages(list));
  }

  file(name: string, sha256: string): FoundFile | undefined {
    this.#files ??= new Map(this.#records.flatMap(foundFiles));
    return this.#files.get(`${sha256} ${name}`);
  }

  /** Whether the pool has every file where it was. */
  async areThere({ ports, request, job }: Work): Promise<boolean> {
    if (request.skipExisting) return true;
    const { concurrency } = ports.config.limits;
    const search = { pool: ports.pool, ledger: ports.catalog.ledger, legacy: false, signal: job.signal };
    const files = this.#records.flatMap((record) => record.files);
    const states = await mapConcurrently(files, { width: concurrency, signal: job.signal }, async (file) => {
      const [found] = foundFiles({ files: [file] });
      if (found === undefined) return false;
      const [, known] = found;
      const facts = { size: known.size, digests: known.digests };
      const place = await findFile({ name: baseName(file.name), facts }, known, search);
      return place?.path === known.path;
    });
    return states.every((isThere) => isThere);
  }

  takenOver(packages: readonly ListedPackage[]): ReadonlyMap<ListedPackage, PackageRecord> {
    const byKey = new Map(this.#records.map((record) => [record.key, record]));
    return new Map(
      packages.flatMap((one) => {
        const record = byKey.get(one.key);
        return record === undefined ? [] : [[one, record]];
      }),
    );
  }
}

function foundFiles({
  files,
}: Pick<PackageRecord, 'files'>): readonly (readonly [id: string, file: FoundFile])[] {
  return files.flatMap(({ name, size, digests, poolPath }) => {
    if (digestNames.some((digest) => digests[digest] === undefined)) return [];
    const found = { path: poolPath, size, digests: digests as FoundFile['digests'] };
    return [[`${found.digests.sha256} ${baseName(name)}`, found]];
  });
}
