import { findObject } from '../catalog/find-object.ts';
import { holderText } from '../catalog/lock-holder.ts';
import { assertMirrorUnlocked, type HeldMirror, mirrorLockKey } from '../catalog/mirror-locks.ts';
import type { ListKeeper, MirrorObject } from '../catalog/objects.ts';
import { shownMirror } from '../catalog/without-secrets.ts';
import { mappingAborts } from '../core/abort.ts';
import { EspejoError, inStage } from '../core/errors.ts';
import { type Tally, tallied } from '../core/tally.ts';
import type { Fetcher } from '../fetch/fetcher.ts';
import { loggedIn } from '../fetch/logged-in.ts';
import type { Keyring } from '../openpgp/contract.ts';
import type { FollowOptions } from '../packages/dependencies.ts';
import type { DomainEvent, Job } from '../packages/events.ts';
import { followOf } from '../packages/following.ts';
import type { FoundFile } from '../pool/find-file.ts';
import { isAbsent } from './absent.ts';
import { carryOut, type Outcome, recordOf } from './carry-out.ts';
import { type Fetched, fetchQueue, type GoneFile, type Search, type Transfer } from './download.ts';
import { type ListedPackage, listedFiles } from './listed-package.ts';
import { mirrorKeyring } from './mirror-release.ts';
import { plannedBytes } from './plan.ts';
import type { MirrorPorts } from './ports.ts';
import { type PreparedUpdate, prepareUpdate } from './prepare-update.ts';
import { assertNotManaged } from './reconcile.ts';
import type { WantedFile } from './resolver.ts';
import { fileId } from './same-files.ts';
import { sweepUnused } from './sweep.ts';
import type { UpdateRequest } from './update-request.ts';

export type UpdatedMirror = {
  readonly mirror: MirrorObject;
  /** A line for each file that the archive lists and does not have: its package is not in the mirror. */
  readonly missing: readonly MissingFile[];
} & Tally;

type MissingFile = { readonly label: string; readonly reason: string };

/**
 * Brings a mirror to what its archive says now: Release, indexes, filter, download, commit (spec/semantics.md 4). The mirror is
 * locked as long as that takes, the root directory for the commit alone. A failure leaves the packages of the mirror as
 * they were; what was downloaded serves the next run.
 * Errors are of the stage `fetch`, those of its keyrings of the stage `verify`.
 * @throws E_OBJECT_NOT_FOUND; E_OBJECT_IN_USE while another process updates it and for one of the configuration
 * @throws E_PACKAGE_FETCH with a line for each file; what {@link prepareUpdate} throws; E_POOL_MISSING, E_LOCKED, E_ABORTED
 */
export async function updateMirror(
  ports: MirrorPorts,
  request: UpdateRequest,
  job: Job,
): Promise<UpdatedMirror> {
  return await inStage('fetch', () => countedUpdate(ports, request, job));
}

async function countedUpdate(ports: MirrorPorts, request: UpdateRequest, job: Job): Promise<UpdatedMirror> {
  const { name, force, bytesPerSecond } = request;
  const before = await findObject(ports, 'mirror', name);
  if (!force) await assertMirrorUnlocked(ports, before);
  const keyring = await mirrorKeyring(ports, request);
  const { job: watched, count, tally } = tallied<DomainEvent>(job);
  const report: Job['report'] = (event) => {
    if (event.type === 'tolerated' || event.type === 'duplicate') count({});
    watched.report(event);
  };
  const limited = bytesPerSecond === undefined ? undefined : await ports.limitedFetcher(bytesPerSecond);
  const work = {
    ports,
    request,
    keyring,
    follow: followOf(ports, request.follow),
    fetcher: limited ?? ports.fetcher,
    job: { signal: job.signal, report },
  };
  try {
    const updated = await mappingAborts(job.signal, update(work, before));
    return { ...updated, mirror: shownMirror(updated.mirror), ...tally() };
  } finally {
    await limited?.close();
  }
}

