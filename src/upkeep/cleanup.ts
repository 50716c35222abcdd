import { aptlyState } from '../adopt/adopt-on-first-use.ts';
import { holderText, type LockHolder } from '../catalog/lock-holder.ts';
import { inUse } from '../catalog/mirror-locks.ts';
import type { MirrorObject, PackagePlaces, RepoObject } from '../catalog/objects.ts';
import type { ListId } from '../catalog/packages.ts';
import { EspejoError } from '../core/errors.ts';
import { formatBytes } from '../core/units.ts';
import type { MirrorPorts } from '../mirror/ports.ts';
import { sweepAll } from '../mirror/sweep.ts';
import type { Job } from '../packages/events.ts';
import type { PoolEntry } from '../pool/pool.ts';
import { readUses, type SnapshotUses } from '../publish/managed-snapshots.ts';
import { listsOfMirror } from './holders.ts';
import { planRetirement, type Retirement, retire } from './retire.ts';

export type CleanupRequest = {
  /** Only tell; remove nothing. */
  readonly dryRun: boolean;
  /** Up to which share of the files, and of the bytes, of the pool may go at once; undefined: all. */
  readonly maxRemovedShare?: number;
};

/** What a cleaning removed, or would remove. */
export type CleanupResult = {
  /** Published states past their time. */
  readonly generations: number;
  /** Snapshots that espejo had made for them. */
  readonly snapshots: number;
  readonly packages: number;
  readonly files: number;
  readonly bytes: number;
};

/**
 * Removes published states that are past their time and the snapshots that espejo made for them, then packages that no
 * mirror, repository, snapshot, publication, kept generation or synced suite has, then the pool files that neither a
 * package nor a list of AppStream files names, and what else is left over. The catalog forgets a package before its
 * files go, so that it never names a file that a crash has taken.
 * @throws E_OBJECT_IN_USE when aptly has written to its database since that was taken over, or a mirror is being updated
 * @throws E_CLEANUP_REFUSED when more than `maxRemovedShare` would go: packages and pool are as they were
 * @throws E_CATALOG when a package that is in use is not in the catalog; E_LOCKED, E_PERMISSION, E_IO, E_ABORTED
 */
export async function cleanUp(ports: MirrorPorts, request: CleanupRequest, job: Job): Promise<CleanupResult> {
  return await ports.exclusively('db cleanup', job.signal, async () => {
    if (request.dryRun) return await cleanUpAlone(ports, request, job);
    const cleaned = await ports.locks.whileIdle(() => cleanUpAlone(ports, request, job));
    if (cleaned === undefined) throw inUseBy(await ports.locks.holders());
    return cleaned.result;
  });
}

/** What mirrors are made of may be in the pool while no list names it yet. */
function inUseBy([first, ...others]: readonly LockHolder[]): EspejoError {
  const refusal = inUse('a mirror', first);
  if (others.length === 0) return refusal;
  const message = `${refusal.message}; and by ${others.map(holderText).join(', ')}`;
  return new EspejoError('E_OBJECT_IN_USE', message, { context: refusal.context });
}

async function cleanUpAlone(
  ports: MirrorPorts,
  { dryRun, maxRemovedShare }: CleanupRequest,
  job: Job,
): Promise<CleanupResult> {
  const before = await usesOf(ports);
  if (!dryRun) await assertNothingUnknown(ports);
  const gone = await planRetirement(ports, before);
  if (!dryRun) await retire(ports, gone, job);
  const uses = dryRun ? without(before, gone) : await usesOf(ports);
  job.report({
    type: 'retired',
    generations: gone.generations.map(({ publication, id }) => ({ publication, id })),
    snapshots: gone.snapshots.map(({ name }) => name),
  });
  job.report({
    type: 'objects',
    mirrors: uses.mirrors.map(({ name }) => name),
    repos: uses.repos.map(({ name }) => name),
    snapshots: uses.snapshots.map(({ name }) => name),
    publications: uses.publications,
  });
  const lists = listsOf(uses);
  const early = maxRemovedShare === undefined ? undefined : await surveyBefore(ports, { uses, lists }, job);
  if (early !== undefined) assertUsual(early, maxRemovedShare ?? 1);
  const { removed, kept } = await ports.catalog.objects.retain(lists, { dryRun });
  const keptKeys = new Set(kept.map(({ key }) => key));
  const keys = new Set(removed.map(({ key }) => key).filter((key) => !keptKeys.has(key)));
  job.report({ type: 'unused-packages', keys: [...keys].sort() });
  const { there, files } = early ?? (await surveyPool(ports, wantedFiles(kept, uses), job));
  job.report({ type: 'unused-files', paths: files.map(({ path }) => path) });
  const counts = {
    generations: gone.generations.length,
    snapshots: gone.snapshots.length,
    packages: keys.size,
    files: files.length,
  };
  if (dryRun) return { ...counts, bytes: sizeOf(files) };
  const bytes = await removeFromPool(ports, files, job);
  if (files.length > 0) job.report({ type: 'freed', bytes });
  ports.catalog.ledger.forgetAllBut(there);
  await sweepAll(ports, job);
  job.report({ type: 'compacting' });
  await ports.catalog.compact();
  return { ...counts, bytes };
}

