import { isEspejoError } from '../core/errors.ts';
import type { MirrorPorts } from '../mirror/ports.ts';
import type { Job } from '../packages/events.ts';
import { type CleanupResult, cleanUp } from './cleanup.ts';

/** `refused`: an unusual share of the pool would have gone; a warning says so. */
export type CleanupOutcome =
  | { readonly outcome: 'done'; readonly result: CleanupResult }
  | { readonly outcome: 'refused' };

/**
 * What a daemon does of `db cleanup` by itself: all of it, as long as it is not more than `cleanup.max_removed_share`.
 * @throws what {@link cleanUp} throws, but E_CLEANUP_REFUSED
 */
export async function cleanUpByPolicy(ports: MirrorPorts, job: Job): Promise<CleanupOutcome> {
  const { maxRemovedShare } = ports.config.cleanup;
  try {
    const request = { dryRun: false, maxRemovedShare };
    return { outcome: 'done', result: await cleanUp(ports, request, job) };
  } catch (error) {
    if (!isEspejoError(error, 'E_CLEANUP_REFUSED')) throw error;
    job.report({ type: 'warning', message: `${error.message}: ${error.hint}` });
    return { outcome: 'refused' };
  }
}
