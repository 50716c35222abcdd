import { findObject } from '../catalog/find-object.ts';
import { assertMirrorUnlocked, mirrorLockKey } from '../catalog/mirror-locks.ts';
import type { MirrorObject } from '../catalog/objects.ts';
import { EspejoError } from '../core/errors.ts';
import type { MirrorPorts } from './ports.ts';
import { assertNotManaged } from './reconcile.ts';

/**
 * Changes a mirror of that name under its lock and that of the root directory, so that no update of it goes on meanwhile.
 * @param options.purpose the command, for those who wait
 * @throws E_OBJECT_NOT_FOUND; E_OBJECT_IN_USE while it is updated and for one of the configuration; E_LOCKED
 */
export async function changeMirror<Result>(
  ports: MirrorPorts,
  name: string,
  { purpose, signal }: { readonly purpose: string; readonly signal: AbortSignal },
  change: (mirror: MirrorObject) => Promise<Result>,
): Promise<Result> {
  const before = await changeableMirror(ports, name);
  const lock = { name, purpose, signal, atOnce: true };
  return await ports.locks.whileUpdating(mirrorLockKey(before), lock, () =>
    ports.exclusively(purpose, signal, async () => {
      const mirror = await findObject(ports, 'mirror', name);
      if (mirror.uuid === before.uuid) return await change(mirror);
      throw new EspejoError('E_OBJECT_IN_USE', `mirror ${name} was replaced by another command meanwhile`);
    }),
  );
}

/**
 * The mirror of that name when it is one that commands may change.
 * @throws E_OBJECT_NOT_FOUND; E_OBJECT_IN_USE while it is updated and for one of the configuration
 */
export async function changeableMirror(ports: MirrorPorts, name: string): Promise<MirrorObject> {
  const mirror = await findObject(ports, 'mirror', name);
  await assertMirrorUnlocked(ports, mirror);
  assertNotManaged(ports, mirror);
  return mirror;
}
