import type { MirrorObject } from '../../catalog/library.ts';
import { EspejoError, systemCode } from '../../core/errors.ts';

/**
 * Refuses a mirror that a living process updates.
 * @throws E_OBJECT_IN_USE
 */
export function assertMirrorUnlocked({ name, workerPid }: MirrorObject): void {
  if (workerPid === null || !isAlive(workerPid)) return;
  throw new EspejoError('E_OBJECT_IN_USE', `mirror is locked by update operation, PID ${workerPid}`, {
    context: { mirror: name, pid: workerPid },
  });
}

/** A process of another user is alive too, though it may not be signalled. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}
