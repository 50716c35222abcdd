import { randomUUID } from 'node:crypto';
import type {
  Catalog,
  GenerationRecord,
  GenerationSettings,
  ListId,
  PublicationPlace,
  PublicationRecord,
} from '../catalog/contract.ts';
import type { MirrorConfig, PublicationConfig } from '../config/config.ts';
import { sleep } from '../core/abort.ts';
import { EspejoError } from '../core/errors.ts';
import type { Job } from '../core/progress.ts';
import type { Signer } from '../openpgp/contract.ts';
import type { Pool } from '../pool/pool.ts';
import { gather } from './gather.ts';
import { dropExpired, reconcile } from './housekeeping.ts';
import { layoutOf, type PublicationLayout } from './layout.ts';
import { inputIdOf, type PlannedComponent, placeOf, placePackages, settingsOf } from './plan.ts';
import { claimsOn } from './pool-claims.ts';
import { linkPoolFiles } from './pool-links.ts';
import { renderTree } from './render.ts';
import { carriedGenerations, type RetentionPolicy } from './retention.ts';
import { flip, hasGeneration, type Signatures, writeGeneration } from './tree.ts';

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

export type PublishResult = {
  readonly publication: string;
  /** `held`: a rollback keeps it where it is. */
  readonly outcome: 'published' | 'unchanged' | 'held';
  readonly generation: string;
  readonly snapshots: readonly string[];
  readonly packages: number;
};

/** What a generation is made of; the date is the only thing that is added. */
type Content = {
  readonly settings: GenerationSettings;
  readonly components: readonly (PlannedComponent & { readonly list: ListId; readonly snapshot: string })[];
};

/**
 * Publishes what the mirrors of a publication hold now. Unchanged input touches nothing.
 * @throws E_MIRROR_EMPTY, E_PUBLISH_CONFLICT, E_POOL_MISSING, E_KEY_*, E_DISK_FULL, E_PERMISSION, E_IO
 */
export async function publish(deps: PublishDeps, request: PublishRequest, job: Job): Promise<PublishResult> {
  const { publication, signer } = request;
  const place = placeOf(publication);
  const layout = layoutOf(deps.publicDirectory, place);
  const record = await reconcile(deps, place, layout);
  const generations = await deps.catalog.generations(place.path);
  const current = generations.find(({ id }) => id === record?.current);
  if (record?.hold && current !== undefined && !request.force) return resultOf(publication, 'held', current);
  const gathered = await gather(deps.catalog, publication, request.mirrors);
  const settings = settingsOf(publication, gathered.architectures, signer?.fingerprints ?? []);
  const inputId = inputIdOf(gathered.components, settings);
  if (
    !request.force &&
    current?.inputId === inputId &&
    !needsRenewal(current, deps.now()) &&
    (await hasGeneration(layout, current.id))
  ) {
    await housekeep(deps, publication, layout);
    return resultOf(publication, 'unchanged', current);
  }
  const components = await Promise.all(
    gathered.components.map(async ({ name, list, records }) => ({
      name,
      list,
      packages: placePackages(name, records),
      snapshot: await recordSnapshot(deps, publication, { component: name, list, sources: gathered.sources }),
    })),
  );
  return await release(deps, { publication, place, layout, signer }, { settings, components }, job, null);
}

/**
 * Returns to the content of an earlier generation: published anew with a new Date, because apt ignores a Release that
 * is older than the one it holds. The publication then stays there until it is resumed.
 * @param to id of the generation; without it, the one before the current
 * @throws E_PUBLICATION_NOT_FOUND, E_GENERATION_NOT_FOUND and what {@link publish} throws
 */
export async function rollback(
  deps: PublishDeps,
  request: Omit<PublishRequest, 'force'> & { readonly to: string | undefined },
  job: Job,
): Promise<PublishResult> {
  const { publication, signer } = request;
  const place = placeOf(publication);
  const layout = layoutOf(deps.publicDirectory, place);
  const record = await reconcile(deps, place, layout);
  const generations = await deps.catalog.generations(place.path);
  const target = rollbackTarget(publication, record, generations, request.to);
  const components = await Promise.all(
    target.components.map(async ({ name, list, snapshot }) => ({
      name,
      list,
      snapshot,
      packages: placePackages(name, await deps.catalog.packages(list)),
    })),
  );
  const settings = { ...target.settings, signers: signer?.fingerprints ?? [] };
  const hold = { since: deps.now().getTime(), generation: target.id };
  return await release(deps, { publication, place, layout, signer }, { settings, components }, job, hold);
}

function rollbackTarget(
  publication: PublicationConfig,
  record: PublicationRecord | undefined,
  generations: readonly GenerationRecord[],
  to: string | undefined,
): GenerationRecord {
  const current = generations.find(({ id }) => id === record?.current);
  if (current === undefined) {
    throw new EspejoError(
      'E_PUBLICATION_NOT_FOUND',
      `publication ${publication.name}: was not published yet`,
      {
        hint: `run "espejo publish -publication=${publication.name}" first`,
      },
    );
  }
  const earlier = generations.filter((one) => one.inputId !== current.inputId);
  const target =
    to === undefined
      ? earlier.find((one) => one.date < current.date)
      : generations.find(({ id }) => id === to);
  if (target !== undefined) return target;
  const kept = earlier.map(({ id }) => id).join(', ');
  throw new EspejoError(
    'E_GENERATION_NOT_FOUND',
    `publication ${publication.name}: has no ${to === undefined ? 'earlier generation' : `generation ${to}`}`,
    { hint: kept === '' ? 'nothing else was published yet; see keep_generations' : `it has ${kept}` },
  );
}

