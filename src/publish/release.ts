import type {
  Catalog,
  GenerationComponent,
  GenerationRecord,
  GenerationSettings,
  Hold,
} from '../catalog/contract.ts';
import type { Change, PublicationObject } from '../catalog/objects.ts';
import { sleep } from '../core/abort.ts';
import { bothAtOnce } from '../core/concurrency.ts';
import type { FileFacts } from '../core/digest.ts';
import { EspejoError } from '../core/errors.ts';
import { type ReleaseFields, renderRelease } from '../deb/release.ts';
import type { Draft } from '../endpoint/contract.ts';
import type { Signer } from '../openpgp/contract.ts';
import type { Job } from '../packages/events.ts';
import type { Pool } from '../pool/pool.ts';
import type { ReadContents } from './contents-files.ts';
import type { Extra } from './extra-files.ts';
import { dropExpired, reconcile, type Standing } from './housekeeping.ts';
import { type KnownIndexes, knownIndexes, withIndexes } from './known-indexes.ts';
import { retireSnapshots } from './managed-snapshots.ts';
import { inputIdOf, type PlannedComponent, planComponent, poolOf } from './plan.ts';
import { claimsBelow } from './pool-claims.ts';
import { linkPoolFiles, type OnDifferent } from './pool-links.ts';
import { releaseFields } from './release-fields.ts';
import { type RenderInput, type RenderTools, renderFiles } from './render.ts';
import { withinReach } from './retention.ts';
import type { Target, TargetPorts } from './target.ts';

export type PublishDeps = TargetPorts & {
  readonly catalog: Catalog;
  readonly pool: Pool;
  readonly readContents: ReadContents;
  /** Packages that apt refuses are published all the same; default false. */
  readonly unparseable?: boolean;
  readonly now: () => Date;
};

/** A publication about to be changed: where it is and how it stands. */
export type Site = Target & { readonly standing: Standing };

/** What a generation is made of; the date is the only thing that is added. */
export type Content = {
  readonly settings: GenerationSettings;
  readonly components: readonly (PlannedComponent & GenerationComponent)[];
  readonly extras: readonly Extra[];
  readonly object: PublicationObject;
  readonly hold: Hold | null;
};

export type ReleaseOptions = {
  readonly content: Content;
  /** Undefined when the publication is not signed. */
  readonly signer: Signer | undefined;
  /** Hash copies that look untouched too. */
  readonly thorough: boolean;
  readonly onDifferent: OnDifferent;
  /** The Date of the Release, whatever the clock says. */
  readonly date?: Date;
  /** What it replaces is left for a {@link cleanUp} of its own. */
  readonly leavesOld?: boolean;
  /** What is saved with the record of the generation. */
  readonly also?: readonly Change[];
};

/** Finds out how a publication stands, and mends what a run that died has left. */
export async function surveySite(deps: PublishDeps, target: Target): Promise<Site> {
  return { ...target, standing: await reconcile(deps, target) };
}

/** The content of a generation, to be released again. */
export async function contentOf(
  { catalog }: PublishDeps,
  { place }: Site,
  {
    generation,
    signer,
    hold,
  }: { generation: GenerationRecord; signer: Signer | undefined; hold: Hold | null },
): Promise<Content> {
  const settings = { ...generation.settings, signers: signer?.fingerprints ?? [] };
  const components: Content['components'][number][] = [];
  for (const component of generation.components) {
    const records = await catalog.packages(component.list);
    const pool = poolOf(place, settings, component.name);
    const plan = planComponent({ ...component, pool }, records, settings);
    components.push({ ...component, ...plan });
  }
  return { settings, components, extras: [], object: generation.object, hold };
}

/**
 * Makes content what clients see: intent, pool files, the generation aside, the flip, the catalog, deletions. The
 * record comes first, so that a later run knows what one that died has made; what fails is undone at once.
 */
export async function release(
  deps: PublishDeps,
  site: Site,
  options: ReleaseOptions,
  job: Job,
): Promise<GenerationRecord> {
  const { date } = options;
  let generation = generationOf(
    site,
    signedContent(options),
    date ?? nextDate(site.standing.generations, deps.now()),
  );
  await deps.catalog.addGeneration(site.place, generation, options.also);
  try {
    generation = await bring(generation, deps, { site, options, job });
  } catch (error) {
    // What is wrong with the undoing is told by the next run, which tries it again.
    await undo(deps, site).catch(() => undefined);
    throw error;
  }
  if (options.leavesOld !== true) await cleanUp(deps, site);
  return generation;
}

