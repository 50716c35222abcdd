import type { MirrorObject } from '../../catalog/library.ts';
import type { App } from '../app.ts';
import { findObject } from './find-object.ts';
import { assertNotManaged } from './managed-mirrors.ts';
import { assertMirrorUnlocked } from './mirror-lock.ts';

/**
 * The mirror of that name when it may be changed.
 * @throws E_OBJECT_NOT_FOUND; E_OBJECT_IN_USE while it is updated and for one of the configuration
 */
export async function changeableMirror(app: App, name: string): Promise<MirrorObject> {
  const mirror = await findObject(app, 'mirror', name);
  assertMirrorUnlocked(mirror);
  assertNotManaged(app, mirror);
  return mirror;
}
