import { findObject } from '../catalog/find-object.ts';
import type { LockHolder } from '../catalog/lock-holder.ts';
import { mirrorLockKey } from '../catalog/mirror-locks.ts';
import type { MirrorObject, SnapshotObject } from '../catalog/objects.ts';
import { EspejoError } from '../core/errors.ts';
import type { Job } from '../core/progress.ts';
import type { PackageSet } from '../packages/package-set.ts';
import { loadPackageSet } from '../packages/package-sets.ts';
import { changeMirror } from './mirror-lock.ts';
import type { MirrorPorts } from './ports.ts';

/** A mirror, how many packages it has, and who updates it now. */
export type MirrorView = {
  readonly mirror: MirrorObject;
  readonly packageCount: number;
  readonly updating: LockHolder | undefined;
};

/** @throws E_OBJECT_NOT_FOUND */
export async function viewMirror(ports: MirrorPorts, name: string): Promise<MirrorView> {
  const mirror = await findObject(ports, 'mirror', name);
  const packageCount = mirror.list === null ? 0 : await ports.catalog.listSize(mirror.list);
  return { mirror, packageCount, updating: await ports.locks.holderOf(mirrorLockKey(mirror)) };
}

/** All mirrors by name, each with who updates it now. */
export async function listMirrors(ports: MirrorPorts): Promise<readonly Omit<MirrorView, 'packageCount'>[]> {
  const mirrors = await ports.catalog.objects.all('mirror');
  return await Promise.all(
    mirrors.map(async (mirror) => ({
      mirror,
      updating: await ports.locks.holderOf(mirrorLockKey(mirror)),
    })),
  );
}

/** The packages of a mirror; of one that was never updated none. @throws E_OBJECT_NOT_FOUND, E_CATALOG */
export async function packagesOfMirror(ports: MirrorPorts, name: string): Promise<PackageSet> {
  const { list } = await findObject(ports, 'mirror', name);
  return await loadPackageSet(ports, list);
}

/**
 * Gives a mirror another name; what was made from it stays connected.
 * @throws E_OBJECT_NOT_FOUND; E_OBJECT_IN_USE while it is updated and for one of the configuration; E_NAME_TAKEN, also for
 * its own name; E_LOCKED
 */
export async function renameMirror(
  ports: MirrorPorts,
  { from, to }: { readonly from: string; readonly to: string },
  { signal }: Job,
): Promise<void> {
  await changeMirror(ports, from, { purpose: `mirror rename ${from}`, signal }, async (mirror) => {
    const { objects } = ports.catalog;
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
  ports: MirrorPorts,
  { name, force }: { readonly name: string; readonly force: boolean },
  { signal }: Job,
): Promise<readonly SnapshotObject[]> {
  return await changeMirror(ports, name, { purpose: `mirror drop ${name}`, signal }, async ({ uuid }) => {
    const { objects } = ports.catalog;
    const snapshots = (await objects.all('snapshot')).filter(
      ({ sourceKind, sourceIds }) => sourceKind === 'mirror' && sourceIds.includes(uuid),
    );
    if (snapshots.length > 0 && !force) return snapshots;
    await objects.change([{ drop: 'mirror', uuid }]);
    return [];
  });
}
