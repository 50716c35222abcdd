import { findObject } from '../catalog/find-object.ts';
import type { MirrorObject } from '../catalog/library.ts';
import { holderText } from '../catalog/lock-holder.ts';
import { type HeldMirror, mirrorLockKey } from '../catalog/mirror-locks.ts';
import type { PackageRecord } from '../catalog/packages.ts';
import { abortable, throwIfAborted } from '../core/abort.ts';
import { EspejoError } from '../core/errors.ts';
import type { Job } from '../core/progress.ts';
import { type Tally, tallied } from '../core/tally.ts';
import type { Fetcher } from '../fetch/fetcher.ts';
import { loggedIn } from '../fetch/logged-in.ts';
import type { FoundFile } from '../pool/find-file.ts';
import { type FetchedUpdate, fetchUpdate } from './fetch-update.ts';
import { assertNotManaged } from './managed-mirrors.ts';
import type { MirrorPorts } from './ports.ts';
import { type PreparedUpdate, prepareUpdate } from './prepare-update.ts';
import { admitFetched, fileId, fileRecord, lostFiles } from './suite-mirror/download-queue.ts';
import { filesOf, type ListedPackage, storedPackage } from './suite-mirror/listed-package.ts';
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
 * @throws E_OBJECT_NOT_FOUND; E_OBJECT_IN_USE while another process updates it and for one of the configuration
 * @throws E_PACKAGE_FETCH with a line for each file; what {@link prepareUpdate} throws; E_POOL_MISSING, E_LOCKED, E_ABORTED
 */
export async function updateMirror(
  ports: MirrorPorts,
  name: string,
  request: UpdateRequest,
  job: Job,
): Promise<UpdatedMirror> {
  const limit = request.bytesPerSecond;
  const limited = limit === undefined ? undefined : await ports.limitedFetcher(limit);
  const { job: watched, count, tally } = tallied(job);
  const onStep: UpdateRequest['onStep'] = (step) => {
    if (step.kind === 'warning' || step.kind === 'duplicate') count({});
    request.onStep(step);
  };
  const work = { ports, request: { ...request, onStep }, fetcher: limited ?? ports.fetcher, job: watched };
  try {
    const updated = await abortable(job.signal, update(work, name));
    return { ...updated, ...tally() };
  } finally {
    await limited?.close();
  }
}

type Work = {
  readonly ports: MirrorPorts;
  readonly request: UpdateRequest;
  readonly fetcher: Fetcher;
  readonly job: Job;
};

type Updated = Omit<UpdatedMirror, keyof Tally>;