type Uses = SnapshotUses & {
  readonly mirrors: readonly MirrorObject[];
  readonly repos: readonly RepoObject[];
};

async function usesOf({ catalog }: MirrorPorts): Promise<Uses> {
  return {
    ...(await readUses(catalog)),
    mirrors: await catalog.objects.all('mirror'),
    repos: await catalog.objects.all('repo'),
  };
}

/** What there would be without what is past its time. */
function without(uses: Uses, { generations, snapshots }: Retirement): Uses {
  return {
    ...uses,
    generations: uses.generations.filter((generation) => !generations.includes(generation)),
    snapshots: uses.snapshots.filter((snapshot) => !snapshots.includes(snapshot)),
  };
}

/** What another program keeps in the same pool, and espejo does not know of, would be lost. */
async function assertNothingUnknown(ports: MirrorPorts): Promise<void> {
  const state = await aptlyState(ports);
  if (state.kind !== 'new' && state.kind !== 'changed') return;
  const fault = state.kind === 'new' ? 'was never taken over' : 'was changed after it was taken over';
  throw new EspejoError(
    'E_OBJECT_IN_USE',
    `the aptly database ${state.directory} ${fault}, and the pool holds its files: run "espejo db import-aptly" first, or move the database away`,
    { context: { directory: state.directory } },
  );
}

/** The lists that anything refers to. */
function listsOf(uses: Uses): readonly ListId[] {
  return [
    ...uses.mirrors.flatMap(listsOfMirror),
    ...uses.repos.map(({ list }) => list),
    ...uses.snapshots.map(({ list }) => list),
    ...uses.publications.flatMap(({ lists }) => Object.values(lists)),
    ...uses.generations.flatMap(({ components, object }) => [
      ...components.map(({ list }) => list),
      ...Object.values(object.lists),
    ]),
  ];
}

function wantedFiles(kept: readonly PackagePlaces[], uses: Uses): ReadonlySet<string> {
  return new Set([...kept.flatMap(({ poolPaths }) => poolPaths), ...appStreamFilesOf(uses)]);
}

function appStreamFilesOf({ mirrors, snapshots }: Uses): readonly string[] {
  return [...mirrors, ...snapshots].flatMap(({ appStreamFiles }) => Object.values(appStreamFiles));
}

/** What is in the pool, and what of it nobody wants. */
async function surveyPool(
  { pool }: MirrorPorts,
  wanted: ReadonlySet<string>,
  { signal }: Job,
): Promise<PoolSurvey> {
  const there = new Set<string>();
  const files: PoolEntry[] = [];
  let keptBytes = 0;
  for await (const file of pool.listAll(signal)) {
    if (!wanted.has(file.path)) files.push(file);
    else {
      there.add(file.path);
      keptBytes += file.size;
    }
  }
  return { there, keptBytes, files: files.sort((a, b) => (a.path < b.path ? -1 : 1)) };
}

/** What a cleaning would find, before the catalog has forgotten anything. */
async function surveyBefore(
  ports: MirrorPorts,
  { uses, lists }: { readonly uses: Uses; readonly lists: readonly ListId[] },
  job: Job,
): Promise<PoolSurvey> {
  const { kept } = await ports.catalog.objects.retain(lists, { dryRun: true });
  return await surveyPool(ports, wantedFiles(kept, uses), job);
}

type PoolSurvey = {
  readonly there: ReadonlySet<string>;
  readonly keptBytes: number;
  readonly files: readonly PoolEntry[];
};

/**
 * A configuration that lost its mirrors, or a repository that was dropped by mistake, would empty the pool.
 * @throws E_CLEANUP_REFUSED
 */
function assertUsual({ there, keptBytes, files }: PoolSurvey, maxShare: number): void {
  const bytes = sizeOf(files);
  const shares = [files.length / (files.length + there.size || 1), bytes / (bytes + keptBytes || 1)];
  const share = Math.max(...shares);
  if (share <= maxShare) return;
  const percent = (part: number): string => `${Math.floor(part * 100)} %`;
  throw new EspejoError(
    'E_CLEANUP_REFUSED',
    `cleanup would remove ${files.length} of ${files.length + there.size} pool files (${formatBytes(bytes)}), ${percent(share)} of the pool; cleanup.max_removed_share allows ${percent(maxShare)}`,
    { hint: 'see what would go with "espejo db cleanup -dry-run -verbose", then run "espejo db cleanup"' },
  );
}

function sizeOf(files: readonly PoolEntry[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}

/** @returns the bytes that were freed */
async function removeFromPool(
  { pool }: MirrorPorts,
  files: readonly PoolEntry[],
  { signal, report }: Job,
): Promise<number> {
  const left = new Set(
    await pool.remove(
      files.map(({ path }) => path),
      signal,
    ),
  );
  for (const path of left)
    report({ type: 'warning', message: `left in the pool, as it has no usable name: ${path}` });
  return files.reduce((sum, { path, size }) => sum + (left.has(path) ? 0 : size), 0);
}
