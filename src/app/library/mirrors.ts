import type { MirrorObject, SnapshotObject } from '../../catalog/library.ts';
import { EspejoError } from '../../core/errors.ts';
import type { Job } from '../../core/progress.ts';
import type { PackageSet } from '../../snapshot/package-set.ts';
import type { App } from '../app.ts';
import { changeableMirror } from './changeable-mirror.ts';
import { findObject } from './find-object.ts';
import { loadPackageSet } from './package-sets.ts';

/** A mirror and how many packages it has. */
export type MirrorView = { readonly mirror: MirrorObject; readonly packageCount: number };

/** @throws E_OBJECT_NOT_FOUND */
export async function viewMirror(app: App, name: string): Promise<MirrorView> {
  const mirror = await findObject(app, 'mirror', name);
  const packageCount = mirror.list === null ? 0 : await app.catalog.listSize(mirror.list);
  return { mirror, packageCount };
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
  await app.exclusively(`mirror rename ${from}`, signal, async () => {
    const { objects } = app.catalog;
    const mirror = await changeableMirror(app, from);
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
  return await app.exclusively(`mirror drop ${name}`, signal, async () => {
    const { objects } = app.catalog;
    const { uuid } = await changeableMirror(app, name);
    const snapshots = (await objects.all('snapshot')).filter(
      ({ sourceKind, sourceIds }) => sourceKind === 'repo' && sourceIds.includes(uuid),
    );
    if (snapshots.length > 0 && !force) return snapshots;
    await objects.change([{ drop: 'mirror', uuid }]);
    return [];
  });
}
