import { findObject } from '../catalog/find-object.ts';
import type { SnapshotObject } from '../catalog/objects.ts';
import { inStage } from '../core/errors.ts';
import type { Job, PullEvent } from '../packages/events.ts';
import { filterSet } from '../packages/filter.ts';
import { type Following, followingIn } from '../packages/following.ts';
import { mergeSets } from '../packages/merge.ts';
import type { PackageSet } from '../packages/package-set.ts';
import { loadPackageSet } from '../packages/package-sets.ts';
import type { Ports } from '../packages/ports.ts';
import { pullInto } from '../packages/pull.ts';
import { readQueries } from '../packages/queries.ts';
import { addSnapshot, derivedDraft, type SnapshotDraft } from './create.ts';

/** How packages are asked for. */
type Asking = {
  /** ORed. */
  readonly queries: readonly string[];
  /** How they were asked for, for the description; absent: the queries. */
  readonly asked?: string;
};

/**
 * Makes a snapshot of several. What stays of packages that more than one has, see {@link mergeSets}.
 * @throws E_OBJECT_NOT_FOUND at the stage `find`; E_NAME_TAKEN at `save`; E_LOCKED
 */
export async function mergeSnapshots(
  ports: Ports,
  request: {
    readonly name: string;
    readonly sources: readonly string[];
    readonly keep: 'override' | 'all' | 'latest';
  },
  job: Job,
): Promise<SnapshotObject> {
  const sources = await inStage('find', () => findAll(ports, request.sources));
  const sets: PackageSet[] = [];
  for (const { list } of sources) sets.push(await loadPackageSet(ports, list));
  const packages = mergeSets(sets, {
    keep: request.keep,
    aptlyTail: ports.config.compatibility.mergeTail,
  });
  const description = `Merged from sources: ${sources.map(({ name }) => `'${name}'`).join(', ')}`;
  const appStreamFiles = Object.assign({}, ...sources.map((source) => source.appStreamFiles));
  const draft = { ...derivedDraft(request.name, description, sources), appStreamFiles };
  return await saved(ports, draft, packages, job);
}

export type SnapshotFilter = Asking & {
  readonly source: string;
  readonly name: string;
  /** What the packages depend on within the source, too; absent: only the packages. */
  readonly dependencies?: Following;
};

/**
 * Makes a snapshot of what the queries select in another one.
 * @throws E_OBJECT_NOT_FOUND at the stage `find`; E_QUERY_SYNTAX at `read`; E_NAME_TAKEN at `save`; E_NO_ARCHITECTURES,
 * E_INDEX_SYNTAX, E_LOCKED
 */
export async function filterSnapshot(
  ports: Ports,
  request: SnapshotFilter,
  job: Job,
): Promise<SnapshotObject> {
  const source = await inStage('find', () => findObject(ports, 'snapshot', request.source));
  const set = await loadPackageSet(ports, source.list);
  job.report({ type: 'loading', packages: set.size });
  const following =
    request.dependencies === undefined
      ? undefined
      : { ...followingIn(ports, request.dependencies, set), report: job.report };
  const packages = filterSet(set, await readQueries(request.queries), following);
  const description = `Filtered '${source.name}', query was: '${textOf(request)}'`;
  return await saved(ports, derivedDraft(request.name, description, [source]), packages, job);
}

export type SnapshotPull = Asking & {
  readonly into: string;
  readonly from: string;
  readonly name: string;
  readonly dependencies: Following;
  /** Pull only what the queries select. */
  readonly withoutDependencies: boolean;
  /** Every version that matches, not only the highest. */
  readonly allMatches: boolean;
  /** Keep the versions that the target has. */
  readonly noRemove: boolean;
  readonly dryRun: boolean;
};

export type Pulled = {
  /** Undefined with `dryRun`. */
  readonly snapshot: SnapshotObject | undefined;
  /** In the order in which they happened; told as events, too. */
  readonly changes: readonly Extract<PullEvent, { readonly type: 'pulled' }>[];
};

/**
 * Makes a snapshot of one with packages of another, and what they depend on.
 * @throws as {@link filterSnapshot}
 */
export async function pullSnapshot(ports: Ports, request: SnapshotPull, job: Job): Promise<Pulled> {
  const [into, from] = await inStage('find', async () => [
    await findObject(ports, 'snapshot', request.into),
    await findObject(ports, 'snapshot', request.from),
  ]);
  job.report({ type: 'pull', into, from, name: request.name });
  const target = await loadPackageSet(ports, into.list);
  const source = await loadPackageSet(ports, from.list);
  job.report({ type: 'loading', packages: target.size + source.size });
  const { architectures, follow } = followingIn(ports, request.dependencies, target);
  const { result, changes } = pullInto(target, source, {
    queries: await readQueries(request.queries),
    architectures,
    follow: request.withoutDependencies ? undefined : follow,
    allMatches: request.allMatches,
    noRemove: request.noRemove,
    report: job.report,
  });
  const events = changes.map(({ kind, member }) => pulled(kind, member.package.label));
  for (const event of events) job.report(event);
  if (request.dryRun) return { snapshot: undefined, changes: events };
  const asked = `pull request was: '${textOf(request)}'`;
  const description = `Pulled into '${into.name}' with '${from.name}' as source, ${asked}`;
  const draft = derivedDraft(request.name, description, [into, from]);
  return { snapshot: await saved(ports, draft, result, job), changes: events };
}

function pulled(change: 'added' | 'removed', label: string): Pulled['changes'][number] {
  return { type: 'pulled', change, package: label };
}

function textOf({ queries, asked }: Asking): string {
  return asked ?? queries.join(' ');
}

async function saved(
  ports: Ports,
  draft: SnapshotDraft,
  packages: PackageSet,
  { signal }: Job,
): Promise<SnapshotObject> {
  return await inStage('save', () => addSnapshot(ports, draft, { packages, signal }));
}

async function findAll(ports: Ports, names: readonly string[]): Promise<readonly SnapshotObject[]> {
  const found: SnapshotObject[] = [];
  for (const name of names) found.push(await findObject(ports, 'snapshot', name));
  return found;
}