/** The record of a publication says who signed it, so that clients can be told. */
function signedContent({ content, signer }: ReleaseOptions): Content {
  const { signingKeys: _, ...object } = content.object;
  if (signer === undefined) return { ...content, object: { ...object, signingKeys: '' } };
  const { armored, binary } = signer.publicKey;
  // gpg 1 may have a secret key without its public part.
  return { ...content, object: binary.length === 0 ? object : { ...object, signingKeys: armored } };
}

type Bringing = { readonly site: Site; readonly options: ReleaseOptions; readonly job: Job };

async function bring(
  generation: GenerationRecord,
  deps: PublishDeps,
  { site, options, job }: Bringing,
): Promise<GenerationRecord> {
  const { place, endpoint, standing } = site;
  const date = new Date(generation.date);
  job.report({ type: 'phase', phase: 'render', subject: site.name });
  let written = generation;
  await bothAtOnce(
    job.signal,
    async (signal) => await link(deps, site, options, signal),
    async (signal, linked) => {
      written = await write(generation, deps, { site, options, job: { ...job, signal }, linked });
    },
  );
  await deps.catalog.addGeneration(place, written);
  if (options.date === undefined) await sleepUntil(date, deps, job);
  job.report({ type: 'phase', phase: 'flip', subject: site.name });
  await endpoint.commit(place, generation.id, { takesOver: standing.isForeign });
  await deps.catalog.makeCurrent(place.path, generation.id, deps.now().getTime());
  return written;
}

type Writing = Bringing & { readonly linked: Promise<void> };

/**
 * Writes a generation aside while its pool files are linked, since compressing its indexes takes another core; it is not
 * sealed before they are.
 * @returns the record with what is known of its indexes
 */
async function write(
  generation: GenerationRecord,
  deps: PublishDeps,
  writing: Writing,
): Promise<GenerationRecord> {
  const { site, options, job, linked } = writing;
  const date = new Date(generation.date);
  const draft = await site.endpoint.begin(site.place, { id: generation.id, date, signal: job.signal });
  try {
    const fields = releaseFields(generation.settings, options.content.components, date);
    const { listed, indexes } = await writeFiles(draft, deps, { ...writing, fields });
    for (const from of carriedGenerations(site, date)) await draft.carry(from);
    await linked;
    job.report({ type: 'publish', step: 'finalizing' });
    job.report({ type: 'phase', phase: 'sign', subject: site.name });
    await draft.seal(await signed(renderRelease(fields, listed), options.signer, date));
    return withIndexes(generation, indexes);
  } catch (error) {
    await draft.discard();
    throw error;
  }
}

type Written = {
  readonly listed: ReadonlyMap<string, FileFacts>;
  readonly indexes: ReadonlyMap<string, KnownIndexes>;
};

/** @returns what Release is to list, and the indexes of each component */
async function writeFiles(
  draft: Draft,
  deps: PublishDeps,
  { site, options, job, linked, fields }: Writing & { readonly fields: ReleaseFields },
): Promise<Written> {
  const { content, signer } = options;
  const { settings, components, extras } = content;
  const input: RenderInput = { place: site.place, settings, fields, components, extras };
  const listed = new Map<string, FileFacts>();
  const indexes = new Map<string, Map<string, FileFacts>>(components.map(({ name }) => [name, new Map()]));
  const files = renderFiles(input, {
    signal: job.signal,
    readContents: async (record) => {
      await linked;
      return await deps.readContents(record);
    },
    pooled: (path) => deps.pool.stored(path),
    detachSign: signer === undefined ? undefined : (bytes) => signer.detachSign(bytes, fields.date),
    reuse: reuseFrom(site, options, draft),
  });
  for await (const { path, content: bytes, facts, listed: isListed, byHash, component } of files) {
    if (listed.has(path)) throw twice(path);
    if (isListed) listed.set(path, facts);
    if (component !== undefined) indexes.get(component)?.set(path, facts);
    if (bytes === undefined) continue;
    await draft.write({ path, content: bytes, facts, byHash: byHash && settings.acquireByHash });
  }
  return { listed, indexes };
}

