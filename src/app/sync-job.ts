import { configuredLockKey } from '../catalog/mirror-locks.ts';
import type { MirrorConfig } from '../config/config.ts';
import { EspejoError } from '../core/errors.ts';
import { nearestOf } from '../core/nearest.ts';
import { keyringOf } from '../keys/own-key.ts';
import { managedMirrors } from '../mirror/managed-mirrors.ts';
import type { SyncDeps, SyncRequest } from '../mirror/request.ts';
import { sweepUnused } from '../mirror/sweep.ts';
import { type PlanResult, planMirror, type SyncResult, syncMirror } from '../mirror/sync.ts';
import type { TrustPolicy } from '../mirror/trust.ts';
import type { AllowedDoubts } from '../openpgp/doubts.ts';
import type { Job } from '../packages/events.ts';
import type { App } from './app.ts';

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
 */
export async function syncMirrors(app: App, choice: SyncChoice, job: Job): Promise<readonly SyncResult[]> {
  const results: SyncResult[] = [];
  for (const mirror of chosenMirrors(app, choice.mirrors)) {
    const lock = { name: mirror.name, purpose: `sync ${mirror.name}`, signal: job.signal };
    results.push(
      await app.locks.whileUpdating(configuredLockKey(mirror.name), lock, async ({ owner }) => {
        const request = await requestOf(mirror, choice);
        const result = await syncMirror(depsOf(app, { mirror, owner, job }), request, job);
        if (result.outcome === 'unchanged') await showAsConfigured(app, mirror, job);
        return result;
      }),
    );
  }
  if (results.some(({ outcome }) => outcome === 'synced')) await sweepUnused(app, job);
  return results;
}

/** What {@link syncMirrors} would do. */
export async function planMirrors(app: App, choice: SyncChoice, job: Job): Promise<readonly PlanResult[]> {
  const mirrors = chosenMirrors(app, choice.mirrors);
  return await app.locks.whileReading(job.signal, async () => {
    const results: PlanResult[] = [];
    for (const mirror of mirrors) {
      const deps = depsOf(app, { mirror, owner: 'plan', job });
      results.push(await planMirror(deps, await requestOf(mirror, choice), job));
    }
    return results;
  });
}

type Work = { readonly mirror: MirrorConfig; readonly owner: string; readonly job: Job };

function depsOf(app: App, { mirror, owner, job }: Work): SyncDeps {
  const { catalog, fetcher, pool, files, config, now } = app;
  return {
    catalog,
    fetcher,
    pool,
    files,
    limits: config.limits,
    now,
    owner,
    commit: (commit, check) =>
      app.exclusively(`sync ${mirror.name}`, job.signal, async () => {
        await check();
        const present = await catalog.objects.all('mirror');
        return await catalog.commitSync(commit, (state) => managedMirrors(mirror, { state, present }, job));
      }),
  };
}

/** The settings of a mirror may have changed although its packages have not. */
async function showAsConfigured(app: App, mirror: MirrorConfig, job: Job): Promise<void> {
  await app.exclusively(`sync ${mirror.name}`, job.signal, async () => {
    const state = await app.catalog.mirror(mirror.name);
    if (state === undefined) return;
    const present = await app.catalog.objects.all('mirror');
    await app.catalog.objects.change(managedMirrors(mirror, { state, present }, job));
  });
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