type Work = {
  readonly ports: MirrorPorts;
  readonly request: UpdateRequest;
  readonly keyring: Keyring | undefined;
  readonly follow: FollowOptions;
  readonly fetcher: Fetcher;
  readonly job: Job;
};

type Updated = Omit<UpdatedMirror, keyof Tally>;

async function update(work: Work, before: MirrorObject): Promise<Updated> {
  const { ports, request, job } = work;
  const { name } = before;
  assertNotManaged(ports, before);
  const purpose = `mirror update ${name}`;
  const lock = { name, purpose, signal: job.signal, atOnce: true, force: request.force };
  const updated = await ports.locks.whileUpdating(mirrorLockKey(before), lock, async (held) => {
    if (held.beside !== undefined) {
      const message = `the mirror is being updated by ${holderText(held.beside)}, too: who ends last decides`;
      job.report({ type: 'tolerated', message });
    }
    return await updateHeld({ ...work, held, purpose }, await current(ports, before));
  });
  await sweepUnused(ports, job);
  return updated;
}

/** As it is once its lock is held. */
async function current({ catalog }: MirrorPorts, { uuid, name }: MirrorObject): Promise<MirrorObject> {
  const mirror = await catalog.objects.byUuid('mirror', uuid);
  if (mirror !== undefined) return mirror;
  throw new EspejoError('E_OBJECT_NOT_FOUND', `mirror with name ${name} not found`, { context: { name } });
}

type HeldWork = Work & { readonly held: HeldMirror; readonly purpose: string };

async function updateHeld(work: HeldWork, before: MirrorObject): Promise<Updated> {
  const { ports, request, job, purpose } = work;
  const prepared = await prepareUpdate({ ...work, fetcher: loggedIn(work.fetcher, before) }, before);
  const { mirror, search, resolver } = prepared;
  const tools = { ...search, ...transferOf(work, mirror), missing: request.missing };
  const extras = new AppStreamFiles(prepared, tools);
  const onPlanned = async (queue: readonly WantedFile[]): Promise<void> => {
    if (extras.areFetched) return;
    job.report({ type: 'download-queue', files: queue.length, bytes: plannedBytes(queue) });
    await extras.fetch(job);
  };
  const settle = (fetched: Fetched): Outcome & Pick<Updated, 'missing'> => {
    const failures = [...extras.failures, ...fetched.failures];
    if (failures.length > 0) throw downloadErrors(failures);
    const { complete, missing } = withoutMissing(prepared, fetched);
    const placed = { packages: fetched.files, extras: extras.files };
    return {
      missing,
      files: [...fetched.files.values(), ...extras.files.values()],
      changes: () => (keeper) => [{ save: 'mirror', object: updated(work, complete, placed, keeper) }],
    };
  };
  const { missing } = await carryOut(ports, { ...tools, resolver, onPlanned }, { purpose, settle }, job);
  for (const [label, [first]] of Map.groupBy(missing, (one) => one.label)) {
    const message = `${label} is left out of ${mirror.name}: ${first?.reason}`;
    job.report({ type: 'warning', message, leftOut: 'no file' });
  }
  return { mirror: await current(ports, mirror), missing };
}

/** Where files are, by id. */
type Placed = ReadonlyMap<string, FoundFile>;

/** The AppStream files of a mirror, if it has any: they come before its packages. */
class AppStreamFiles {
  areFetched = false;
  readonly failures: GoneFile[] = [];
  readonly #queue: readonly WantedFile[];
  readonly #files: Map<string, FoundFile>;
  readonly #tools: Search & Transfer;

  constructor({ appStream }: PreparedUpdate, tools: Search & Transfer) {
    this.#queue = appStream.queue;
    this.#files = new Map(appStream.present);
    this.#tools = tools;
  }

  get files(): Placed {
    return this.#files;
  }

