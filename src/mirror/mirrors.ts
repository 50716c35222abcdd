import { findObject } from '../catalog/find-object.ts';
import { snapshotText } from '../catalog/labels.ts';
import type { LockHolder } from '../catalog/lock-holder.ts';
import { mirrorLockKey } from '../catalog/mirror-locks.ts';
import { type MirrorObject, nameTaken } from '../catalog/objects.ts';
import { shownMirror } from '../catalog/without-secrets.ts';
import type { Job } from '../packages/events.ts';
import { objectInUse, type UserOfObject } from '../packages/in-use.ts';
import { type NamedPackage, nameOf } from '../packages/named-package.ts';
import { loadPackageSet } from '../packages/package-sets.ts';
import { changeMirror } from './mirror-lock.ts';
import type { MirrorPorts } from './ports.ts';

/** A mirror, and who updates it now. */
export type ListedMirror = { readonly mirror: MirrorObject; readonly updating: LockHolder | undefined };

/** With the number of its packages, and their names in listing order when they were asked for. */
export type MirrorFacts = ListedMirror & {
  readonly packageCount: number;
  readonly packages: readonly NamedPackage[] | undefined;
};

/** @throws E_OBJECT_NOT_FOUND, E_CATALOG */
export async function showMirror(
  ports: MirrorPorts,
  { name, withPackages }: { readonly name: string; readonly withPackages: boolean },
): Promise<MirrorFacts> {
  const mirror = await findObject(ports, 'mirror', name);
  const set = withPackages ? await loadPackageSet(ports, mirror.list) : undefined;
  const size = mirror.list === null ? 0 : await ports.catalog.listSize(mirror.list);
  return {
    mirror: shownMirror(mirror),
    packageCount: set?.size ?? size,
    packages: set?.listed.map((member) => nameOf(member.package)),
    updating: await ports.locks.holderOf(mirrorLockKey(mirror)),
  };
}

/** All mirrors by name. */
export async function listMirrors(ports: MirrorPorts): Promise<readonly ListedMirror[]> {
  const mirrors = await ports.catalog.objects.all('mirror');
  return await Promise.all(
    mirrors.map(async (mirror) => ({
      mirror: shownMirror(mirror),
      updating: await ports.locks.holderOf(mirrorLockKey(mirror)),
    })),
  );
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
    if ((await objects.find('mirror', to)) !== undefined) throw nameTaken('mirror', to, 'renamed');
    await objects.change([{ save: 'mirror', object: { ...mirror, name: to } }]);
  });
}

/**
 * Drops a mirror; its packages stay until the next cleanup.
 * @throws E_OBJECT_NOT_FOUND; E_OBJECT_IN_USE while it is updated and for one of the configuration; E_LOCKED
 * @throws E_OBJECT_IN_USE, with who is in the way, unless it is forced for one that snapshots were made of
 */
export async function dropMirror(
  ports: MirrorPorts,
  { name, force }: { readonly name: string; readonly force: boolean },
  { signal }: Job,
): Promise<void> {
  await changeMirror(ports, name, { purpose: `mirror drop ${name}`, signal }, async ({ uuid }) => {
    const { objects } = ports.catalog;
    const usedBy = (await objects.all('snapshot'))
      .filter(({ sourceKind, sourceIds }) => sourceKind === 'mirror' && sourceIds.includes(uuid))
      .map((one): UserOfObject => ({ kind: 'snapshot', name: one.name, text: snapshotText(one) }));
    if (usedBy.length > 0 && !force)
      throw objectInUse('mirror was used to create snapshots', { kind: 'mirror', name, usedBy });
    await objects.change([{ drop: 'mirror', uuid }]);
  });
}
