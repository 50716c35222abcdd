import type { Catalog, MirrorState, PackageRecord, SuiteState, SyncCommit } from '../catalog/contract.ts';
import type { LimitsConfig, MirrorConfig } from '../config/contract.ts';
import { mapConcurrently } from '../core/concurrency.ts';
import { sha256Hex } from '../core/digest.ts';
import { EspejoError, invariant } from '../core/errors.ts';
import type { Job } from '../core/progress.ts';
import { BinaryPackage, SourcePackage } from '../deb/package.ts';
import { parseRelease } from '../deb/release.ts';
import type { Fetcher } from '../fetch/contract.ts';
import { joinUrl } from '../fetch/urls.ts';
import type { Keyring } from '../openpgp/contract.ts';
import type { Pool } from '../pool/contract.ts';
import { type DownloadSummary, downloadFiles, missingFiles } from './download.ts';
import { type NeededIndex, neededIndexes } from './index-files.ts';
import { type IndexConsumer, readIndex } from './indexes.ts';
import { type PlannedFile, packagesIn, planSync, type SyncPlan } from './plan.ts';
import { checkRelease, type SuiteRelease } from './releases.ts';
import type { TrustPolicy } from './trust.ts';
import { Universe } from './universe.ts';
import type { UpstreamFiles } from './upstream-files.ts';

export type SyncDeps = {
  readonly catalog: Catalog;
  readonly fetcher: Fetcher;
  readonly pool: Pool;
  readonly files: UpstreamFiles;
  readonly limits: LimitsConfig;
  readonly now: () => Date;
};

export type SyncRequest = {
  readonly mirror: MirrorConfig;
  readonly keyring: Keyring;
  readonly policy: TrustPolicy;
  /** Do all the work even when upstream and configuration are unchanged: re-checks every pool file. */
  readonly force: boolean;
};

export type SyncResult = {
  readonly mirror: string;
  readonly outcome: 'unchanged' | 'synced';
  /** Binary and source packages that the mirror holds. */
  readonly packages: number;
  /** Files that the plan asked for, and those that are verified in the pool: equal, or the sync has failed. */
  readonly filesExpected: number;
  readonly filesPresent: number;
  readonly download: DownloadSummary;
  /** Requests sent upstream. */
  readonly requests: number;
  readonly unsatisfied: SyncPlan['unsatisfied'];
};

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
  const view = await readSuites(deps, mirror, checks, job);
  const plan = decide(mirror, view, job);
  const missing = await missingFiles(plan.files, poolTools(deps), job.signal);
  job.report({ type: 'phase', phase: 'download', subject: mirror.name });
  const tools = { ...poolTools(deps), fetcher: deps.fetcher, maxBytes: deps.limits.packageBytes };
  const download = await downloadFiles(plan.files, missing, tools, job);
  job.report({ type: 'phase', phase: 'commit', subject: mirror.name });
  const state = await deps.catalog.commitSync(commitOf(deps, mirror, view, plan));
  await deps.files.sweep();
  return {
    mirror: mirror.name,
    outcome: 'synced',
    packages: state.packages,
    filesExpected: plan.files.length,
    filesPresent: download.filesFetched + download.filesReused,
    download,
    requests: deps.fetcher.counters.requests - requestsBefore,
    unsatisfied: plan.unsatisfied,
  };
}

