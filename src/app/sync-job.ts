import type { MirrorConfig } from '../config/config.ts';
import { EspejoError } from '../core/errors.ts';
import type { Job } from '../core/progress.ts';
import type { SyncDeps, SyncRequest } from '../mirror/request.ts';
import { type PlanResult, planMirror, type SyncResult, syncMirror } from '../mirror/sync.ts';
import type { AllowedDoubts, TrustPolicy } from '../mirror/trust.ts';
import type { App } from './app.ts';
import { keyringOf } from './keys.ts';
import { keepManagedMirrors } from './library/managed-mirrors.ts';
import { nearestOf } from './nearest.ts';

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

/** Syncs mirrors one after another, each a transaction of its own. */
export async function syncMirrors(app: App, choice: SyncChoice, job: Job): Promise<readonly SyncResult[]> {
  const mirrors = chosenMirrors(app, choice.mirrors);
  return await app.exclusively('sync', job.signal, async () => {
    const results: SyncResult[] = [];
    for (const mirror of mirrors) {
      results.push(await syncMirror(depsOf(app), await requestOf(mirror, choice), job));
      await keepManagedMirrors(app, mirror, job);
    }
    return results;
  });
}

/** What {@link syncMirrors} would do. */
export async function planMirrors(app: App, choice: SyncChoice, job: Job): Promise<readonly PlanResult[]> {
  const mirrors = chosenMirrors(app, choice.mirrors);
  return await app.exclusively('plan', job.signal, async () => {
    const results: PlanResult[] = [];
    for (const mirror of mirrors)
      results.push(await planMirror(depsOf(app), await requestOf(mirror, choice), job));
    return results;
  });
}

function depsOf({ catalog, fetcher, pool, files, config, now }: App): SyncDeps {
  return { catalog, fetcher, pool, files, limits: config.limits, now };
}

async function requestOf(mirror: MirrorConfig, { force, relaxed }: SyncChoice): Promise<SyncRequest> {
  const policy: TrustPolicy = {
    verifySignatures: mirror.verifySignatures && !relaxed.verifySignatures,
    checkValidUntil: mirror.checkValidUntil && !relaxed.checkValidUntil,
    checkDate: mirror.checkDate && !relaxed.checkDate,
    allowWeakSignatures: mirror.allowWeakSignatures,
    allowExpiredKeys: mirror.allowExpiredKeys,
  };
  return { mirror, keyring: await keyringOf(mirror), policy, force };
}

function chosenMirrors({ config }: App, names: readonly string[]): readonly MirrorConfig[] {
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
