import type { Catalog, MirrorState, PackageRecord, SyncCommit } from '../catalog/contract.ts';
import type { MirrorConfig } from '../config/config.ts';
import { abortable, throwIfAborted } from '../core/abort.ts';
import { sha256Hex } from '../core/digest.ts';
import { EspejoError } from '../core/errors.ts';
import type { Job } from '../core/progress.ts';
import { type Tally, tallied } from '../core/tally.ts';
import type { BinaryPackage, SourcePackage } from '../deb/package.ts';
import type { Pool } from '../pool/pool.ts';
import { assertPresent, type DownloadSummary, type GoneFile, missingFiles } from './download.ts';
import { fetchPlan, preferPresent } from './fetch-plan.ts';
import { type PlannedFile, packagesIn, planSync, type SyncPlan } from './plan.ts';
import { completed, knownDigests, type PoolDigests, withDigest } from './pool-digests.ts';
import type { SyncDeps, SyncRequest } from './request.ts';
import { checkSuites, isUnchanged, type MirrorView, readSuites } from './suites.ts';
import { type MissingPackage, withoutGone } from './without-gone.ts';

export type SyncResult = {
  readonly mirror: string;
  readonly outcome: 'unchanged' | 'synced';
  /** Binary and source packages that the mirror holds. */
  readonly packages: number;
  /** Files that the plan asked for, and those that are verified in the pool: equal but for what is missing. */
  readonly filesExpected: number;
  readonly filesPresent: number;
  readonly download: DownloadSummary;
  /** Requests sent upstream. */
  readonly requests: number;
  readonly unsatisfied: SyncPlan['unsatisfied'];
  /** Packages that upstream lists and does not have; the mirror goes on without them if it may. */
  readonly missing: readonly MissingPackage[];
} & Tally;

export type PlanResult = {
  readonly plan: SyncPlan;
  /** Files that the pool lacks. */
  readonly missing: readonly PlannedFile[];
  /** Labels that the last sync had and this one would not, and the other way round. */
  readonly removed: readonly string[];
  readonly added: readonly string[];
};

/**
 * Brings a mirror to what its upstream and its configuration say now: trust → indexes → plan → download → commit.
 * Any failure leaves the last committed state; finished downloads stay for the next run.
 * @throws the codes of trust.ts, index-files.ts, select.ts, download.ts; E_NOTHING_SELECTED; E_UNSATISFIED
 */
export async function syncMirror(deps: SyncDeps, request: SyncRequest, job: Job): Promise<SyncResult> {
  const { job: watched, tally } = tallied(job);
  const result = await abortable(job.signal, sync(deps, request, watched));
  return { ...result, ...tally() };
}

async function sync(deps: SyncDeps, request: SyncRequest, job: Job): Promise<Omit<SyncResult, keyof Tally>> {
  const requestsBefore = deps.fetcher.counters.requests;
  const { mirror } = request;
  const known = await deps.catalog.mirror(mirror.name);
  const checks = await checkSuites(deps, request, known, job);
  if (
    known !== undefined &&
    !request.force &&
    checks.every(isUnchanged) &&
    known.selectionId === selectionId(mirror)
  ) {
    return unchangedResult(known, deps.fetcher.counters.requests - requestsBefore);
  }
  const view = await readSuites(deps, request, { known, checks }, job);
  const pool = poolTools(deps, request.force);
  const { fetcher, limits, owner, catalog } = deps;
  const sources = { fetcher, owner, maxBytes: limits.packageBytes, missing: mirror.missing };
  const {
    plan: wanted,
    download,
    gone,
    digests,
  } = await fetchPlan(
    view.universe,
    () => decide(mirror, view, { known, job }),
    { ...pool, ...sources, catalog, known },
    job,
  );
  const { plan, missing: left } = withoutGone(wanted, gone, mirror.architectures);
  tellGone(gone, job);
  tellContested(wanted, gone, job);
  assertSatisfied(mirror, plan);
  await deps.pool.flush(job.signal);
  job.report({ type: 'phase', phase: 'commit', subject: mirror.name });
  throwIfAborted(job.signal);
  // Without what commits wait for, a file of the pool could go between the download and the commit.
  const content = { plan, isWhole: gone.every(({ isContested }) => isContested), digests };
  const committed = plan.files.map((one) => withDigest(one, digests));
  const state = await deps.commit(commitOf(deps, mirror, view, content), () =>
    assertPresent(committed, { ...pool, thorough: false }, job.signal),
  );
  return {
    mirror: mirror.name,
    outcome: 'synced',
    packages: state.packages,
    filesExpected: wanted.files.length,
    filesPresent: download.filesFetched + download.filesReused,
    download,
    requests: deps.fetcher.counters.requests - requestsBefore,
    unsatisfied: plan.unsatisfied,
    missing: left,
  };
}

