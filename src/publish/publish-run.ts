import { join } from 'node:path';
import type {
  GenerationComponent,
  GenerationRecord,
  GenerationSettings,
  PackageRecord,
} from '../catalog/contract.ts';
import type { PublicationObject } from '../catalog/objects.ts';
import { EspejoError } from '../core/errors.ts';
import { printable } from '../core/redact.ts';
import { localFile } from '../core/stored-file.ts';
import { walkFiles } from '../core/walk-files.ts';
import { architectureProblem } from '../deb/names.ts';
import { assertSafePath } from '../deb/paths.ts';
import type { Signer } from '../openpgp/contract.ts';
import type { Job } from '../packages/events.ts';
import type { Ports } from '../packages/ports.ts';
import type { Extra } from './extra-files.ts';
import { rememberForeign } from './housekeeping.ts';
import { tellNotPublished, tellRefused } from './left-out.ts';
import { packagesApart } from './packages-apart.ts';
import { planComponent, poolOf } from './plan.ts';
import { claimsBelow } from './pool-claims.ts';
import type { OnDifferent } from './pool-links.ts';
import { publishDepsOf } from './publish-deps.ts';
import type { PublishedSource } from './publish-sources.ts';
import {
  type Content,
  cleanUp,
  type PublishDeps,
  type ReleaseOptions,
  release,
  type Site,
  surveySite,
} from './release.ts';
import { settingsOf } from './settings.ts';
import { targetOf } from './target.ts';

/** What is published: the object, and of each component its packages and where they come from. */
export type Run = {
  readonly object: PublicationObject;
  readonly components: readonly SourcedComponent[];
  readonly extras: readonly Extra[];
};

export type SourcedComponent = Omit<GenerationComponent, 'apart'> & {
  readonly records: readonly PackageRecord[];
};

/**
 * Publishes an object with its sources and saves it, all or nothing: what clients see is the old tree or the new one. One
 * way for all publications, whoever decides about them.
 * @throws E_PUBLISH_CONFLICT, E_POOL_MISSING, E_UNSAFE_PATH, E_TOOL_MISSING, E_KEY_*, E_DISK_FULL, ...
 */
export async function runPublication(
  deps: PublishDeps,
  site: Site,
  { run, options }: { readonly run: Run; readonly options: Omit<ReleaseOptions, 'content'> },
  job: Job,
): Promise<GenerationRecord> {
  const object = withSources(run);
  const { unparseable = false } = deps;
  const settings = settingsOf(object, { signers: options.signer?.fingerprints ?? [], unparseable });
  job.report({ type: 'publish', step: 'generating' });
  const components = await planned(deps, site, { run, settings, onDifferent: options.onDifferent });
  const name = object.managedBy === null ? site.name : `publication ${object.managedBy}`;
  tellRefused(components, { name, report: job.report });
  tellNotPublished(components, { name, report: job.report });
  const content: Content = { settings, components, extras: run.extras, object, hold: null };
  return await release(deps, site, { ...options, content }, job);
}

function withSources({ object, components }: Run): PublicationObject {
  return {
    ...object,
    sources: Object.fromEntries(components.map(({ name, source }) => [name, source])),
    lists: Object.fromEntries(components.map(({ name, list }) => [name, list])),
    revision: null,
  };
}

/** Where kept generations must not lose a file, packages of theirs with other bytes are placed apart. */
async function planned(
  deps: PublishDeps,
  site: Site,
  {
    run,
    settings,
    onDifferent,
  }: { readonly run: Run; readonly settings: GenerationSettings; readonly onDifferent: OnDifferent },
): Promise<Content['components']> {
  const claims = claimsBelow(deps, site.place);
  const components: Content['components'][number][] = [];
  for (const { records, ...component } of run.components) {
    const place = { name: component.name, pool: poolOf(site.place, settings, component.name) };
    const plan = planComponent(place, records, settings);
    const apart = onDifferent === 'unless-claimed' ? await packagesApart(deps, site, { plan, claims }) : [];
    const placed = apart.length === 0 ? plan : planComponent({ ...place, apart }, records, settings);
    components.push({ ...component, ...placed, apart });
  }
  return components;
}

/** How to publish, beside what the publication itself says. */
type PublishOptions = {
  /** Undefined when the publication is not signed. */
  readonly signer: Signer | undefined;
  readonly forceOverwrite: boolean;
};

/**
 * Publishes an object with snapshots or repositories. What it replaces is there until {@link cleanPublication}.
 * @param sources by component
 * @returns the object as it was saved
 * @throws E_NO_ARCHITECTURES; what {@link runPublication} throws
 */
