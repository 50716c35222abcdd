import type { Catalog, MirrorState } from '../catalog/contract.ts';
import type { Job } from '../core/progress.ts';
import {
  type DownloadSummary,
  type DownloadTools,
  downloadError,
  downloadFiles,
  type GoneFile,
  missingFiles,
} from './download.ts';
import { fileKey, type SyncPlan } from './plan.ts';
import { knownDigests, type PoolDigests, withDigest } from './pool-digests.ts';
import { filesOf } from './same-files.ts';
import type { Universe } from './universe.ts';

/** What is in the pool of a plan, and what nobody has. */
export type FetchedPlan = {
  readonly plan: SyncPlan;
  readonly download: DownloadSummary;
  /** Files of the plan that are listed and not there. */
  readonly gone: readonly GoneFile[];
  /** The SHA-256 of files that their index lists by SHA-512 alone. */
  readonly digests: PoolDigests;
};

type KnownMirror = {
  readonly catalog: Pick<Catalog, 'packages'>;
  /** As the last sync left it. */
  readonly known: MirrorState | undefined;
};

/**
 * Brings the files of a plan into the pool. Where one place says several things of a package (it was built anew under its old
 * name and version), each is tried until one fits what upstream has; the plan is made anew then, for it may need other
 * packages. If none fits, the files are among those that are gone.
 * @param decide makes the plan of what the universe has now
 * @throws the codes of {@link downloadFiles}, and what `decide` throws
 */
export async function fetchPlan(
  universe: Universe,
  decide: () => SyncPlan,
  tools: DownloadTools & KnownMirror,
  job: Job,
): Promise<FetchedPlan> {
  const unfit = new Map<string, GoneFile>();
  const digests = new Map<string, string>();
  let download = nothing;
  await preferPresent(universe, tools, job.signal);
  for (;;) {
    const plan = decide();
    job.report({ type: 'phase', phase: 'download', subject: plan.mirror });
    const wanted = plan.files.filter(({ key }) => !unfit.has(key));
    for (const [key, sha256] of await knownDigests(tools.catalog, tools.known, wanted))
      digests.set(key, sha256);
    const files = wanted.map((one) => withDigest(one, digests));
    const missing = await missingFiles(files, tools, job.signal);
    const outcome = await downloadFiles(files, missing, tools, job);
    download = together(download, outcome);
    for (const [key, sha256] of outcome.measured) digests.set(key, sha256);
    for (const one of outcome.unfit) unfit.set(one.key, one);
    const isRefused = (offer: Parameters<typeof filesOf>[0]): boolean =>
      filesOf(offer).some((file) => unfit.has(fileKey(file)));
    if (outcome.unfit.length > 0 && universe.choose((offers) => offers.findIndex((one) => !isRefused(one))))
      continue;
    const gone = [...outcome.gone, ...plan.files.flatMap(({ key }) => unfit.get(key) ?? [])];
    // An upstream that has nothing at all of what it lists is not one that lacks a package.
    if (gone.length > 0 && gone.length === plan.files.length) throw downloadError(gone, gone.length);
    return { plan, download, gone, digests };
  }
}

const nothing: DownloadSummary = { filesFetched: 0, bytesFetched: 0, filesReused: 0, bytesReused: 0 };

/** What the first round fetched the second one finds. */
function together(before: DownloadSummary, after: DownloadSummary): DownloadSummary {
  return {
    filesFetched: before.filesFetched + after.filesFetched,
    bytesFetched: before.bytesFetched + after.bytesFetched,
    filesReused: Math.max(0, after.filesReused - before.filesFetched),
    bytesReused: Math.max(0, after.bytesReused - before.bytesFetched),
  };
}

/**
 * Of what a place says of one package the first is used of which the pool has all files: what fitted when it was fetched is
 * listed still, and need not be looked for again.
 * @throws E_IO, E_PERMISSION, E_ABORTED
 */
export async function preferPresent(
  universe: Universe,
  tools: KnownMirror & Pick<DownloadTools, 'pool' | 'concurrency' | 'thorough'>,
  signal: AbortSignal,
): Promise<void> {
  const files = [...universe.contested()].flatMap((one) =>
    filesOf(one).map((file) => ({ key: fileKey(file), file, label: one.label, urls: [], isContested: true })),
  );
  if (files.length === 0) return;
  const digests = await knownDigests(tools.catalog, tools.known, files);
  const lacking = await missingFiles(
    files.map((one) => withDigest(one, digests)),
    tools,
    signal,
  );
  const keys = new Set(lacking.map(({ key }) => key));
  universe.choose((offers) =>
    offers.findIndex((one) => !filesOf(one).some((file) => keys.has(fileKey(file)))),
  );
}