type Destination = {
  readonly publication: PublicationConfig;
  readonly place: PublicationPlace;
  readonly layout: PublicationLayout;
  readonly signer: Signer | undefined;
};

/** Pool files, then the generation aside, then the flip, then the catalog, then deletions: see README.md. */
async function release(
  deps: PublishDeps,
  destination: Destination,
  { settings, components }: Content,
  job: Job,
  hold: PublicationRecord['hold'],
): Promise<PublishResult> {
  const { publication, place, layout, signer } = destination;
  const generations = await deps.catalog.generations(place.path);
  const date = nextDate(generations, deps.now());
  job.report({ type: 'phase', phase: 'render', subject: publication.name });
  const files = components.flatMap(({ packages }) => packages.flatMap((one) => one.files));
  const claims = (path: string): Promise<ReadonlySet<string>> => claimsOn(deps.catalog, place.prefix, path);
  await linkPoolFiles(files, { pool: deps.pool, prefix: layout.prefix, claims, signal: job.signal });
  const tree = await renderTree(place, settings, components, { date, signal: job.signal });
  job.report({ type: 'phase', phase: 'sign', subject: publication.name });
  const signatures = signer === undefined ? undefined : await sign(signer, tree.release, date);
  const generation: GenerationRecord = {
    id: generationId(date, inputIdOf(components, settings)),
    publication: place.path,
    inputId: inputIdOf(components, settings),
    date: date.getTime(),
    supersededAt: null,
    settings,
    components: components.map(({ name, list, snapshot }) => ({ name, list, snapshot })),
    packages: components.reduce((sum, { packages }) => sum + packages.length, 0),
  };
  const carried = carriedGenerations(generations, retentionOf(publication), date.getTime()).map(
    ({ id }) => id,
  );
  await writeGeneration(layout, {
    id: generation.id,
    date,
    tree,
    signatures,
    byHash: settings.acquireByHash,
    carried,
  });
  await deps.catalog.addGeneration(place, generation);
  await waitUntil(date, deps, job);
  job.report({ type: 'phase', phase: 'flip', subject: publication.name });
  await flip(layout, generation.id);
  await deps.catalog.makeCurrent(place.path, generation.id, date.getTime(), hold);
  await housekeep(deps, publication, layout);
  return resultOf(publication, 'published', generation);
}

/** Removes what no client can ask for any more. */
async function housekeep(
  deps: PublishDeps,
  publication: PublicationConfig,
  layout: PublicationLayout,
): Promise<void> {
  await dropExpired(deps, placeOf(publication), layout, retentionOf(publication));
}

async function sign(signer: Signer, content: Buffer, date: Date): Promise<Signatures> {
  const [inRelease, releaseGpg] = await Promise.all([
    signer.clearsign(content, date),
    signer.detachSign(content, date),
  ]);
  return { inRelease, releaseGpg };
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

/** A publication with Valid-Until is signed anew when half of its time has gone. */
function needsRenewal({ date, settings: { validForSeconds } }: GenerationRecord, now: Date): boolean {
  return validForSeconds !== null && now.getTime() > date + validForSeconds * 500;
}

/**
 * Whole seconds, and later than any generation before: apt tells versions of InRelease apart by Last-Modified, which
 * has no fractions, and ignores one whose Date went back.
 */
function nextDate(generations: readonly GenerationRecord[], now: Date): Date {
  const latest = Math.max(0, ...generations.map(({ date }) => date));
  return new Date(Math.max(Math.floor(now.getTime() / 1000) * 1000, latest + 1000));
}

/** A Release from the future is refused by apt 2.6 and later, so the flip waits for its Date. */
async function waitUntil(date: Date, { now }: PublishDeps, { signal }: Job): Promise<void> {
  const wait = date.getTime() - now().getTime();
  if (wait > maxClockStepMs) {
    throw new EspejoError(
      'E_RELEASE_FUTURE',
      `the last generation is dated ${new Date(date.getTime() - 1000).toISOString()}, in the future`,
      {
        hint: 'set the clock of this machine; clients would ignore what is published now',
      },
    );
  }
  if (wait > 0) await sleep(wait, signal);
}

const maxClockStepMs = 60_000;

function generationId(date: Date, inputId: string): string {
  return `${timeStamp(date)}-${inputId.slice(0, 12)}`;
}

/** `20261122T194000Z` */
function timeStamp(date: Date): string {
  return `${date.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}

function retentionOf({ keepGenerations, keepByHashSeconds }: PublicationConfig): RetentionPolicy {
  return { keepGenerations, keepByHashMs: keepByHashSeconds * 1000 };
}

function resultOf(
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
