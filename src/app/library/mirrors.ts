import type { LockHolder } from '../../catalog/file-lock.ts';
import type { MirrorObject, SnapshotObject } from '../../catalog/library.ts';
import { mirrorLockKey } from '../../catalog/mirror-locks.ts';
import { EspejoError } from '../../core/errors.ts';
import type { Job } from '../../core/progress.ts';
import type { PackageSet } from '../../snapshot/package-set.ts';
import type { App } from '../app.ts';
import { findObject } from './find-object.ts';
import { changeMirror } from './mirror-lock.ts';
import { loadPackageSet } from './package-sets.ts';

/** A mirror, how many packages it has, and who updates it now. */
export type MirrorView = {
  readonly mirror: MirrorObject;
  readonly packageCount: number;
  readonly updating: LockHolder | undefined;
};

/** @throws E_OBJECT_NOT_FOUND */
export async function viewMirror(app: App, name: string): Promise<MirrorView> {
  const mirror = await findObject(app, 'mirror', name);
  const packageCount = mirror.list === null ? 0 : await app.catalog.listSize(mirror.list);
  return { mirror, packageCount, updating: await app.locks.holderOf(mirrorLockKey(mirror)) };
}

/** All mirrors by name, each with who updates it now. */
export async function listMirrors(app: App): Promise<readonly Omit<MirrorView, 'packageCount'>[]> {
  const mirrors = await app.catalog.objects.all('mirror');
  return await Promise.all(
    mirrors.map(async (mirror) => ({
      mirror,
      updating: await app.locks.holderOf(mirrorLockKey(mirror)),
    })),
  );
}

/** The packages of a mirror; of one that was never updated none. @throws E_OBJECT_NOT_FOUND, E_CATALOG */
export async function packagesOfMirror(app: App, name: string): Promise<PackageSet> {
  const { list } = await findObject(app, 'mirror', name);
  return await loadPackageSet(app, list);
}

/**
 * Gives a mirror another name; what was made from it stays connected.
 * @throws E_OBJECT_NOT_FOUND; E_OBJECT_IN_USE while it is updated and for one of the configuration; E_NAME_TAKEN, also for
 * its own name; E_LOCKED
 */
export async function renameMirror(
  app: App,
  { from, to }: { readonly from: string; readonly to: string },
  { signal }: Job,
): Promise<void> {
  await changeMirror(app, from, { purpose: `mirror rename ${from}`, signal }, async (mirror) => {
    const { objects } = app.catalog;
    if ((await objects.find('mirror', to)) !== undefined)
      throw new EspejoError('E_NAME_TAKEN', `mirror ${to} already exists`, { context: { name: to } });
    await objects.change([{ save: 'mirror', object: { ...mirror, name: to } }]);
  });
}

/**
 * Drops a mirror; its packages stay until the next cleanup.
 * @param options.force although snapshots were made from it
 * @returns the snapshots for which it was not dropped
 * @throws E_OBJECT_NOT_FOUND; E_OBJECT_IN_USE while it is updated and for one of the configuration; E_LOCKED
 */
export async function dropMirror(
  app: App,
  { name, force }: { readonly name: string; readonly force: boolean },
  { signal }: Job,
): Promise<readonly SnapshotObject[]> {
  return await changeMirror(app, name, { purpose: `mirror drop ${name}`, signal }, async ({ uuid }) => {
    const { objects } = app.catalog;
    const snapshots = (await objects.all('snapshot')).filter(
      ({ sourceKind, sourceIds }) => sourceKind === 'repo' && sourceIds.includes(uuid),
    );
    if (snapshots.length > 0 && !force) return snapshots;
    await objects.change([{ drop: 'mirror', uuid }]);
    return [];
  });
}
