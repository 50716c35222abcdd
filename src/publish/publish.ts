import type { GenerationRecord, GenerationSettings } from '../catalog/contract.ts';
import type { MirrorConfig, PublicationConfig } from '../config/config.ts';
import { EspejoError, invariant } from '../core/errors.ts';
import { type Tally, tallied } from '../core/tally.ts';
import type { Signer } from '../openpgp/contract.ts';
import type { Job } from '../packages/events.ts';
import { type Gathered, gather } from './gather.ts';
import { tellRefused } from './left-out.ts';
import { keepSnapshots, objectOf } from './managed-objects.ts';
import { retireSnapshots } from './managed-snapshots.ts';
import { packagesApart } from './packages-apart.ts';
import { inputIdOf, placeOf, planComponent, settingsOf } from './plan.ts';
import { claimsBelow, siteOf } from './pool-claims.ts';
import {
  type Content,
  cleanUp,
  contentOf,
  type PublishDeps,
  release,
  type Site,
  surveySite,
  type Target,
} from './release.ts';

export type PublishRequest = {
  readonly publication: PublicationConfig;
  readonly mirrors: readonly MirrorConfig[];
  /** Undefined when the publication is not signed. */
  readonly signer: Signer | undefined;
  /** Render and flip although nothing has changed. */
  readonly force: boolean;
};

export type PublishResult = {
  readonly publication: string;
  /** `held`: a rollback keeps it where it is. */
  readonly outcome: 'published' | 'unchanged' | 'held';
  readonly generation: string;
  readonly snapshots: readonly string[];
  readonly packages: number;
  /** After a rollback: the generation whose content it is, and when that was published (milliseconds since 1970). */
  readonly returnedTo?: { readonly generation: string; readonly date: number };
} & Tally;

/** What is known of a publish beside its warnings. */
export type Published = Omit<PublishResult, keyof Tally>;

/**
 * Publishes what the mirrors of a publication hold now, or what it is held at after a rollback. Unchanged input touches
 * nothing.
 * @throws E_MIRROR_EMPTY, E_PUBLISH_CONFLICT, E_POOL_MISSING, E_KEY_*, E_DISK_FULL, E_PERMISSION, E_IO
 */
export async function publish(deps: PublishDeps, request: PublishRequest, job: Job): Promise<PublishResult> {
  return await countingWarnings(request, job, (watched) => publishFresh(deps, request, watched));
}

/** Does what a publication asks for, with the warnings of its signer and the number of all warnings. */
export async function countingWarnings(
  { signer }: Pick<PublishRequest, 'signer'>,
  job: Job,
  work: (job: Job) => Promise<Published>,
): Promise<PublishResult> {
  const { job: watched, tally } = tallied(job);
  for (const message of signer?.warnings ?? []) watched.report({ type: 'warning', message });
  const published = await work(watched);
  return { ...published, ...tally() };
}

async function publishFresh(deps: PublishDeps, request: PublishRequest, job: Job): Promise<Published> {
  const { publication, signer, force } = request;
  const { unparseable = false } = deps;
  await assertUnused(deps, publication);
  const site = await surveySite(deps, targetOf(deps, publication));
  const { current, record } = site.standing;
  const hold = record?.hold ?? null;
  const fresh = !force && current !== undefined && isFresh(site, current, deps.now());
  const options = { signer, thorough: force, onDifferent: 'unless-claimed' } as const;
  if (hold !== null && current !== undefined) {
    if (fresh) return await leaveAlone(deps, site, current, 'held');
    const content = await contentOf(deps, site, { generation: current, signer, hold });
    return resultOf(publication, 'published', await release(deps, site, { ...options, content }, job));
  }
  const gathered = await gather(deps.catalog, publication, request.mirrors);
  for (const message of gathered.warnings) job.report({ type: 'warning', message });
  const settings = settingsOf(publication, gathered.architectures, {
    signers: signer?.fingerprints ?? [],
    unparseable,
  });
  if (fresh && current.inputId === inputIdOf(gathered.components, settings))
    return await leaveAlone(deps, site, current, 'unchanged');
  try {
    const components = await componentsOf(deps, { site, publication }, { gathered, settings });
    const object = await objectOf(deps, publication, { settings, components });
    const content: Content = { settings, components, extras: [], object, hold: null };
    const telling = { name: `publication ${publication.name}`, report: job.report };
    tellRefused(components, telling);
    return resultOf(publication, 'published', await release(deps, site, { ...options, content }, job));
  } catch (error) {
    // What stays now goes with the next publish.
    await retireSnapshots(deps.catalog).catch(() => undefined);
    throw error;
  }
}

