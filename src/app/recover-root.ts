import { join } from 'node:path';
import { inUse, openMirrorLocks } from '../catalog/mirror-locks.ts';
import { lockRoot } from '../catalog/root-lock.ts';
import { recoverCatalog } from '../catalog/sqlite/recover.ts';
import type { EspejoConfig } from '../config/config.ts';
import type { Job } from '../core/progress.ts';

/**
 * Checks and repairs the catalog of a root directory that nothing else uses. What was lost besides the references of local
 * repositories is told by warnings.
 * @returns references of local repositories that were removed, as package keys
 * @throws E_CATALOG when nothing can be read of it; E_OBJECT_IN_USE while a mirror is being updated; E_LOCKED, E_DISK_FULL, E_PERMISSION, E_IO, E_ABORTED
 */
export async function recoverRoot(
  { rootDir }: Pick<EspejoConfig, 'rootDir'>,
  { waitMs }: { readonly waitMs: number },
  { signal, report }: Job,
): Promise<readonly string[]> {
  const directory = join(rootDir, 'db');
  const lock = await lockRoot(directory, { purpose: 'db recover', waitMs, signal });
  const locks = openMirrorLocks(directory, { waitMs });
  try {
    // An update that goes on would commit to the catalog that is set aside.
    const recovered = await locks.whileIdle(() => recover(directory, report));
    if (recovered !== undefined) return recovered.result;
    const [holder] = await locks.holders();
    throw inUse('a mirror', holder);
  } finally {
    lock.release();
  }
}

async function recover(directory: string, report: Job['report']): Promise<readonly string[]> {
  const { dangling, remarks, setAside } = await recoverCatalog(join(directory, 'espejo.db'));
  if (setAside !== undefined) {
    const message = `the catalog was damaged; what could be read is in a new one, the damaged one is ${setAside}`;
    report({ type: 'warning', message });
  }
  for (const message of remarks) report({ type: 'warning', message });
  if (setAside !== undefined || remarks.length > 0) {
    const message =
      'update mirrors, sync or import again before "espejo db cleanup", which removes the files of packages that were lost';
    report({ type: 'warning', message });
  }
  return dangling;
}
