import type { Catalog, ListId } from '../catalog/contract.ts';
import type { MirrorConfig } from '../config/config.ts';
import { mappingAborts } from '../core/abort.ts';
import { sha256Hex } from '../core/digest.ts';
import { EspejoError } from '../core/errors.ts';
import { type Tally, tallied } from '../core/tally.ts';
import type { Job } from '../packages/events.ts';
import { carryOut, type Outcome, recordOf } from './carry-out.ts';
import {
  type DownloadSummary,
  downloadError,
  type Fetched,
  planFiles,
  preferPresent,
  type Search,
} from './download.ts';
import { KeptFiles } from './kept-files.ts';
import { type PlannedFile, packagesIn, plannedBytes, planSync, type SyncPlan } from './plan.ts';
import { type PlanResult, planResult } from './plan-result.ts';
import { reconcile, reconcileSynced, type SyncedSuite, type SyncNews, syncedSuites } from './reconcile.ts';
import type { SyncPorts, SyncRequest } from './request.ts';
import { StrictResolver } from './resolve-strict.ts';
import type { WantedFile } from './resolver.ts';
import { checkSuites, type MirrorView, readSuites } from './suites.ts';
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

/**
 * Brings a mirror to what its upstream and its configuration say now: trust → indexes → plan → download → commit.
 * Any failure leaves the last committed state; finished downloads stay for the next run.
 * @throws the codes of trust.ts, index-files.ts, select.ts, download.ts; E_NOTHING_SELECTED; E_UNSATISFIED
 */
export async function syncMirror(deps: SyncPorts, request: SyncRequest, job: Job): Promise<SyncResult> {
  const { job: watched, tally } = tallied(job);
  const result = await mappingAborts(job.signal, sync(deps, request, watched));
  return { ...result, ...tally() };
}

async function sync(deps: SyncPorts, request: SyncRequest, job: Job): Promise<Omit<SyncResult, keyof Tally>> {
  const requestsBefore = deps.fetcher.counters.requests;
  const { mirror } = request;
  const known = await knownSuites(deps, mirror);
  const checks = await checkSuites(deps, request, known, job);
  const id = selectionId(mirror);
  const isUnchanged = checks.every(({ before, fresh }) => fresh.isUnchanged && before?.selection.id === id);
  if (isUnchanged && !request.force) {
    await bringInLine(deps, mirror, job);
    return unchangedResult(mirror, known, deps.fetcher.counters.requests - requestsBefore);
  }
  const view = await readSuites(deps, request, { known, checks }, job);
  const resolver = new StrictResolver(view.universe, () => decide(mirror, view, { known, job }));
  const download = {
    ...(await searchOf(deps, known, { thorough: request.force })),
    resolver,
    fetcher: deps.fetcher,
    owner: request.owner,
    maxBytes: deps.config.limits.packageBytes,
    missing: mirror.missing,
    words: 'espejo',
    onPlanned: (queue: readonly WantedFile[]) =>
      job.report({ type: 'queue', files: queue.length, bytes: plannedBytes(queue) }),
  } as const;
  const settle = (fetched: Fetched): Settled =>
    settled(deps, { mirror, view, wanted: resolver.plan }, fetched, job);
  const { plan, missing, summary } = await carryOut(
    deps,
    download,
    { purpose: purposeOf(mirror), settle },
    job,
  );
  return {
    mirror: mirror.name,
    outcome: 'synced',
    packages: sizeOf(await syncedSuites(deps.catalog, mirror)),
    filesExpected: resolver.plan.files.length,
    filesPresent: summary.filesFetched + summary.filesReused,
    download: summary,
    requests: deps.fetcher.counters.requests - requestsBefore,
    unsatisfied: plan.unsatisfied,
    missing,
  };
}

/** What is committed, and told of it. */
type Settled = Outcome & {
  readonly plan: SyncPlan;
  readonly missing: readonly MissingPackage[];
  readonly summary: DownloadSummary;
};

/** @throws E_PACKAGE_FETCH, E_UNSATISFIED */
function settled(
  { now }: SyncPorts,
  {
    mirror,
    view,
    wanted,
  }: { readonly mirror: MirrorConfig; readonly view: MirrorView; readonly wanted: SyncPlan },
  fetched: Fetched,
  job: Job,
): Settled {
  const gone = goneFiles(wanted, fetched);
  const { plan, missing } = withoutGone(wanted, gone, mirror.architectures);
  tellGone(gone, job);
  tellContested(wanted, gone, job);
  assertSatisfied(mirror, plan);
  job.report({ type: 'phase', phase: 'commit', subject: mirror.name });
  const { files, summary } = fetched;
  const content = { plan, isWhole: gone.every(({ isContested }) => isContested), files };
  const news = newsOf(mirror, view, content, now().getTime());
  return {
    plan,
    missing,
    summary,
    files: plan.files.flatMap(({ id }) => files.get(id) ?? []),
    changes: (present) => reconcileSynced(mirror, present, news),
  };
}

/** What {@link syncMirror} would do, without downloading packages or changing the catalog's view of the mirror. */
export async function planMirror(deps: SyncPorts, request: SyncRequest, job: Job): Promise<PlanResult> {
  return await mappingAborts(job.signal, dryRun(deps, request, job));
}

