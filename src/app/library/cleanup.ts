import type { PublicationObject } from '../../catalog/library.ts';
import type { ListId } from '../../catalog/packages.ts';
import { EspejoError } from '../../core/errors.ts';
import type { Job } from '../../core/progress.ts';
import { partialLifeMs } from '../../mirror/sync.ts';
import type { FoundFile } from '../../pool/pool.ts';
import type { App } from '../app.ts';
import { aptlyState } from './adopt-on-first-use.ts';
import { assertMirrorUnlocked } from './mirror-lock.ts';

/** What a cleaning tells on its way, in this order. */
export type CleanupEvent =
  /** What refers to packages, by name. */
  | {
      readonly type: 'objects';
      readonly mirrors: readonly string[];
      readonly repos: readonly string[];
      readonly snapshots: readonly string[];
      readonly publications: readonly PublicationObject[];
    }
  /** Keys of packages that go, sorted. */
  | { readonly type: 'packages'; readonly keys: readonly string[] }
  /** Files of the pool that go, sorted. */
  | { readonly type: 'files'; readonly files: readonly FoundFile[] }
  /** The files are gone. */
  | { readonly type: 'freed'; readonly bytes: number }
  /** The catalog is about to be compacted. */
  | { readonly type: 'compact' };

type CleanupRequest = {
  /** Only tell; remove nothing. */
  readonly dryRun: boolean;
  readonly tell: (event: CleanupEvent) => void;
};

/**
 * Removes packages that no mirror, repository, snapshot, publication, kept generation or synced suite has, then the pool
 * files that neither a package nor a list of AppStream files names, and what else is left over. The catalog forgets a
 * package before its files go, so that it never names a file that a crash has taken.
 * @throws E_OBJECT_IN_USE when aptly has written to its database since that was taken over, or a mirror is being updated
 * @throws E_CATALOG when a package that is in use is not in the catalog; E_LOCKED, E_PERMISSION, E_IO, E_ABORTED
 */
export async function cleanUp(app: App, { dryRun, tell }: CleanupRequest, job: Job): Promise<void> {
  await app.exclusively('db cleanup', job.signal, async () => {
    const uses = await usesOf(app);
    if (!dryRun) await assertNothingUnknown(app, uses);
    tell({
      type: 'objects',
      mirrors: uses.mirrors.map(({ name }) => name),
      repos: uses.repos.map(({ name }) => name),
      snapshots: uses.snapshots.map(({ name }) => name),
      publications: uses.publications,
    });
    const { removed, kept } = await app.catalog.objects.retain(await listsOf(app, uses), { dryRun });
    const keptKeys = new Set(kept.map(({ key }) => key));
    const keys = new Set(removed.map(({ key }) => key).filter((key) => !keptKeys.has(key)));
    tell({ type: 'packages', keys: [...keys].sort() });
    const wanted = new Set([...kept.flatMap(({ poolPaths }) => poolPaths), ...appStreamFilesOf(uses)]);
    const { there, files } = await surveyPool(app, wanted, job);
    tell({ type: 'files', files });
    if (dryRun) return;
    if (files.length > 0) tell({ type: 'freed', bytes: await removeFiles(app, files, job) });
    await removeLeftOvers(app, there);
    tell({ type: 'compact' });
    await app.catalog.compact();
  });
}

type Uses = Awaited<ReturnType<typeof usesOf>>;

async function usesOf({ catalog: { objects } }: App) {
  return {
    mirrors: await objects.all('mirror'),
    repos: await objects.all('repo'),
    snapshots: await objects.all('snapshot'),
    publications: await objects.all('publication'),
  };
}

/** What another program keeps in the same pool, and espejo does not know of, would be lost. */
async function assertNothingUnknown(app: App, { mirrors }: Uses): Promise<void> {
  for (const mirror of mirrors) assertMirrorUnlocked(mirror);
  const state = await aptlyState(app);
  if (state.kind !== 'new' && state.kind !== 'changed') return;
  const fault = state.kind === 'new' ? 'was never taken over' : 'was changed after it was taken over';
  throw new EspejoError(
    'E_OBJECT_IN_USE',
    `the aptly database ${state.directory} ${fault}, and the pool holds its files: run "espejo db import-aptly" first, or move the database away`,
    { context: { directory: state.directory } },
  );
}

/** The lists that anything refers to. */
async function listsOf({ catalog }: App, uses: Uses): Promise<readonly ListId[]> {
  const suites = (await catalog.mirrors()).flatMap((mirror) => mirror.suites);
  const published = await Promise.all(
    (await catalog.publications()).map(({ path }) => catalog.generations(path)),
  );
  return [
    ...uses.mirrors.flatMap(({ list }) => list ?? []),
    ...uses.repos.map(({ list }) => list),
    ...uses.snapshots.map(({ list }) => list),
    ...uses.publications.flatMap(({ lists }) => Object.values(lists)),
    ...suites.flatMap(({ components }) => components.map(({ list }) => list)),
    ...published
      .flat()
      .flatMap(({ components, object }) => [
        ...components.map(({ list }) => list),
        ...Object.values(object.lists),
      ]),
  ];
}

function appStreamFilesOf({ mirrors, snapshots }: Uses): readonly string[] {
  return [...mirrors, ...snapshots].flatMap(({ appStreamFiles }) => Object.values(appStreamFiles));
}

/** What is in the pool, and what of it nobody wants. */
async function surveyPool(
  { pool }: App,
  wanted: ReadonlySet<string>,
  { signal }: Job,
): Promise<{ readonly there: ReadonlySet<string>; readonly files: readonly FoundFile[] }> {
  const there = new Set<string>();
  const files: FoundFile[] = [];
  for await (const file of pool.listAll(signal)) {
    if (wanted.has(file.path)) there.add(file.path);
    else files.push(file);
  }
  return { there, files: files.sort((a, b) => (a.path < b.path ? -1 : 1)) };
}

/** @returns the bytes that were freed */
async function removeFiles(
  { pool }: App,
  files: readonly FoundFile[],
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

/** Old partial downloads, stored indexes that no suite needs, and the memory of pool files that are gone. */
async function removeLeftOvers(
  { catalog, files, pool, now }: App,
  there: ReadonlySet<string>,
): Promise<void> {
  catalog.ledger.forgetAllBut(there);
  await pool.sweepPartials(new Date(now().getTime() - partialLifeMs));
  await files.sweep();
}