  /** One that is listed and not there is told and left out. @throws E_ABORTED, E_DISK_FULL, E_PERMISSION, E_IO */
  async fetch(job: Job): Promise<void> {
    this.areFetched = true;
    const { fetched, failures } = await fetchQueue(this.#queue, this.#tools, job);
    for (const [id, file] of fetched) this.#files.set(id, file);
    for (const one of failures) {
      if (isAbsent(one.error)) job.report({ type: 'tolerated', message: one.error.message });
      else this.failures.push(one);
    }
  }
}

function transferOf({ ports, request, fetcher, held }: HeldWork, mirror: MirrorObject): Transfer {
  return {
    fetcher: loggedIn(fetcher, mirror),
    owner: held.owner,
    maxBytes: ports.config.limits.packageBytes,
    tries: request.tries,
    ignoreChecksums: request.ignoreChecksums,
    words: 'aptly',
  };
}

/** What a mirror gets. */
type CompleteUpdate = PreparedUpdate & { readonly packages: readonly ListedPackage[] };

/**
 * The update without the packages of which a file is missing; what it was made from is forgotten, so that the next one asks
 * again. A package of which nothing that is listed fits waits for other lists: it would be fetched in vain each time.
 * @throws E_PACKAGE_FETCH when no package is left for want of one that fits
 */
function withoutMissing(
  prepared: PreparedUpdate,
  { gone, unfit }: Fetched,
): { readonly complete: CompleteUpdate; readonly missing: readonly MissingFile[] } {
  const { packages } = prepared.resolver;
  const lacking: MissingFile[] = [];
  const left = packages.filter((one) => {
    if (gone.size + unfit.size === 0 || prepared.resolver.kept.has(one)) return true;
    const reasons = listedFiles(one).flatMap((file) => {
      const failed = gone.get(fileId(file)) ?? unfit.get(fileId(file));
      return failed === undefined ? [] : failed.error.message;
    });
    for (const reason of reasons) lacking.push({ label: one.package.label, reason });
    return reasons.length === 0;
  });
  if (packages.length > 0 && left.length === 0 && gone.size === 0) throw downloadErrors([...unfit.values()]);
  const madeFrom = gone.size === 0 ? prepared.madeFrom : undefined;
  return { complete: { ...prepared, packages: left, madeFrom }, missing: lacking };
}

/** What a sync left of the mirror, when it was one of the configuration, is true of it no longer. */
function updated(
  { ports }: Work,
  { mirror, madeFrom, indexes, list, packages, ...complete }: CompleteUpdate,
  placed: { readonly packages: Placed; readonly extras: Placed },
  keeper: ListKeeper,
): MirrorObject {
  const { madeFrom: _, lists: __, selection: ___, ...rest } = mirror;
  const { kept } = complete.resolver;
  return {
    ...rest,
    ...(madeFrom === undefined ? {} : { madeFrom }),
    lastDownloadDate: ports.now().getTime(),
    appStreamFiles: appStreamPaths(complete, placed.extras),
    indexes,
    list: list ?? keeper.keep(packages.map((one) => kept.get(one) ?? recordOf(one, placed.packages))),
  };
}

function appStreamPaths(
  { appStream: { paths } }: Pick<PreparedUpdate, 'appStream'>,
  files: Placed,
): Readonly<Record<string, string>> {
  const entries = Array.from(paths).flatMap(([path, id]) => {
    const found = files.get(id);
    return found === undefined ? [] : [[path, found.path] as const];
  });
  return Object.fromEntries(entries);
}

function downloadErrors(failures: readonly GoneFile[]): EspejoError {
  return new EspejoError('E_PACKAGE_FETCH', 'download errors:', {
    cause: failures[0]?.error,
    details: failures.map(({ error }) => error.message),
    hint: 'the mirror is as it was and what was downloaded is kept; try again later, or leave out what is missing with -missing=warn',
  });
}