async function update(work: Work, name: string): Promise<Updated> {
  const { ports, request, job } = work;
  const before = await findObject(ports, 'mirror', name);
  assertNotManaged(ports, before);
  const purpose = `mirror update ${name}`;
  const lock = { name, purpose, signal: job.signal, atOnce: true, force: request.force };
  const updated = await ports.locks.whileUpdating(mirrorLockKey(before), lock, async (held) => {
    if (held.beside !== undefined) {
      const message = `the mirror is being updated by ${holderText(held.beside)}, too: who ends last decides`;
      request.onStep({ kind: 'warning', message });
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
  const { queue } = prepared.plan;
  request.onStep({
    kind: 'queue',
    files: queue.length,
    bytes: queue.reduce((sum, one) => sum + one.file.facts.size, 0),
  });
  const fetched = await fetchUpdate(work, prepared);
  const files = await place(work, fetched);
  throwIfAborted(job.signal);
  const { complete, missing } = withoutMissing(fetched);
  const mirror = await ports.exclusively(purpose, job.signal, async () => {
    await assertPresent(work, fetched.prepared);
    return await commit(work, complete, files);
  });
  for (const [label, [first]] of Map.groupBy(missing, (one) => one.label)) {
    const message = `${label} is left out of ${mirror.name}: ${first?.reason}`;
    job.report({ type: 'warning', message, leftOut: 'no file' });
  }
  return { mirror, missing };
}

/**
 * The update without the packages of which a file is missing; what it was made from is forgotten, so that the next one asks
 * again. A package of which nothing that is listed fits waits for other lists: it would be fetched in vain each time.
 * @throws E_PACKAGE_FETCH when no package is left for want of one that fits
 */
function withoutMissing({ prepared, missing, unfit }: FetchedUpdate): {
  readonly complete: PreparedUpdate;
  readonly missing: readonly MissingFile[];
} {
  if (missing.size + unfit.size === 0) return { complete: prepared, missing: [] };
  const lacking: MissingFile[] = [];
  const packages = prepared.packages.filter((one) => {
    const isKept = prepared.unchanged.has(one);
    const reasons = isKept ? [] : filesOf(one).flatMap((file) => reasonOf(fileId(file)) ?? []);
    for (const reason of reasons) lacking.push({ label: one.package.label, reason });
    return reasons.length === 0;
  });
  if (packages.length === 0 && missing.size === 0) throw downloadErrors([...unfit.values()]);
  const madeFrom = missing.size === 0 ? prepared.madeFrom : undefined;
  return { complete: { ...prepared, packages, madeFrom }, missing: lacking };

  function reasonOf(id: string): string | undefined {
    return (missing.get(id) ?? unfit.get(id))?.message;
  }
}

/** Where the files are that have come. */
type Placed = {
  readonly packages: ReadonlyMap<string, FoundFile>;
  readonly extras: ReadonlyMap<string, FoundFile>;
};

/** What has come goes into the pool also when something is missing: nobody fetches it again. @throws E_PACKAGE_FETCH */
async function place({ ports: { pool }, job: { signal } }: Work, fetched: FetchedUpdate): Promise<Placed> {
  const packages = await admitFetched(fetched.packages, pool, signal);
  const extras = await admitFetched(fetched.extras, pool, signal);
  await pool.flush(signal);
  if (fetched.failures.length > 0) throw downloadErrors(fetched.failures);
  return { packages, extras };
}

/**
 * What was found in the pool when the update began must be there now, for nobody fetched it.
 * @throws E_POOL_MISSING
 */
async function assertPresent({ ports, job }: Work, { plan, appStream }: PreparedUpdate): Promise<void> {
  const search = { pool: ports.pool, concurrency: ports.config.limits.concurrency };
  const [lost] = [...(await lostFiles(plan, search, job)), ...(await lostFiles(appStream, search, job))];
  if (lost === undefined) return;
  throw new EspejoError('E_POOL_MISSING', `${lost.path} is gone from the pool`, {
    context: { path: lost.path },
    hint: 'something else changes the pool directory; stop it and run the same command again',
  });
}

async function commit({ ports }: Work, prepared: PreparedUpdate, placed: Placed): Promise<MirrorObject> {
  const { mirror, plan, appStream } = prepared;
  const files = new Map([...plan.present, ...placed.packages]);
  const extras = new Map([...appStream.present, ...placed.extras]);
  const list =
    prepared.list ??
    (await ports.catalog.keepList(prepared.packages.map((one) => recordOf(one, files, prepared))));
  const { madeFrom: _, ...rest } = mirror;
  const updated: MirrorObject = {
    ...rest,
    ...(prepared.madeFrom === undefined ? {} : { madeFrom: prepared.madeFrom }),
    lastDownloadDate: ports.now().getTime(),
    appStreamFiles: appStreamPaths(appStream, extras),
    indexes: prepared.indexes,
    list,
  };
  await ports.catalog.objects.change([{ save: 'mirror', object: updated }]);
  return updated;
}

function recordOf(
  one: ListedPackage,
  files: ReadonlyMap<string, FoundFile>,
  { unchanged }: PreparedUpdate,
): PackageRecord {
  const kept = unchanged.get(one);
  if (kept !== undefined) return kept;
  return storedPackage(
    one,
    filesOf(one).map((file) => {
      const found = files.get(fileId(file));
      if (found === undefined) throw new Error(`invariant broken: ${file.path} is in the pool`);
      return fileRecord(file, found);
    }),
  );
}

function appStreamPaths(
  { paths }: PreparedUpdate['appStream'],
  files: ReadonlyMap<string, FoundFile>,
): Readonly<Record<string, string>> {
  const entries = Array.from(paths).flatMap(([path, id]) => {
    const found = files.get(id);
    return found === undefined ? [] : [[path, found.path] as const];
  });
  return Object.fromEntries(entries);
}

function downloadErrors(failures: readonly EspejoError[]): EspejoError {
  return new EspejoError('E_PACKAGE_FETCH', 'download errors:', {
    cause: failures[0],
    details: failures.map(({ message }) => message),
    hint: 'the mirror is as it was and what was downloaded is kept; try again later, or leave out what is missing with -missing=warn',
  });
}
