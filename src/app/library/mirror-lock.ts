import type { MirrorObject } from '../../catalog/library.ts';
import { inUse, mirrorLockKey } from '../../catalog/mirror-locks.ts';
import { EspejoError } from '../../core/errors.ts';
import type { App } from '../app.ts';
import { findObject } from './find-object.ts';
import { assertNotManaged } from './managed-mirrors.ts';

/**
 * Refuses a mirror that some process updates now.
 * @throws E_OBJECT_IN_USE
 */
export async function assertMirrorUnlocked(
  { locks }: Pick<App, 'locks'>,
  mirror: MirrorObject,
): Promise<void> {
  const holder = await locks.holderOf(mirrorLockKey(mirror));
  if (holder !== undefined) throw inUse(mirror.name, holder);
}

/**
 * Changes a mirror of that name under its lock and that of the root directory, so that no update of it goes on meanwhile.
 * @param options.purpose the command, for those who wait
 * @throws E_OBJECT_NOT_FOUND; E_OBJECT_IN_USE while it is updated and for one of the configuration; E_LOCKED
 */
export async function changeMirror<Result>(
  app: App,
  name: string,
  { purpose, signal }: { readonly purpose: string; readonly signal: AbortSignal },
  change: (mirror: MirrorObject) => Promise<Result>,
): Promise<Result> {
  const before = await changeableMirror(app, name);
  const lock = { name, purpose, signal, atOnce: true };
  return await app.locks.whileUpdating(mirrorLockKey(before), lock, () =>
    app.exclusively(purpose, signal, async () => {
      const mirror = await findObject(app, 'mirror', name);
      if (mirror.uuid === before.uuid) return await change(mirror);
      throw new EspejoError('E_OBJECT_IN_USE', `mirror ${name} was replaced by another command meanwhile`);
    }),
  );
}

/**
 * The mirror of that name when it is one that commands may change.
 * @throws E_OBJECT_NOT_FOUND; E_OBJECT_IN_USE while it is updated and for one of the configuration
 */
export async function changeableMirror(app: App, name: string): Promise<MirrorObject> {
  const mirror = await findObject(app, 'mirror', name);
  await assertMirrorUnlocked(app, mirror);
  assertNotManaged(app, mirror);
  return mirror;
}
