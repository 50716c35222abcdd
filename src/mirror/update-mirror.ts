import { findObject } from '../catalog/find-object.ts';
import { holderText } from '../catalog/lock-holder.ts';
import { assertMirrorUnlocked, type HeldMirror, mirrorLockKey } from '../catalog/mirror-locks.ts';
import type { MirrorObject } from '../catalog/objects.ts';
import type { PackageRecord } from '../catalog/packages.ts';
import { shownMirror } from '../catalog/without-secrets.ts';
import { mappingAborts, throwIfAborted } from '../core/abort.ts';
import { EspejoError, inStage, invariant } from '../core/errors.ts';
import { type Tally, tallied } from '../core/tally.ts';
import type { Fetcher } from '../fetch/fetcher.ts';
import { loggedIn } from '../fetch/logged-in.ts';
import type { Keyring } from '../openpgp/contract.ts';
import type { FollowOptions } from '../packages/dependencies.ts';
import type { DomainEvent, Job } from '../packages/events.ts';
import { followOf } from '../packages/following.ts';
import { packageRecord, wholeFile } from '../packages/record.ts';
import type { FoundFile } from '../pool/find-file.ts';
import { isAbsent } from './absent.ts';
import {
  type Fetched,
  fetchQueue,
  fetchWanted,
  type GoneFile,
  lostFiles,
  type Transfer,
} from './download.ts';
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
  const { ports, job, purpose } = work;
  const prepared = await prepareUpdate({ ...work, fetcher: loggedIn(work.fetcher, before) }, before);
  const { fetched, extras } = await fetchUpdate(work, prepared);
  throwIfAborted(job.signal);
  const { complete, missing } = withoutMissing(prepared, fetched);
  const mirror = await ports.exclusively(purpose, job.signal, async () => {
    await assertPresent([...fetched.files.values(), ...extras.values()], prepared, job);
    return await commit(work, complete, { packages: fetched.files, extras });
  });
  for (const [label, [first]] of Map.groupBy(missing, (one) => one.label)) {
    const message = `${label} is left out of ${mirror.name}: ${first?.reason}`;
    job.report({ type: 'warning', message, leftOut: 'no file' });
  }
  return { mirror, missing };
}

/** Where files are, by id. */
type Placed = ReadonlyMap<string, FoundFile>;

/**
 * Fetches packages and, if the mirror has any, AppStream files. What has come stays in the pool also when something is
 * missing: nobody fetches it again.
 * @throws E_PACKAGE_FETCH; E_ABORTED, E_DISK_FULL, E_PERMISSION, E_IO
 */
async function fetchUpdate(
  work: HeldWork,
  { mirror, resolver, search, appStream }: PreparedUpdate,
): Promise<{ readonly fetched: Fetched; readonly extras: Placed }> {
  const { ports, request, job } = work;
  const tools = { ...search, ...transferOf(work, mirror), missing: request.missing };
  const extras = new Map(appStream.present);
  const failures: GoneFile[] = [];
  let isFirst = true;
  const onPlanned = async (queue: readonly WantedFile[]): Promise<void> => {
    if (!isFirst) return;
    isFirst = false;
    job.report({ type: 'download-queue', files: queue.length, bytes: plannedBytes(queue) });
    const came = await fetchQueue(appStream.queue, tools, job);
    for (const [id, file] of came.fetched) extras.set(id, file);
    for (const one of came.failures) {
      if (isAbsent(one.error)) job.report({ type: 'tolerated', message: one.error.message });
      else failures.push(one);
    }
  };
  const fetched = await fetchWanted(resolver, { ...tools, onPlanned }, job);
  await ports.pool.flush(job.signal);
  failures.push(...fetched.failures);
  if (failures.length > 0) throw downloadErrors(failures);
  return { fetched, extras };
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

/**
 * What a commit rests on must be in the pool.
 * @throws E_POOL_MISSING
 */
async function assertPresent(
  files: readonly FoundFile[],
  { search }: PreparedUpdate,
  job: Job,
): Promise<void> {
  const [lost] = await lostFiles(files, search, job);
  if (lost === undefined) return;
  throw new EspejoError('E_POOL_MISSING', `${lost.path} is gone from the pool`, {
    context: { path: lost.path },
    hint: 'something else changes the pool directory; stop it and run the same command again',
  });
}

async function commit(
  { ports }: Work,
  complete: CompleteUpdate,
  { packages, extras }: { readonly packages: Placed; readonly extras: Placed },
): Promise<MirrorObject> {
  // What a sync left of it, when it was one of the configuration, is true no longer.
  const { madeFrom: _, lists: __, selection: ___, ...rest } = complete.mirror;
  const { objects } = ports.catalog;
  await objects.change((keeper) => {
    const object: MirrorObject = {
      ...rest,
      ...(complete.madeFrom === undefined ? {} : { madeFrom: complete.madeFrom }),
      lastDownloadDate: ports.now().getTime(),
      appStreamFiles: appStreamPaths(complete, extras),
      indexes: complete.indexes,
      list:
        complete.list ??
        keeper.keep(
          complete.packages.map((one) => complete.resolver.kept.get(one) ?? recordOf(one, packages)),
        ),
    };
    return [{ save: 'mirror', object }];
  });
  return await current(ports, complete.mirror);
}

function recordOf(one: ListedPackage, files: Placed): PackageRecord {
  const whole = listedFiles(one).map((file) => {
    const found = files.get(fileId(file));
    invariant(found !== undefined, `${file.path} is in the pool`);
    return wholeFile(file.name, found, found.path);
  });
  return packageRecord(one.package, whole);
}

function appStreamPaths(
  { appStream: { paths } }: PreparedUpdate,
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
