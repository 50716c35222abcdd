import type {
  Catalog,
  GenerationRecord,
  GenerationSettings,
  Hold,
  ListId,
  PublicationPlace,
} from '../catalog/contract.ts';
import type { MirrorConfig, PublicationConfig } from '../config/config.ts';
import { sleep } from '../core/abort.ts';
import { EspejoError } from '../core/errors.ts';
import type { Job } from '../core/progress.ts';
import type { Signer } from '../openpgp/contract.ts';
import type { Pool } from '../pool/pool.ts';
import { dropExpired, reconcile, type Standing } from './housekeeping.ts';
import { layoutOf, type PublicationLayout } from './layout.ts';
import { inputIdOf, type PlannedComponent, placeOf, placePackages } from './plan.ts';
import { claimsBelow } from './pool-claims.ts';
import { linkPoolFiles } from './pool-links.ts';
import { renderTree } from './render.ts';
import { carriedGenerations, type RetentionPolicy } from './retention.ts';
import { flip, type Signatures, writeGeneration } from './tree.ts';

export type PublishDeps = {
  readonly catalog: Catalog;
  readonly pool: Pool;
  /** Absolute path of the published root. */
  readonly publicDirectory: string;
  readonly now: () => Date;
};

export type PublishRequest = {
  readonly publication: PublicationConfig;
  readonly mirrors: readonly MirrorConfig[];
  /** Undefined when the publication is not signed. */
  readonly signer: Signer | undefined;
  /** Render and flip although nothing has changed. */
  readonly force: boolean;
};

/** A publication about to be changed: where it is and how it stands. */
export type Site = {
  readonly publication: PublicationConfig;
  readonly place: PublicationPlace;
  readonly layout: PublicationLayout;
  readonly standing: Standing;
};

/** What a generation is made of; the date is the only thing that is added. */
export type Content = {
  readonly settings: GenerationSettings;
  readonly components: readonly (PlannedComponent & { readonly list: ListId; readonly snapshot: string })[];
  readonly hold: Hold | null;
};

/** Finds out how a publication stands, and mends what a run that died has left. */
export async function surveySite(deps: PublishDeps, publication: PublicationConfig): Promise<Site> {
  const place = placeOf(publication);
  const layout = layoutOf(deps.publicDirectory, place);
  return { publication, place, layout, standing: await reconcile(deps, place, layout) };
}

/** The content of a generation, to be released again. */
export async function contentOf(
  { catalog }: PublishDeps,
  { settings, components }: GenerationRecord,
  { signer, hold }: { readonly signer: Signer | undefined; readonly hold: Hold | null },
): Promise<Content> {
  const planned = components.map(async ({ name, list, snapshot }) => ({
    name,
    list,
    snapshot,
    packages: placePackages(name, await catalog.packages(list)),
  }));
  const signers = signer?.fingerprints ?? [];
  return { settings: { ...settings, signers }, components: await Promise.all(planned), hold };
}

/**
 * Makes content what clients see: intent, pool files, the generation aside, the flip, the catalog, deletions. The
 * record comes first, so that a later run knows what one that died has made.
 */
export async function release(
  deps: PublishDeps,
  site: Site,
  { content, signer, force }: { content: Content; signer: Signer | undefined; force: boolean },
  job: Job,
): Promise<GenerationRecord> {
  const { publication, place, layout, standing } = site;
  const { components, settings } = content;
  const generation = generationOf(site, content, deps.now());
  const date = new Date(generation.date);
  await deps.catalog.addGeneration(place, generation);
  job.report({ type: 'phase', phase: 'render', subject: publication.name });
  await linkPoolFiles(
    components.flatMap(({ packages }) => packages.flatMap(({ files }) => files)),
    {
      pool: deps.pool,
      prefix: layout.prefix,
      claims: claimsBelow(deps.catalog, place.prefix),
      thorough: force,
      signal: job.signal,
    },
  );
  const tree = await renderTree(place, settings, components, { date, signal: job.signal });
  job.report({ type: 'phase', phase: 'sign', subject: publication.name });
  const signatures = signer === undefined ? undefined : await sign(signer, tree.release, date);
  await writeGeneration(layout, {
    id: generation.id,
    date,
    tree,
    signatures,
    byHash: settings.acquireByHash,
    carried: carriedIds(standing, retentionOf(publication), date),
  });
  await sleepUntil(date, deps, job);
  job.report({ type: 'phase', phase: 'flip', subject: publication.name });
  await flip(layout, generation.id);
  await deps.catalog.makeCurrent(place.path, generation.id, date.getTime());
  await cleanUp(deps, site);
  return generation;
}

/** Removes what no client can ask for any more. */
export async function cleanUp(deps: PublishDeps, { publication, place, layout }: Site): Promise<void> {
  await dropExpired(deps, place, layout, retentionOf(publication));
}

/** `20261122T194000Z` */
export function timeStamp(date: Date): string {
  return `${date.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}

function generationOf({ place, standing }: Site, content: Content, now: Date): GenerationRecord {
  const { settings, components, hold } = content;
  const inputId = inputIdOf(components, settings);
  const date = nextDate(standing.generations, now);
  return {
    id: `${timeStamp(date)}-${inputId.slice(0, 12)}`,
    publication: place.path,
    inputId,
    date: date.getTime(),
    supersededAt: null,
    hold,
    settings,
    components: components.map(({ name, list, snapshot }) => ({ name, list, snapshot })),
    packages: components.reduce((sum, { packages }) => sum + packages.length, 0),
  };
}

/**
 * Whole seconds, and later than any generation before: apt tells versions of InRelease apart by Last-Modified, which
 * has no fractions, and ignores one whose Date went back.
 * @throws E_RELEASE_FUTURE when that would be later than the flip can wait for
 */
function nextDate(generations: readonly GenerationRecord[], now: Date): Date {
  const latest = Math.max(0, ...generations.map(({ date }) => date));
  const date = Math.max(Math.floor(now.getTime() / 1000) * 1000, latest + 1000);
  if (date - now.getTime() <= maxClockStepMs) return new Date(date);
  throw new EspejoError(
    'E_RELEASE_FUTURE',
    `the last generation is dated ${new Date(latest).toISOString()}, in the future`,
    { hint: 'set the clock of this machine; clients would ignore what is published now' },
  );
}

const maxClockStepMs = 60_000;

/** A Release from the future is refused by apt 2.6 and later, so the flip waits for its Date. */
async function sleepUntil(date: Date, { now }: PublishDeps, { signal }: Job): Promise<void> {
  const wait = date.getTime() - now().getTime();
  if (wait > 0) await sleep(wait, signal);
}

async function sign(signer: Signer, content: Buffer, date: Date): Promise<Signatures> {
  const [inRelease, releaseGpg] = await Promise.all([
    signer.clearsign(content, date),
    signer.detachSign(content, date),
  ]);
  return { inRelease, releaseGpg };
}

/** Clients may hold the Release of any of these; one that the catalog has lost is what they see right now. */
function carriedIds(
  { generations, visible }: Standing,
  policy: RetentionPolicy,
  date: Date,
): readonly string[] {
  const carried = carriedGenerations(generations, policy, date.getTime()).map(({ id }) => id);
  return visible === undefined || carried.includes(visible) ? carried : [...carried, visible];
}

function retentionOf({ keepGenerations, keepByHashSeconds }: PublicationConfig): RetentionPolicy {
  return { keepGenerations, keepByHashMs: keepByHashSeconds * 1000 };
}
