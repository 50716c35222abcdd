import type { GenerationRecord, PublicationRecord } from '../catalog/contract.ts';
import type { PublicationObject, SnapshotObject } from '../catalog/objects.ts';
import { isEspejoError } from '../core/errors.ts';
import type { Job } from '../packages/events.ts';
import type { Ports } from '../packages/ports.ts';
import { configuredObject } from '../publish/configured-object.ts';
import {
  needlessSnapshots,
  readUses,
  retireSnapshots,
  type SnapshotUses,
} from '../publish/managed-snapshots.ts';
import { publishDepsOf } from '../publish/publish-deps.ts';
import { cleanUp, surveySite } from '../publish/release.ts';
import { expiredGenerations } from '../publish/retention.ts';
import { placeOf } from '../publish/settings.ts';
import { type Target, targetOf } from '../publish/target.ts';

/** What is past its time: generations that no client can ask for any more, and the snapshots that espejo made for them. */
export type Retirement = {
  readonly targets: readonly Target[];
  readonly generations: readonly GenerationRecord[];
  readonly snapshots: readonly SnapshotObject[];
};

/**
 * Finds out what would go. A publication that the configuration has no more can neither be rolled back nor published
 * again: of it stays what clients see, and for a week what they have seen.
 * @param uses see {@link readUses}
 */
export async function planRetirement(ports: Ports, uses: SnapshotUses): Promise<Retirement> {
  const now = ports.now().getTime();
  const targets: Target[] = [];
  const expired: GenerationRecord[] = [];
  for (const record of await ports.catalog.publications()) {
    const target = targetOfRecord(ports, record, uses.publications);
    if (target === undefined || record.current === null) continue;
    const own = uses.generations.filter(({ publication }) => publication === record.path);
    const gone = expiredGenerations(own, record.current, target.retention, now);
    if (gone.length === 0) continue;
    targets.push(target);
    expired.push(...gone);
  }
  const generations = uses.generations.filter((one) => !expired.includes(one));
  return { targets, generations: expired, snapshots: needlessSnapshots({ ...uses, generations }) };
}

/** Carries out a plan; what cannot be removed from a published tree is told and stays. */
export async function retire(ports: Ports, { targets }: Retirement, job: Job): Promise<void> {
  const deps = publishDepsOf(ports, job);
  for (const target of targets) {
    try {
      await cleanUp(deps, await surveySite(deps, target));
    } catch (error) {
      if (!isEspejoError(error, 'E_PUBLISH_CONFLICT', 'E_PERMISSION', 'E_IO')) throw error;
      job.report({ type: 'warning', message: `${target.name}: is not cleaned up: ${error.message}` });
    }
  }
  await retireSnapshots(ports.catalog);
}

const orphanRetention = { keepGenerations: 1, keepByHashMs: 7 * 24 * 3600 * 1000 } as const;

/** Undefined for one that keeps nothing for a time, or whose endpoint is not configured any more. */
function targetOfRecord(
  ports: Ports,
  { path }: PublicationRecord,
  objects: readonly PublicationObject[],
): Target | undefined {
  const configured = ports.config.publications.find((one) => placeOf(one).path === path);
  const object = objects.find(({ name }) => name === path);
  if (configured !== undefined) return targetOf(ports, configuredObject(configured, object));
  if (object === undefined) return undefined;
  // What -skip-cleanup has left of one that was made by hand stays until its next change, as in aptly.
  if (object.managedBy === null && ports.config.keepRemovedFilesSeconds === 0) return undefined;
  try {
    const target = targetOf(ports, object);
    return object.managedBy === null ? target : { ...target, retention: orphanRetention };
  } catch (error) {
    if (isEspejoError(error, 'E_CONFIG_INVALID')) return undefined;
    throw error;
  }
}
