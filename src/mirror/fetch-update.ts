import { join } from 'node:path';
import type { MirrorObject } from '../catalog/library.ts';
import type { HeldMirror } from '../catalog/mirror-locks.ts';
import type { EspejoError } from '../core/errors.ts';
import type { Job } from '../core/progress.ts';
import type { Fetcher } from '../fetch/fetcher.ts';
import { loggedIn } from '../fetch/logged-in.ts';
import { isAbsent, isUnobtainable } from './absent.ts';
import type { MirrorPorts } from './ports.ts';
import type { PreparedUpdate } from './prepare-update.ts';
import { choose, contestedFiles } from './suite-mirror/contested.ts';
import { type FetchedFile, fetchQueue, fileId } from './suite-mirror/download-queue.ts';
import { filesOf } from './suite-mirror/listed-package.ts';
import type { UpdateRequest } from './update-request.ts';

type Work = {
  readonly ports: MirrorPorts;
  readonly request: UpdateRequest;
  readonly fetcher: Fetcher;
  readonly job: Job;
  readonly held: HeldMirror;
};

export type FetchedUpdate = {
  /** With those packages of which the archive has the files, where the indexes say several things of one. */
  readonly prepared: PreparedUpdate;
  readonly packages: readonly FetchedFile[];
  readonly extras: readonly FetchedFile[];
  /** Why there is no such file, by its id, where that does not matter. */
  readonly missing: ReadonlyMap<string, EspejoError>;
  /** The same of packages of which nothing that the indexes say fits. */
  readonly unfit: ReadonlyMap<string, EspejoError>;
  readonly failures: readonly EspejoError[];
};

/**
 * Fetches packages and, if the mirror has any, AppStream files. What the indexes say of a package of which they say several
 * things is tried until something fits.
 * @throws E_ABORTED, E_DISK_FULL, E_PERMISSION, E_IO
 */
export async function fetchUpdate(work: Work, before: PreparedUpdate): Promise<FetchedUpdate> {
  const { request, job } = work;
  const transfer = transferOf(work, before.mirror);
  const extras = await fetchQueue(before.appStream.queue, transfer, job);
  for (const { error } of extras.failures) {
    if (isAbsent(error)) request.onStep({ kind: 'warning', message: error.message });
  }
  const packages: FetchedFile[] = [];
  const failed = new Map<string, EspejoError>();
  const missing = new Map<string, EspejoError>();
  const unfit = new Map<string, EspejoError>();
  let prepared = before;
  for (let { queue } = before.plan; ; ) {
    const round = await fetchQueue(queue, transfer, job);
    packages.push(...round.fetched);
    const contested = contestedFiles(prepared.packages, prepared.contested);
    for (const { id, error } of round.failures) {
      if (contested.has(id) && isUnobtainable(error)) unfit.set(id, error);
      else if (request.missing === 'warn' && isAbsent(error)) missing.set(id, error);
      else failed.set(id, error);
    }
    const tried = new Set([...packages, ...round.failures].map(({ id }) => id));
    const next = await insteadOf(prepared, unfit);
    if (next === undefined) {
      const failures = extras.failures.flatMap(({ error }) => (isAbsent(error) ? [] : error));
      failures.push(...neededOf(prepared, failed));
      return { prepared, packages, extras: extras.fetched, missing, unfit, failures };
    }
    prepared = next;
    queue = next.plan.queue.filter(({ id }) => !tried.has(id) && !unfit.has(id));
  }
}

/** What was needed as long as something else was held for true does not matter. */
function neededOf(
  { packages, asked }: PreparedUpdate,
  failed: ReadonlyMap<string, EspejoError>,
): readonly EspejoError[] {
  const needed = new Set([...packages, ...asked].flatMap(filesOf).map(fileId));
  return Array.from(failed).flatMap(([id, error]) => (needed.has(id) ? error : []));
}

/** With something else in place of what does not fit, and all that is chosen then; undefined when there is nothing else. */
async function insteadOf(
  prepared: PreparedUpdate,
  unfit: ReadonlyMap<string, EspejoError>,
): Promise<PreparedUpdate | undefined> {
  const fits = (fileIds: readonly string[]): boolean => !fileIds.some((id) => unfit.has(id));
  const { packages: listed, contested, taken } = choose(prepared.listed, prepared.contested, fits);
  if (taken.length === 0) return undefined;
  return { ...prepared, ...(await prepared.planAnew(listed, contested, { ...prepared, fits })) };
}

function transferOf(
  { ports, request, fetcher, held }: Work,
  mirror: MirrorObject,
): Parameters<typeof fetchQueue>[1] {
  const { limits, rootDir } = ports.config;
  return {
    fetcher: loggedIn(fetcher, mirror),
    archiveRoot: mirror.archiveRoot,
    temporary: join(rootDir, 'tmp'),
    owner: held.owner,
    concurrency: limits.concurrency,
    maxBytes: limits.packageBytes,
    tries: request.tries,
    ignoreChecksums: request.ignoreChecksums,
    onDownload: (url) => request.onStep({ kind: 'download', url }),
    onWarning: (message) => request.onStep({ kind: 'warning', message }),
  };
}