/** What {@link syncMirror} would do, without downloading packages or changing the catalog's view of the mirror. */
export async function planMirror(deps: SyncDeps, request: SyncRequest, job: Job): Promise<PlanResult> {
  return await abortable(job.signal, dryRun(deps, request, job));
}

async function dryRun(deps: SyncDeps, request: SyncRequest, job: Job): Promise<PlanResult> {
  const { mirror } = request;
  const known = await deps.catalog.mirror(mirror.name);
  const checks = await checkSuites(deps, request, known, job);
  const view = await readSuites(deps, request, { known, checks }, job);
  const pool = poolTools(deps, false);
  await preferPresent(view.universe, { ...pool, catalog: deps.catalog, known }, job.signal);
  const plan = planSync(mirror, view.universe, (suite, path) => view.urlsOf(suite, path));
  const digests = await knownDigests(deps.catalog, known, plan.files);
  const files = plan.files.map((one) => withDigest(one, digests));
  const missing = await missingFiles(files, pool, job.signal);
  const before = new Set(await labelsOf(deps.catalog, known));
  const after = new Set([
    ...plan.members.map(({ candidate }) => candidate.package.label),
    ...plan.sources.map((one) => one.package.label),
  ]);
  return {
    plan,
    missing,
    removed: [...before.difference(after)].sort(),
    added: [...after.difference(before)].sort(),
  };
}

function poolTools(
  { pool, limits }: SyncDeps,
  thorough: boolean,
): { pool: Pool; concurrency: number; thorough: boolean } {
  return { pool, concurrency: limits.concurrency, thorough };
}

function decide(
  mirror: MirrorConfig,
  view: MirrorView,
  { known, job }: { readonly known: MirrorState | undefined; readonly job: Job },
): SyncPlan {
  job.report({ type: 'phase', phase: 'select', subject: mirror.name });
  const plan = planSync(mirror, view.universe, (suite, path) => view.urlsOf(suite, path));
  if (plan.members.length === 0) {
    assertMayBeEmpty(mirror, known);
    job.report({
      type: 'warning',
      message: `mirror ${mirror.name}: is empty, for its suites have no package`,
    });
  }
  assertSatisfied(mirror, plan);
  return plan;
}

/** Each package once, however many of its files there are. */
function tellGone(gone: readonly GoneFile[], { report }: Job): void {
  const told = new Set<string>();
  for (const { label, isContested, error } of gone) {
    if (told.has(label)) continue;
    told.add(label);
    const what = isContested
      ? 'is listed several times in one suite with different content, and none of it is there'
      : 'is listed and not there';
    report({ type: 'warning', message: `${label}: ${what}: ${error.message}; left out`, leftOut: 'no file' });
  }
}

function tellContested({ conflicts }: SyncPlan, gone: readonly GoneFile[], { report }: Job): void {
  for (const one of conflicts) {
    if (gone.some(({ label }) => label === one)) continue;
    const message = `${one}: is listed several times in one suite with different content; what is there is used`;
    report({ type: 'warning', message });
  }
}

/**
 * Suites may be empty, as those of updates are when a release is new; one that had packages and has none any more is rather
 * an upstream that went wrong.
 * @throws E_NOTHING_SELECTED
 */
function assertMayBeEmpty(
  { name, allowEmpty, packages }: MirrorConfig,
  known: MirrorState | undefined,
): void {
  if (allowEmpty || (packages.length > 0 && (known?.packages ?? 0) === 0)) return;
  throw new EspejoError('E_NOTHING_SELECTED', `mirror ${name}: selects no package`, {
    hint: 'list packages or queries under "packages"; if it is right that nothing is left, set allow_empty: true',
  });
}