/** Indexes of what clients see now are taken as they are; not where everything is to be looked at. */
function reuseFrom(
  { standing }: Site,
  { content, thorough }: ReleaseOptions,
  draft: Draft,
): RenderTools['reuse'] {
  const { current, visible, isWhole } = standing;
  const from = !thorough && isWhole && current?.id === visible ? current : undefined;
  const known = from === undefined ? new Map<string, FileFacts>() : knownIndexes(from, content);
  return async (path) => {
    const facts = known.get(path);
    if (from === undefined || facts === undefined) return undefined;
    const file = { path, facts, byHash: content.settings.acquireByHash };
    return (await draft.reuse(file, from.id)) ? facts : undefined;
  };
}

function twice(path: string): EspejoError {
  return new EspejoError('E_PUBLISH_CONFLICT', `two files of the publication would be ${path}`, {
    stage: 'link',
    hint: 'remove the one in the directory skel',
  });
}

/** Forgets what was begun, with the snapshots made for it; nothing stays of a publication that never was. */
async function undo(deps: PublishDeps, { place, endpoint }: Site): Promise<void> {
  const { record } = await reconcile(deps, { place, endpoint });
  await retireSnapshots(deps.catalog);
  if (record === undefined || record.current !== null) return;
  await endpoint.retain(place, []);
  const object = await deps.catalog.objects.find('publication', place.path);
  if (object === undefined) await deps.catalog.dropPublication(place.path);
}

/**
 * Removes what no client can ask for any more: only what was made for generations that are gone.
 * @param options.keepPool package files are left for the next clean-up
 */
export async function cleanUp(
  deps: Pick<PublishDeps, 'catalog' | 'now' | 'endpoints'>,
  { place, endpoint, retention }: Target,
  { keepPool }: { readonly keepPool: boolean } = { keepPool: false },
): Promise<void> {
  await dropExpired(deps, { place, endpoint }, { ...retention, keepPool });
  await retireSnapshots(deps.catalog);
}

/** `20261122T194000Z` */
export function timeStamp(date: Date): string {
  return `${date.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}

async function link(
  deps: PublishDeps,
  { place, endpoint }: Site,
  { content, thorough, onDifferent }: ReleaseOptions,
  signal: AbortSignal,
): Promise<void> {
  const files = content.components.flatMap(({ packages }) => packages.flatMap((one) => one.files));
  const { pool } = deps;
  const claims = claimsBelow(deps, place);
  const { prefix } = place;
  await linkPoolFiles({ endpoint, prefix }, files, { pool, onDifferent, claims, thorough, signal });
}

function generationOf({ place, standing }: Site, content: Content, date: Date): GenerationRecord {
  const { settings, components, hold, object } = content;
  const inputId = inputIdOf(components, settings);
  return {
    id: freeId(standing, `${timeStamp(date)}-${inputId.slice(0, 12)}`),
    publication: place.path,
    inputId,
    date: date.getTime(),
    supersededAt: null,
    hold,
    settings,
    components: components.map(({ name, list, source, sourceName, apart = [] }) => ({
      name,
      list,
      source,
      sourceName,
      ...(apart.length === 0 ? {} : { apart }),
    })),
    packages: components.reduce(
      (sum, { packages, installers }) => sum + packages.length + installers.length,
      0,
    ),
    object,
  };
}

/** With a date that is given from outside, the same content may come again. */
function freeId({ generations }: Standing, id: string): string {
  let candidate = id;
  for (let number = 2; generations.some((one) => one.id === candidate); number += 1)
    candidate = `${id}-${number}`;
  return candidate;
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

/** Release with its signatures, InRelease last. */
async function signed(
  release: Buffer,
  signer: Signer | undefined,
  date: Date,
): Promise<readonly (readonly [string, Buffer])[]> {
  if (signer === undefined) return [['Release', release]];
  const releaseGpg = await signer.detachSign(release, date);
  const inRelease = await signer.clearsign(release, date);
  return [
    ['Release', release],
    ['Release.gpg', releaseGpg],
    ['InRelease', inRelease],
  ];
}

/** Clients may hold the Release of any of these; one that the catalog has lost is what they see right now. */
function carriedGenerations(
  { standing: { generations, visible, isForeign }, retention }: Site,
  date: Date,
): readonly Parameters<Draft['carry']>[0][] {
  const reachable = withinReach(generations, retention, date.getTime()).map(({ id }) => id);
  const ids = visible === undefined || reachable.includes(visible) ? reachable : [...reachable, visible];
  const carried = ids.map((generation) => ({ generation }));
  return isForeign ? [...carried, 'foreign'] : carried;
}
