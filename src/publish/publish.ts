import { randomUUID } from 'node:crypto';
import type { GenerationRecord, ListId } from '../catalog/contract.ts';
import type { PublicationConfig } from '../config/config.ts';
import type { Job } from '../core/progress.ts';
import { gather } from './gather.ts';
import { inputIdOf, placePackages, settingsOf } from './plan.ts';
import {
  type Content,
  cleanUp,
  contentOf,
  type PublishDeps,
  type PublishRequest,
  release,
  type Site,
  surveySite,
  timeStamp,
} from './release.ts';
import { hasGeneration } from './tree.ts';

export type PublishResult = {
  readonly publication: string;
  /** `held`: a rollback keeps it where it is. */
  readonly outcome: 'published' | 'unchanged' | 'held';
  readonly generation: string;
  readonly snapshots: readonly string[];
  readonly packages: number;
};

/**
 * Publishes what the mirrors of a publication hold now, or what it is held at after a rollback. Unchanged input touches
 * nothing.
 * @throws E_MIRROR_EMPTY, E_PUBLISH_CONFLICT, E_POOL_MISSING, E_KEY_*, E_DISK_FULL, E_PERMISSION, E_IO
 */
export async function publish(deps: PublishDeps, request: PublishRequest, job: Job): Promise<PublishResult> {
  const { publication, signer, force } = request;
  const site = await surveySite(deps, publication);
  const { current, record } = site.standing;
  const hold = record?.hold ?? null;
  const fresh = !force && current !== undefined && (await isFresh(site, current, deps.now()));
  if (hold !== null && current !== undefined) {
    if (fresh) return await leaveAlone(deps, site, current, 'held');
    const content = await contentOf(deps, current, { signer, hold });
    return resultOf(publication, 'published', await release(deps, site, { content, signer, force }, job));
  }
  const gathered = await gather(deps.catalog, publication, request.mirrors);
  const settings = settingsOf(publication, gathered.architectures, signer?.fingerprints ?? []);
  if (fresh && current.inputId === inputIdOf(gathered.components, settings))
    return await leaveAlone(deps, site, current, 'unchanged');
  const components: Content['components'][number][] = [];
  for (const { name, list, records } of gathered.components) {
    const packages = placePackages(name, records);
    const origin = { component: name, list, sources: gathered.sources };
    components.push({ name, list, packages, snapshot: await recordSnapshot(deps, publication, origin) });
  }
  const content: Content = { settings, components, hold: null };
  return resultOf(publication, 'published', await release(deps, site, { content, signer, force }, job));
}

export function resultOf(
  publication: PublicationConfig,
  outcome: PublishResult['outcome'],
  generation: GenerationRecord,
): PublishResult {
  return {
    publication: publication.name,
    outcome,
    generation: generation.id,
    snapshots: generation.components.map(({ snapshot }) => snapshot),
    packages: generation.packages,
  };
}

/** Whether clients see the generation, whole, and may go on to. */
async function isFresh(
  { layout, standing }: Site,
  { id, date, settings }: GenerationRecord,
  now: Date,
): Promise<boolean> {
  const { validForSeconds } = settings;
  // A publication with Valid-Until is signed anew when half of its time has gone.
  if (validForSeconds !== null && now.getTime() > date + validForSeconds * 500) return false;
  return standing.visible === id && (await hasGeneration(layout, id));
}

async function leaveAlone(
  deps: PublishDeps,
  site: Site,
  current: GenerationRecord,
  outcome: 'unchanged' | 'held',
): Promise<PublishResult> {
  await cleanUp(deps, site);
  return resultOf(site.publication, outcome, current);
}

async function recordSnapshot(
  deps: PublishDeps,
  publication: PublicationConfig,
  { component, list, sources }: { component: string; list: ListId; sources: readonly string[] },
): Promise<string> {
  const createdAt = deps.now();
  const series = `${publication.name}-${component}`;
  const snapshot = await deps.catalog.recordSnapshot({
    uuid: randomUUID(),
    name: `${series}-${timeStamp(createdAt)}`,
    createdAt: createdAt.getTime(),
    list,
    series,
    description: `Component ${component} from ${sources.join(', ')}`,
    sourceKind: 'repo',
    sources,
  });
  return snapshot.name;
}
