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
  const recent = new Set(generations.slice(0, policy.keepGenerations).map(({ id }) => id));
  return generations.filter((one) => {
    if (one.id === current || recent.has(one.id)) return false;
    return !isWithinReach(one, policy, now);
  });
}

/** The generations whose by-hash files a new generation must still offer. */
export function carriedGenerations(
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