export async function publishSources(
  ports: Ports,
  { object, sources }: { object: PublicationObject; sources: ReadonlyMap<string, PublishedSource> },
  { signer, forceOverwrite }: PublishOptions,
  job: Job,
): Promise<PublicationObject> {
  const deps = publishDepsOf(ports, job);
  for (const message of signer?.warnings ?? []) job.report({ type: 'warning', message });
  if (forceOverwrite) job.report({ type: 'publish', step: 'overwriting' });
  job.report({ type: 'loading' });
  const site = await surveySite(deps, targetOf(ports, object));
  const components: SourcedComponent[] = [];
  for (const [name, { object: source }] of sources) {
    const records = await ports.catalog.packages(source.list);
    components.push({ name, list: source.list, source: source.uuid, sourceName: source.name, records });
  }
  const records = components.flatMap((component) => component.records);
  const architectures =
    object.architectures.length > 0 ? object.architectures : architecturesOf(records, job);
  const skeleton = { components: sources.keys(), signal: job.signal };
  const extras = [...(await skeletonFiles(ports, object, skeleton)), ...appStreamFiles(ports, sources)];
  const run = { object: { ...object, architectures }, components, extras };
  if (site.standing.isForeign) await keepInMind(ports, site);
  const date = epochOf(ports);
  const options = {
    signer,
    thorough: false,
    onDifferent: forceOverwrite ? 'replace' : 'refuse',
    leavesOld: true,
    ...(date === undefined ? {} : { date }),
  } as const;
  return (await runPublication(deps, site, { run, options }, job)).object;
}

/** What another program has published, with its files in the published pool. */
async function keepInMind(ports: Ports, { place }: Site): Promise<void> {
  const object = await ports.catalog.objects.find('publication', place.path);
  if (object === undefined) return;
  const unparseable = ports.config.compatibility.unparseablePackages;
  const settings = settingsOf(object, { signers: [], unparseable });
  await rememberForeign(ports, place, { object, settings });
}

/**
 * Removes what a publication has replaced: directories of generations, and the files of the published pool that were made
 * for them and nothing needs any more. Files of others are left alone.
 * @param options.keepPool package files are left for the next clean-up
 * @throws E_PERMISSION, E_IO
 */
export async function cleanPublication(
  ports: Ports,
  object: PublicationObject,
  options: { readonly keepPool: boolean },
): Promise<void> {
  await cleanUp(ports, targetOf(ports, object), options);
}

/** What packages call their architecture becomes a directory only when it can be one. @throws E_NO_ARCHITECTURES */
function architecturesOf(
  records: readonly { readonly architecture: string }[],
  { report }: Job,
): readonly string[] {
  const architectures = new Set(records.map(({ architecture }) => architecture));
  architectures.delete('all');
  for (const architecture of architectures) {
    const problem = architectureProblem(architecture);
    if (problem === undefined) continue;
    architectures.delete(architecture);
    const message = printable(`packages of the architecture "${architecture}" are left out: ${problem}`);
    const count = records.filter((record) => record.architecture === architecture).length;
    report({ type: 'warning', message, count, leftOut: 'architecture' });
  }
  if (architectures.size > 0) return [...architectures].sort();
  throw new EspejoError(
    'E_NO_ARCHITECTURES',
    'unable to figure out list of architectures, please supply explicit list',
  );
}

/** Regular files below `<rootDir>/skel/<prefix>/dists/<distribution>/<component>`. */
async function skeletonFiles(
  { config }: Ports,
  { prefix, distribution }: PublicationObject,
  { components, signal }: { readonly components: Iterable<string>; readonly signal: AbortSignal },
): Promise<readonly Extra[]> {
  const root = join(config.rootDir, 'skel', prefix, 'dists', distribution);
  const extras: Extra[] = [];
  for (const component of components) {
    const files = await Array.fromAsync(walkFiles(join(root, component), signal), ({ path }) => path);
    for (const file of files.sort()) {
      const path = join(component, file);
      assertSafePath(path, 'skeleton');
      extras.push({ path, source: localFile(join(root, path), { isImmutable: false }) });
    }
  }
  return extras;
}

/** Those of source snapshots that belong to the component as it is published. */
function appStreamFiles({ pool }: Ports, sources: ReadonlyMap<string, PublishedSource>): readonly Extra[] {
  return Array.from(sources).flatMap(([component, source]) => {
    if (source.kind !== 'snapshot') return [];
    return Object.entries(source.object.appStreamFiles)
      .filter(([path]) => path.startsWith(`${component}/`))
      .map(([path, poolPath]) => {
        assertSafePath(path, `snapshot ${source.object.name}`);
        return { path, source: pool.stored(poolPath) };
      });
  });
}

/** The date that `SOURCE_DATE_EPOCH` gives, when it is an integer. */
function epochOf({ env }: Ports): Date | undefined {
  const text = env['SOURCE_DATE_EPOCH'] ?? '';
  return /^[+-]?\d{1,12}$/.test(text) ? new Date(Number(text) * 1000) : undefined;
}