async function dryRun(deps: SyncPorts, request: SyncRequest, job: Job): Promise<PlanResult> {
  const { mirror } = request;
  const known = await knownSuites(deps, mirror);
  const checks = await checkSuites(deps, request, known, job);
  const view = await readSuites(deps, request, { known, checks }, job);
  const search = await searchOf(deps, known, { thorough: false });
  const resolver = new StrictResolver(view.universe, () =>
    planSync(mirror, view.universe, (suite, path) => view.urlsOf(suite, path)),
  );
  await preferPresent(resolver, search, job);
  const { queue: missing } = await planFiles(resolver.wanted(), search, job);
  return planResult(resolver.plan, missing, new Set(await labelsOf(deps.catalog, known)));
}

/**
 * What the last sync left of the suites of a mirror; a name that is not to be had is refused before anything is fetched.
 * @throws E_NAME_TAKEN
 */
async function knownSuites({ catalog }: SyncPorts, mirror: MirrorConfig): Promise<readonly SyncedSuite[]> {
  reconcile(mirror, await catalog.objects.all('mirror'));
  return await syncedSuites(catalog, mirror);
}

/** The settings of a mirror may have changed although its packages have not. */
async function bringInLine(
  { catalog, exclusively }: SyncPorts,
  mirror: MirrorConfig,
  job: Job,
): Promise<void> {
  const { objects } = catalog;
  if (reconcile(mirror, await objects.all('mirror')).length === 0) return;
  await exclusively(purposeOf(mirror), job.signal, async () => {
    await objects.change(reconcile(mirror, await objects.all('mirror')));
  });
}

function purposeOf({ name }: MirrorConfig): string {
  return `sync ${name}`;
}

/** How many packages all suites had together. */
function sizeOf(suites: readonly SyncedSuite[]): number {
  return Math.max(0, ...suites.map(({ selection }) => selection.packages));
}

async function searchOf(
  ports: SyncPorts,
  known: readonly SyncedSuite[],
  { thorough }: { readonly thorough: boolean },
): Promise<Search> {
  const kept = await KeptFiles.of(ports.catalog, listsOf(known));
  return kept.search(ports, { legacy: false, thorough });
}

type GonePlanned = PlannedFile & { readonly error: EspejoError };

/**
 * The files of a plan that did not come, where that is no reason to stop.
 * @throws E_PACKAGE_FETCH
 */
function goneFiles({ files }: SyncPlan, { failures, gone, unfit, asked }: Fetched): readonly GonePlanned[] {
  if (failures.length > 0) throw downloadError([...failures, ...gone.values(), ...unfit.values()], asked);
  const lacking = files.flatMap((one) => {
    const failed = gone.get(one.id) ?? unfit.get(one.id);
    return failed === undefined ? [] : [{ ...one, error: failed.error }];
  });
  // An upstream that has nothing at all of what it lists is not one that lacks a package.
  if (lacking.length > 0 && lacking.length === files.length) throw downloadError(lacking, lacking.length);
  return lacking;
}

function decide(
  mirror: MirrorConfig,
  view: MirrorView,
  { known, job }: { readonly known: readonly SyncedSuite[]; readonly job: Job },
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
  job.report({ type: 'phase', phase: 'download', subject: mirror.name });
  return plan;
}

/** Each package once, however many of its files there are. */
function tellGone(gone: readonly GonePlanned[], { report }: Job): void {
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

function tellContested({ conflicts }: SyncPlan, gone: readonly GonePlanned[], { report }: Job): void {
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
function assertMayBeEmpty({ name, allowEmpty, packages }: MirrorConfig, known: readonly SyncedSuite[]): void {
  if (allowEmpty || (packages.length > 0 && sizeOf(known) === 0)) return;
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

/** To be raised when the same indexes and settings make other packages, or other records of them. */
const form = 2;

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
      form,
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
  /** The files of the plan in the pool, by id. */
  readonly files: Fetched['files'];
};

/**
 * What is not whole is looked at again by the next sync, even if upstream and configuration stay as they are. A package of which
 * nothing that is listed fits waits for other lists: it would be fetched in vain each time.
 */
function newsOf(
  mirror: MirrorConfig,
  view: MirrorView,
  { plan, isWhole, files }: CommittedContent,
  syncedAt: number,
): SyncNews {
  return {
    selectionId: isWhole ? selectionId(mirror) : `${selectionId(mirror)} incomplete`,
    syncedAt,
    suites: view.suites.map((suite, position) => ({
      ...suite,
      indexes: { ...suite.indexes, Release: suite.release.releaseSha256 },
      components: suite.components.map((name) => ({
        name,
        packages: packagesIn(plan, position, name).map((one) => recordOf({ package: one }, files)),
      })),
    })),
  };
}

function unchangedResult(
  { name }: MirrorConfig,
  known: readonly SyncedSuite[],
  requests: number,
): Omit<SyncResult, keyof Tally> {
  return {
    mirror: name,
    outcome: 'unchanged',
    packages: sizeOf(known),
    filesExpected: 0,
    filesPresent: 0,
    download: { filesFetched: 0, bytesFetched: 0, filesReused: 0, bytesReused: 0 },
    requests,
    unsatisfied: [],
    missing: [],
  };
}

function listsOf(suites: readonly SyncedSuite[]): readonly ListId[] {
  return suites.flatMap(({ lists }) => Object.values(lists));
}

async function labelsOf(catalog: Catalog, suites: readonly SyncedSuite[]): Promise<readonly string[]> {
  const members = await Promise.all(listsOf(suites).map((list) => catalog.packages(list)));
  return members.flat().map(({ name, version, architecture }) => `${name}_${version}_${architecture}`);
}
