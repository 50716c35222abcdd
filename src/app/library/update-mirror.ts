import { join } from 'node:path';
import type { MirrorObject } from '../../catalog/library.ts';
import type { PackageRecord } from '../../catalog/packages.ts';
import { abortable, throwIfAborted } from '../../core/abort.ts';
import { EspejoError, isEspejoError } from '../../core/errors.ts';
import type { Job } from '../../core/progress.ts';
import type { Fetcher } from '../../fetch/fetcher.ts';
import { loggedIn } from '../../fetch/logged-in.ts';
import {
  admitFetched,
  type FetchedFile,
  fetchQueue,
  fileId,
  fileRecord,
} from '../../mirror/suite-mirror/download-queue.ts';
import { filesOf, type ListedPackage, storedPackage } from '../../mirror/suite-mirror/listed-package.ts';
import type { FoundFile } from '../../pool/find-file.ts';
import type { App } from '../app.ts';
import { findObject } from './find-object.ts';
import { assertNotManaged } from './managed-mirrors.ts';
import { assertMirrorUnlocked } from './mirror-lock.ts';
import { type PreparedUpdate, prepareUpdate } from './prepare-update.ts';
import type { UpdateRequest } from './update-request.ts';

/**
 * Brings a mirror to what its archive says now: Release, indexes, filter, download, commit (semantics.md 4). The root is
 * free for other commands during the download; the mirror itself is locked by the id of this process. A failure leaves the
 * packages of the mirror as they were, and unlocks it; what was downloaded serves the next run.
 * @throws E_OBJECT_NOT_FOUND; E_OBJECT_IN_USE while another process updates it and for one of the configuration
 * @throws E_PACKAGE_FETCH with a line for each file; what {@link prepareUpdate} throws; E_LOCKED, E_ABORTED
 */
export async function updateMirror(
  app: App,
  name: string,
  request: UpdateRequest,
  job: Job,
): Promise<MirrorObject> {
  const limit = request.bytesPerSecond;
  const limited = limit === undefined ? undefined : await app.limitedFetcher(limit);
  try {
    return await abortable(job.signal, update({ app, request, fetcher: limited ?? app.fetcher, job }, name));
  } finally {
    await limited?.close();
  }
}

type Work = {
  readonly app: App;
  readonly request: UpdateRequest;
  readonly fetcher: Fetcher;
  readonly job: Job;
};

async function update(work: Work, name: string): Promise<MirrorObject> {
  const { app, request, job } = work;
  const prepared = await exclusively(work, name, async () => {
    const mirror = await findObject(app, 'mirror', name);
    assertNotManaged(app, mirror);
    if (!request.force) assertMirrorUnlocked(mirror);
    const prepared = await prepareUpdate({ ...work, fetcher: loggedIn(work.fetcher, mirror) }, mirror);
    await saveLocked(app, mirror.uuid, process.pid);
    return prepared;
  });
  try {
    const { queue } = prepared.plan;
    request.onStep({
      kind: 'queue',
      files: queue.length,
      bytes: queue.reduce((sum, one) => sum + one.file.facts.size, 0),
    });
    const fetched = await download(work, prepared);
    return await exclusively(work, name, () => commit(work, prepared, fetched));
  } catch (error) {
    await unlock(work, prepared.mirror).catch((cause: unknown) => {
      const reason = cause instanceof Error ? cause.message : String(cause);
      job.report({ type: 'warning', message: `mirror ${name} stays marked as being updated: ${reason}` });
    });
    throw error;
  }
}

async function exclusively<Result>(
  { app, job }: Work,
  name: string,
  work: () => Promise<Result>,
): Promise<Result> {
  return await app.exclusively(`mirror update ${name}`, job.signal, work);
}

/** The mirror must be unlocked also after a signal, hence one of its own. */
async function unlock(work: Work, { uuid, name }: MirrorObject): Promise<void> {
  const { signal } = new AbortController();
  await work.app.exclusively(`mirror update ${name}`, signal, () => saveLocked(work.app, uuid, null));
}

async function saveLocked(app: App, uuid: string, workerPid: number | null): Promise<void> {
  const { objects } = app.catalog;
  const mirror = await objects.byUuid('mirror', uuid);
  if (mirror !== undefined) await objects.change([{ save: 'mirror', object: { ...mirror, workerPid } }]);
}

/** Packages and, if the mirror has any, AppStream files. */
async function download(work: Work, { mirror, plan, appStream }: PreparedUpdate): Promise<Fetched> {
  const { request, job } = work;
  const extras = await fetchQueue(appStream.queue, transferOf(work, mirror), job);
  for (const { message, code } of extras.failures) {
    if (code === 'E_FETCH_NOT_FOUND') request.onStep({ kind: 'warning', message });
  }
  const packages = await fetchQueue(plan.queue, transferOf(work, mirror), job);
  const failures = [
    ...extras.failures.filter((error) => !isEspejoError(error, 'E_FETCH_NOT_FOUND')),
    ...packages.failures,
  ];
  return { packages: packages.fetched, extras: extras.fetched, failures };
}

type Fetched = {
  readonly packages: readonly FetchedFile[];
  readonly extras: readonly FetchedFile[];
  readonly failures: readonly EspejoError[];
};

function transferOf({ app, request, fetcher }: Work, mirror: MirrorObject): Parameters<typeof fetchQueue>[1] {
  const { limits, rootDir } = app.config;
  return {
    fetcher: loggedIn(fetcher, mirror),
    archiveRoot: mirror.archiveRoot,
    temporary: join(rootDir, 'tmp'),
    owner: mirror.uuid,
    concurrency: limits.concurrency,
    maxBytes: limits.packageBytes,
    tries: request.tries,
    ignoreChecksums: request.ignoreChecksums,
    onDownload: (url) => request.onStep({ kind: 'download', url }),
    onWarning: (message) => request.onStep({ kind: 'warning', message }),
  };
}

/** What has come goes into the pool also when something is missing: nobody fetches it again. */
async function commit(work: Work, prepared: PreparedUpdate, fetched: Fetched): Promise<MirrorObject> {
  const { app, job } = work;
  const { mirror, plan, appStream } = prepared;
  const files = new Map([...plan.present, ...(await admitFetched(fetched.packages, app.pool, job.signal))]);
  const extras = new Map([
    ...appStream.present,
    ...(await admitFetched(fetched.extras, app.pool, job.signal)),
  ]);
  await app.pool.flush(job.signal);
  if (fetched.failures.length > 0) throw downloadErrors(fetched.failures);
  throwIfAborted(job.signal);
  const list =
    prepared.list ??
    (await app.catalog.keepList(prepared.packages.map((one) => recordOf(one, files, prepared))));
  const { madeFrom: _, ...rest } = mirror;
  const updated: MirrorObject = {
    ...rest,
    ...(prepared.madeFrom === undefined ? {} : { madeFrom: prepared.madeFrom }),
    workerPid: null,
    lastDownloadDate: app.now().getTime(),
    appStreamFiles: appStreamPaths(appStream, extras),
    indexes: prepared.indexes,
    list,
  };
  await app.catalog.objects.change([{ save: 'mirror', object: updated }]);
  await app.files.sweep();
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
    hint: 'the mirror is as it was and what was downloaded is kept; try again later',
  });
}
