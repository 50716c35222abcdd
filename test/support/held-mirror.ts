import { join } from 'node:path';
import { mirrorLockKey, openMirrorLocks } from '../../src/catalog/mirror-locks.ts';

/** Runs `work` while this process holds the lock of a mirror, as an update does. */
export async function whileHeld<Result>(
  rootDir: string,
  mirror: { readonly uuid: string; readonly name: string; readonly managedBy: string | null },
  work: () => Promise<Result>,
): Promise<Result> {
  const locks = openMirrorLocks(join(rootDir, 'db'), { waitMs: 0 });
  const { signal } = new AbortController();
  const lock = { name: mirror.name, purpose: `mirror update ${mirror.name}`, signal };
  return await locks.whileUpdating(mirrorLockKey(mirror), lock, work);
}

/** A refusal without the part that tells who holds the lock, when it is this process that does. */
export function withoutHolder(text: string | undefined): string | undefined {
  return text?.replace(/ \((mirror update|sync) \S+ on \S+, since \d{4}-\S+Z\)$/, '');
}