/** What {@link syncMirror} would do, without downloading packages or changing the catalog's view of the mirror. */
export async function planMirror(deps: SyncDeps, request: SyncRequest, job: Job): Promise<PlanResult> {
  const { mirror } = request;
  const known = await deps.catalog.mirror(mirror.name);
  const checks = await checkSuites(deps, request, known, job);
  const view = await readSuites(deps, mirror, checks, job);
  const plan = planSync(mirror, view.universe, (suite, path) => view.urlsOf(suite, path));
  const missing = await missingFiles(plan.files, poolTools(deps), job.signal);
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

function poolTools({ pool, limits }: SyncDeps): { pool: Pool; concurrency: number } {
  return { pool, concurrency: limits.concurrency };
}

/** A suite of the configuration with what upstream says of it; the content of an unchanged Release is read when needed. */
type SuiteCheck =
  | { readonly accepted: SuiteState; readonly fresh: undefined }
  | { readonly accepted: SuiteState | undefined; readonly fresh: SuiteRelease };

function isUnchanged(check: SuiteCheck): boolean {
  return check.fresh === undefined;
}

async function checkSuites(
  deps: SyncDeps,
  { mirror, keyring, policy }: SyncRequest,
  known: MirrorState | undefined,
  job: Job,
): Promise<readonly SuiteCheck[]> {
  job.report({ type: 'phase', phase: 'release', subject: mirror.name });
  const width = { width: deps.limits.concurrency, signal: job.signal };
  return await mapConcurrently(mirror.suites, width, async (suite): Promise<SuiteCheck> => {
    const accepted = known?.suites.find((one) => one.suite === suite.name);
    const kept = accepted === undefined ? undefined : await deps.files.document(accepted.releaseSha256);
    const question = {
      fetcher: deps.fetcher,
      keyring,
      suite,
      policy,
      maxBytes: deps.limits.releaseBytes,
      now: deps.now(),
    };
    const comparable = kept === undefined ? undefined : accepted;
    const check = await checkRelease({ ...question, accepted, comparable }, job);
    if (check.kind === 'changed') return { accepted, fresh: check.suite };
    invariant(comparable !== undefined, 'only an accepted Release can be unchanged');
    return { accepted: comparable, fresh: undefined };
  });
}

/** All that the indexes of a mirror say, and what is to be remembered of each suite. */
type MirrorView = {
  readonly universe: Universe;
  readonly suites: readonly (Omit<SuiteState, 'components'> & { readonly components: readonly string[] })[];
  urlsOf(suite: number, path: string): readonly string[];
};

async function readSuites(
  deps: SyncDeps,
  mirror: MirrorConfig,
  checks: readonly SuiteCheck[],
  job: Job,
): Promise<MirrorView> {
  job.report({ type: 'phase', phase: 'indexes', subject: mirror.name });
  const universe = new Universe();
  const suites: MirrorView['suites'][number][] = [];
  const roots: (readonly string[])[] = [];
  for (const [position, suite] of mirror.suites.entries()) {
    const check = checks[position];
    invariant(check !== undefined, 'every suite was checked');
    const { state, content } = await currentRelease(deps, suite.name, check);
    const release = parseRelease(content, `${state.url}dists/${suite.name}/Release`);
    const urls = [state.url, ...suite.urls.filter((url) => url !== state.url)];
    roots.push(urls);
    const needed = neededIndexes(release, {
      what: `${state.url}dists/${suite.name}`,
      components: suite.components,
      architectures: mirror.architectures,
      sources: mirror.sources,
    });
    const bases = urls.map((url) => `${url}dists/${suite.name}/`);
    const indexes: Record<string, string> = {};
    for (const index of needed) {
      const reading = { fetcher: deps.fetcher, files: deps.files, bases, maxBytes: deps.limits.indexBytes };
      const collector = collect(index, position, job);
      const id = await readIndex(index, reading, collector, job);
      collector.pour(universe);
      if (id !== undefined) indexes[index.path] = id;
    }
    suites.push({ ...state, indexes, components: suite.components });
  }
  return {
    universe,
    suites,
    urlsOf: (suite, path) => (roots[suite] ?? []).map((root) => joinUrl(root, path)),
  };
}

type ReleaseMemory = { readonly state: Omit<SuiteState, 'components' | 'indexes'>; readonly content: Buffer };

async function currentRelease(deps: SyncDeps, suite: string, check: SuiteCheck): Promise<ReleaseMemory> {
  if (check.fresh === undefined) {
    const content = await deps.files.document(check.accepted.releaseSha256);
    invariant(content !== undefined, 'an unchanged Release is kept');
    return { state: check.accepted, content };
  }
  const { url, sha256, release, validators, content } = check.fresh;
  await deps.files.keepDocument(content);
  const state = {
    suite,
    url,
    releaseSha256: sha256,
    releaseDate: release.date.getTime(),
    validUntil: release.validUntil?.getTime() ?? null,
    etag: validators.etag ?? null,
    lastModified: validators.lastModified ?? null,
    meta: releaseMeta(release.stanza.fields),
  };
  return { state, content };
}

const fileListFields = new Set(['MD5Sum', 'SHA1', 'SHA256', 'SHA512']);

function releaseMeta(
  fields: readonly { readonly name: string; readonly value: string }[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    fields.filter(({ name }) => !fileListFields.has(name)).map(({ name, value }) => [name, value]),
  );
}

/** Gathers the packages of one index and pours them out once the index is known to be what Release says. */
function collect(
  index: NeededIndex,
  suite: number,
  job: Job,
): IndexConsumer & { pour(universe: Universe): void } {
  const { component, path } = index;
  let binaries: BinaryPackage[] = [];
  let sources: SourcePackage[] = [];
  let foreign = 0;
  const addBinary = (raw: Buffer): void => {
    const one = BinaryPackage.fromParagraph(raw, { what: path });
    if (one.architecture === index.architecture || one.architecture === 'all') binaries.push(one);
    else foreign += 1;
  };
  return {
    start() {
      binaries = [];
      sources = [];
      foreign = 0;
    },
    batch(paragraphs) {
      if (index.kind === 'packages') for (const raw of paragraphs) addBinary(raw);
      else for (const raw of paragraphs) sources.push(SourcePackage.fromParagraph(raw, { what: path }));
    },
    pour(universe) {
      for (const one of binaries) universe.add({ suite, component, package: one });
      for (const one of sources) universe.addSource({ suite, component, package: one });
      if (foreign > 0)
        job.report({
          type: 'warning',
          message: `${path}: ${foreign} packages of other architectures left out`,
        });
    },
  };
}

function decide(mirror: MirrorConfig, view: MirrorView, job: Job): SyncPlan {
  job.report({ type: 'phase', phase: 'select', subject: mirror.name });
  const plan = planSync(mirror, view.universe, (suite, path) => view.urlsOf(suite, path));
  if (plan.members.length === 0) {
    throw new EspejoError('E_NOTHING_SELECTED', `mirror ${mirror.name}: selects no package`, {
      hint: 'list packages or queries under "packages"',
    });
  }
  for (const label of plan.conflicts) {
    job.report({
      type: 'warning',
      message: `${label}: two suites list it with different content; the first suite's is used`,
    });
  }
  if (mirror.unsatisfied === 'fail' && plan.unsatisfied.length > 0) throw unsatisfiedError(mirror.name, plan);
  return plan;
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
    }),
  );
}