/** Where a configured publication is and what it keeps. */
export function targetOf(
  { endpoints }: Pick<PublishDeps, 'endpoints'>,
  publication: PublicationConfig,
): Target {
  const { name, keepGenerations, keepByHashSeconds } = publication;
  return {
    name,
    place: placeOf(publication),
    endpoint: endpoints.of(''),
    retention: { keepGenerations, keepByHashMs: keepByHashSeconds * 1000 },
  };
}

export function resultOf(
  { name }: Pick<Target, 'name'>,
  outcome: PublishResult['outcome'],
  generation: GenerationRecord,
): Published {
  return {
    publication: name,
    outcome,
    generation: generation.id,
    snapshots: generation.components.map(({ sourceName }) => sourceName),
    packages: generation.packages,
  };
}

/** Plans first, so that what cannot be published leaves no snapshot. */
async function componentsOf(
  deps: PublishDeps,
  { site, publication }: { readonly site: Site; readonly publication: PublicationConfig },
  { gathered, settings }: { readonly gathered: Gathered; readonly settings: GenerationSettings },
): Promise<Content['components']> {
  const claims = claimsBelow(deps, site.place);
  const planned: Omit<Content['components'][number], 'source' | 'sourceName'>[] = [];
  for (const { name, list, records } of gathered.components) {
    const place = { name, pool: name };
    const plan = planComponent(place, records, settings);
    const apart = await packagesApart(deps, site, { plan, claims });
    const placed = apart.length === 0 ? plan : planComponent({ ...place, apart }, records, settings);
    planned.push({ ...placed, list, apart });
  }
  const origins = planned.map(({ name, list }) => ({ component: name, list, sources: gathered.sources }));
  const snapshots = await keepSnapshots(deps, publication, origins);
  return planned.map((plan, at) => {
    const snapshot = snapshots[at];
    invariant(snapshot !== undefined, 'each component has a snapshot');
    return { ...plan, source: snapshot.uuid, sourceName: snapshot.name };
  });
}

/** @throws E_PUBLISH_CONFLICT when a publication that was made by hand has the place, by whatever name */
async function assertUnused(
  { catalog, endpoints }: PublishDeps,
  publication: PublicationConfig,
): Promise<void> {
  const place = placeOf(publication);
  const site = siteOf(endpoints, place);
  const byHand = (await catalog.objects.all('publication')).filter(({ managedBy }) => managedBy === null);
  const object = byHand.find(
    (one) =>
      one.name === place.path || (one.distribution === place.distribution && siteOf(endpoints, one) === site),
  );
  if (object === undefined) return;
  const { distribution, storage, prefix } = object;
  const location = storage === '' ? prefix : `${storage}:${prefix}`;
  throw new EspejoError(
    'E_PUBLISH_CONFLICT',
    `publication ${publication.name}: ${object.name} is published by hand already`,
    { hint: `run "espejo publish drop ${distribution} ${location}" first, or choose another distribution` },
  );
}

/** Whether clients see the generation, whole, and may go on to. */
function isFresh({ standing }: Site, { id, date, settings }: GenerationRecord, now: Date): boolean {
  const { validForSeconds } = settings;
  // A publication with Valid-Until is signed anew when half of its time has gone.
  if (validForSeconds !== null && now.getTime() > date + validForSeconds * 500) return false;
  return standing.visible === id && standing.isWhole;
}

async function leaveAlone(
  deps: PublishDeps,
  site: Site,
  current: GenerationRecord,
  outcome: 'unchanged' | 'held',
): Promise<Published> {
  await cleanUp(deps, site);
  return resultOf(site, outcome, current);
}
