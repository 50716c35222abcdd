import { isDeepStrictEqual } from 'node:util';
import type { GenerationRecord } from '../catalog/contract.ts';
import type { Change, PublicationObject } from '../catalog/objects.ts';
import type { MirrorConfig, PublicationConfig } from '../config/config.ts';
import { invariant } from '../core/errors.ts';
import { type Tally, tallied } from '../core/tally.ts';
import type { Signer } from '../openpgp/contract.ts';
import type { Job } from '../packages/events.ts';
import { configuredObject, planSnapshots } from './configured-object.ts';
import { type Gathered, gather } from './gather.ts';
import { inputIdOf } from './plan.ts';
import { assertApart } from './publication-place.ts';
import { runPublication, type SourcedComponent } from './publish-run.ts';
import { cleanUp, contentOf, type PublishDeps, release, type Site, surveySite } from './release.ts';
import { placeOf, settingsOf } from './settings.ts';
import { type Target, targetOf } from './target.ts';

/** What a publication of the configuration is published with. */
export type ConfiguredDeps = PublishDeps & {
  readonly mirrors: readonly MirrorConfig[];
  /** Undefined when the publication is not signed. */
  signerOf(publication: PublicationConfig): Promise<Signer | undefined>;
};

export type PublishRequest = {
  readonly publication: PublicationConfig;
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
export async function publish(
  deps: ConfiguredDeps,
  request: PublishRequest,
  job: Job,
): Promise<PublishResult> {
  return await signed(deps, request, job, (tools) => publishFresh(deps, request, tools));
}

/** What a publication is signed with, and where its warnings are counted. */
export type Signing = { readonly signer: Signer | undefined; readonly job: Job };

/** Does what a publication asks for with its signer, whose warnings are told, and counts all warnings. */
export async function signed(
  deps: Pick<ConfiguredDeps, 'signerOf'>,
  { publication }: Pick<PublishRequest, 'publication'>,
  job: Job,
  work: (tools: Signing) => Promise<Published>,
): Promise<PublishResult> {
  const signer = await deps.signerOf(publication);
  const { job: watched, tally } = tallied(job);
  for (const message of signer?.warnings ?? []) watched.report({ type: 'warning', message });
  const published = await work({ signer, job: watched });
  return { ...published, ...tally() };
}

async function publishFresh(
  deps: ConfiguredDeps,
  { publication, force }: PublishRequest,
  { signer, job }: Signing,
): Promise<Published> {
  const { unparseable = false } = deps;
  const before = await configuredNow(deps, publication);
  await assertApart(deps, before);
  const site = await surveySite(deps, targetOf(deps, before));
  const { current, record } = site.standing;
  const hold = record?.hold ?? null;
  const fresh = !force && current !== undefined && isFresh(site, current, deps.now());
  const options = { signer, thorough: force, onDifferent: 'unless-claimed' } as const;
  if (hold !== null && current !== undefined) {
    if (fresh) return await leaveAlone(deps, site, current, 'held');
    const content = await contentOf(deps, site, { generation: current, signer, hold });
    return resultOf(publication, 'published', await release(deps, site, { ...options, content }, job));
  }
  const gathered = await gather(deps.catalog, publication, deps.mirrors);
  for (const message of gathered.warnings) job.report({ type: 'warning', message });
  const architectures = [...new Set(gathered.architectures)].sort();
  const object = { ...(await configuredNow(deps, publication)), architectures };
  const settings = settingsOf(object, { signers: signer?.fingerprints ?? [], unparseable });
  if (fresh && current.inputId === inputIdOf(gathered.components, settings)) {
    await keepInLine(deps, object);
    return await leaveAlone(deps, site, current, 'unchanged');
  }
  const { components, also } = await sourced(deps, publication, gathered);
  const run = { object, components, extras: [] };
  const generation = await runPublication(deps, site, { run, options: { ...options, also } }, job);
  return resultOf(publication, 'published', generation);
}

/** The object of a publication as the configuration wants it. */
export async function configuredNow(
  { catalog }: Pick<PublishDeps, 'catalog'>,
  publication: PublicationConfig,
): Promise<PublicationObject> {
  const before = await catalog.objects.find('publication', placeOf(publication).path);
  return configuredObject(publication, before);
}

/** Saves what the configuration says now of a publication whose tree stays as it is. */
async function keepInLine({ catalog }: PublishDeps, object: PublicationObject): Promise<void> {
  const before = await catalog.objects.find('publication', object.name);
  if (before === undefined || isDeepStrictEqual(before, object)) return;
  await catalog.objects.change([{ save: 'publication', object }]);
}

/** The components with their snapshots, which are saved with the generation. */
async function sourced(
  deps: PublishDeps,
  publication: PublicationConfig,
  gathered: Gathered,
): Promise<{ readonly components: readonly SourcedComponent[]; readonly also: readonly Change[] }> {
  const origins = gathered.components.map(({ name, list }) => ({
    component: name,
    list,
    sources: gathered.sources,
  }));
  const { snapshots, made } = await planSnapshots(deps, publication, origins);
  const components = gathered.components.map((component, at) => {
    const snapshot = snapshots[at];
    invariant(snapshot !== undefined, 'each component has a snapshot');
    return { ...component, source: snapshot.uuid, sourceName: snapshot.name };
  });
  return { components, also: made.map((object) => ({ save: 'snapshot', object })) };
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
