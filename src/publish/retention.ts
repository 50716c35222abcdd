import type { GenerationRecord } from '../catalog/contract.ts';

export type RetentionPolicy = { readonly keepGenerations: number; readonly keepByHashMs: number };

/**
 * Which generations may go: not the current one, not the newest `keepGenerations`, and none that was current within
 * the time in which a client may still ask for its by-hash files and packages.
 * @param generations newest first
 * @param now milliseconds since 1970
 */
export function expiredGenerations(
  generations: readonly GenerationRecord[],
  current: string,
  policy: RetentionPolicy,
  now: number,
): readonly GenerationRecord[] {
  // With dates from outside (SOURCE_DATE_EPOCH) the current one need not be the newest.
  const others = generations.filter(({ id }) => id !== current);
  const recent = new Set(others.slice(0, policy.keepGenerations - 1));
  return others.filter((one) => !recent.has(one) && !isWithinReach(one, policy, now));
}

/** The generations whose by-hash files a new generation must still offer. */
export function withinReach(
  generations: readonly GenerationRecord[],
  policy: RetentionPolicy,
  now: number,
): readonly GenerationRecord[] {
  return generations.filter((one) => isWithinReach(one, policy, now));
}

/** The current generation is superseded by the very act of publishing, so it counts as within reach. */
function isWithinReach(
  { supersededAt }: GenerationRecord,
  { keepByHashMs }: RetentionPolicy,
  now: number,
): boolean {
  return supersededAt === null || now - supersededAt < keepByHashMs;
}