function commitOf(deps: SyncDeps, mirror: MirrorConfig, view: MirrorView, plan: SyncPlan): SyncCommit {
  return {
    name: mirror.name,
    selectionId: selectionId(mirror),
    syncedAt: deps.now().getTime(),
    suites: view.suites.map((suite, position) => ({
      ...suite,
      indexes: { ...suite.indexes, Release: suite.releaseSha256 },
      components: suite.components.map((name) => ({
        name,
        packages: packagesIn(plan, position, name).map((one) => packageRecord(deps.pool, one)),
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

function unchangedResult(known: MirrorState, requests: number): SyncResult {
  return {
    mirror: known.name,
    outcome: 'unchanged',
    packages: known.packages,
    filesExpected: 0,
    filesPresent: 0,
    download: { filesFetched: 0, bytesFetched: 0, filesReused: 0, bytesReused: 0 },
    requests,
    unsatisfied: [],
  };
}

async function labelsOf(catalog: Catalog, state: MirrorState | undefined): Promise<readonly string[]> {
  const lists = (state?.suites ?? []).flatMap((suite) => suite.components.map(({ list }) => list));
  const members = await Promise.all(lists.map((list) => catalog.packages(list)));
  return members.flat().map(({ name, version, architecture }) => `${name}_${version}_${architecture}`);
}
