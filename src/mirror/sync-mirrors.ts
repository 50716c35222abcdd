import { configuredLockKey } from '../catalog/mirror-locks.ts';
import type { MirrorConfig } from '../config/config.ts';
import { EspejoError } from '../core/errors.ts';
import { nearestOf } from '../core/nearest.ts';
import type { AllowedDoubts } from '../openpgp/doubts.ts';
import type { Job } from '../packages/events.ts';
import type { PlanResult } from './plan-result.ts';
import type { MirrorPorts } from './ports.ts';
import type { SyncRequest } from './request.ts';
import { sweepUnused } from './sweep.ts';
import { planMirror, type SyncResult, syncMirror } from './sync.ts';
import type { TrustPolicy } from './trust.ts';

export type SyncChoice = {
  /** Names of mirrors; none means all. */
  readonly mirrors: readonly string[];
  readonly force: boolean;
  /** Strictness that the command line takes away from that of the configuration. */
  readonly relaxed: { readonly [Check in Exclude<keyof TrustPolicy, keyof AllowedDoubts>]: boolean };
};

/** No check is relaxed. */
export const strict: SyncChoice['relaxed'] = {
  verifySignatures: false,
  checkValidUntil: false,
  checkDate: false,
};

/**
 * Syncs mirrors one after another, each a transaction of its own. The root directory is locked for the commits alone; a
 * mirror is locked as long as its sync takes.
 * @throws E_MIRROR_NOT_FOUND; what {@link syncMirror} throws
 */
export async function syncMirrors(
  ports: MirrorPorts,
  choice: SyncChoice,
  job: Job,
): Promise<readonly SyncResult[]> {
  const results: SyncResult[] = [];
  for (const mirror of chosenMirrors(ports, choice.mirrors)) {
    const lock = { name: mirror.name, purpose: `sync ${mirror.name}`, signal: job.signal };
    results.push(
      await ports.locks.whileUpdating(configuredLockKey(mirror.name), lock, async ({ owner }) =>
        syncMirror(ports, requestOf(mirror, owner, choice), job),
      ),
    );
  }
  if (results.some(({ outcome }) => outcome === 'synced')) await sweepUnused(ports, job);
  return results;
}

/** What {@link syncMirrors} would do. */
export async function planMirrors(
  ports: MirrorPorts,
  choice: SyncChoice,
  job: Job,
): Promise<readonly PlanResult[]> {
  const mirrors = chosenMirrors(ports, choice.mirrors);
  return await ports.locks.whileReading(job.signal, async () => {
    const results: PlanResult[] = [];
    for (const mirror of mirrors)
      results.push(await planMirror(ports, requestOf(mirror, 'plan', choice), job));
    return results;
  });
}

function requestOf(mirror: MirrorConfig, owner: string, { force, relaxed }: SyncChoice): SyncRequest {
  const policy: TrustPolicy = {
    verifySignatures: mirror.verifySignatures && !relaxed.verifySignatures,
    checkValidUntil: mirror.checkValidUntil && !relaxed.checkValidUntil,
    checkDate: mirror.checkDate && !relaxed.checkDate,
    allowWeakSignatures: mirror.allowWeakSignatures,
    allowExpiredKeys: mirror.allowExpiredKeys,
  };
  return { mirror, policy, force, owner };
}

function chosenMirrors({ config }: MirrorPorts, names: readonly string[]): readonly MirrorConfig[] {
  if (config.mirrors.length === 0) {
    throw new EspejoError('E_MIRROR_NOT_FOUND', `${config.path ?? 'the configuration'}: has no mirrors`, {
      hint: 'add a mirror under "mirrors"; data/xenial.yaml is a complete example',
    });
  }
  if (names.length === 0) return config.mirrors;
  return names.map((name) => {
    const found = config.mirrors.find((one) => one.name === name);
    if (found !== undefined) return found;
    const known = config.mirrors.map((one) => one.name);
    throw new EspejoError('E_MIRROR_NOT_FOUND', `mirror with name ${name} not found`, {
      hint: nearestOf(name, known),
    });
  });
}