/** @throws E_UNSATISFIED */
function assertSatisfied({ name, unsatisfied }: MirrorConfig, plan: SyncPlan): void {
  if (unsatisfied === 'fail' && plan.unsatisfied.length > 0) throw unsatisfiedError(name, plan);
}

function unsatisfiedError(mirror: string, { unsatisfied }: SyncPlan): EspejoError {
  const shown = unsatisfied.slice(0, 5).map((one) => `${one.package} ${one.field} ${one.relation}`);
  const more = unsatisfied.length - shown.length;
  return new EspejoError(
    'E_UNSATISFIED',
    `mirror ${mirror}: cannot satisfy ${shown.join('; ')}${more > 0 ? `; and ${more} more` : ''}`,
    { context: { unsatisfied }, hint: 'add the suite or component that has it, or set unsatisfied: report' },
  );
}

/** Changes when the configuration would select otherwise; keyrings and limits do not count. */
function selectionId(mirror: MirrorConfig): string {
  const {
    suites,
    architectures,
    packages,
    dependencies,
    recommends,
    suggests,
    sources,
    followAllVariants,
    versions,
    unsatisfied,
    missing,
  } = mirror;
  const requests = packages.map(({ text }) => text);
  const places = suites.map(({ name, components }) => ({ name, components }));
  return sha256Hex(
    JSON.stringify({
      places,
      architectures,
      requests,
      dependencies,
      recommends,
      suggests,
      sources,
      followAllVariants,
      versions,
      unsatisfied,
      ...(missing === 'fail' ? {} : { missing }),
    }),
  );
}

type CommittedContent = {
  readonly plan: SyncPlan;
  /** Whether nothing was left out. */
  readonly isWhole: boolean;
  readonly digests: PoolDigests;
};

/**
 * What is not whole is looked at again by the next sync, even if upstream and configuration stay as they are. A package of which
 * nothing that is listed fits waits for other lists: it would be fetched in vain each time.
 */
function commitOf(
  deps: SyncDeps,
  mirror: MirrorConfig,
  view: MirrorView,
  { plan, isWhole, digests }: CommittedContent,
): SyncCommit {
  return {
    name: mirror.name,
    selectionId: isWhole ? selectionId(mirror) : `${selectionId(mirror)} incomplete`,
    syncedAt: deps.now().getTime(),
    suites: view.suites.map((suite, position) => ({
      ...suite,
      indexes: { ...suite.indexes, Release: suite.releaseSha256 },
      components: suite.components.map((name) => ({
        name,
        packages: packagesIn(plan, position, name).map((one) =>
          packageRecord(deps.pool, completed(one, digests)),
        ),
      })),
    })),
  };
}

function packageRecord(pool: Pool, one: BinaryPackage | SourcePackage): PackageRecord {
  const files = one.kind === 'source' ? one.files : [one.file];
  return {
    key: one.key,
    kind: one.kind,
    name: one.name,
    version: one.version,
    architecture: one.architecture,
    stanza: one.stanza.raw,
    files: files.map((file) => ({
      name: file.name,
      size: file.facts.size,
      digests: file.facts.digests,
      poolPath: pool.path(file),
    })),
  };
}

function unchangedResult(known: MirrorState, requests: number): Omit<SyncResult, keyof Tally> {
  return {
    mirror: known.name,
    outcome: 'unchanged',
    packages: known.packages,
    filesExpected: 0,
    filesPresent: 0,
    download: { filesFetched: 0, bytesFetched: 0, filesReused: 0, bytesReused: 0 },
    requests,
    unsatisfied: [],
    missing: [],
  };
}

async function labelsOf(catalog: Catalog, state: MirrorState | undefined): Promise<readonly string[]> {
  const lists = (state?.suites ?? []).flatMap((suite) => suite.components.map(({ list }) => list));
  const members = await Promise.all(lists.map((list) => catalog.packages(list)));
  return members.flat().map(({ name, version, architecture }) => `${name}_${version}_${architecture}`);
}
