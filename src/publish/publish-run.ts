import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { GenerationSettings, IndexForm, PublicationPlace } from '../catalog/contract.ts';
import { publicationPath } from '../catalog/labels.ts';
import type { PublicationObject } from '../catalog/objects.ts';
import type { PackageRecord } from '../catalog/packages.ts';
import { EspejoError, systemCode } from '../core/errors.ts';
import { fileError } from '../core/files.ts';
import { printable } from '../core/redact.ts';
import { localFile } from '../core/stored-file.ts';
import { architectureProblem } from '../deb/names.ts';
import { assertSafePath } from '../deb/paths.ts';
import type { Signer } from '../openpgp/contract.ts';
import type { Job } from '../packages/events.ts';
import type { Ports } from '../packages/ports.ts';
import type { Extra } from './extra-files.ts';
import { rememberForeign } from './housekeeping.ts';
import { tellNotPublished, tellRefused } from './left-out.ts';
import { defaultDescription, defaultTitle, planComponent, poolOf } from './plan.ts';
import { siteOf } from './pool-claims.ts';
import { publishDepsOf } from './publish-deps.ts';
import type { PublishedSource } from './publish-sources.ts';
import { type Content, cleanUp, release, surveySite, type Target } from './release.ts';
import type { RetentionPolicy } from './retention.ts';

/** How to publish, beside what the publication itself says. */
export type PublishOptions = {
  /** Undefined when the publication is not signed. */
  readonly signer: Signer | undefined;
  readonly forceOverwrite: boolean;
};

/** Where an aptly-made publication is. @throws E_CONFIG_INVALID for a storage that is not configured */
export function targetOfObject(ports: Ports, object: PublicationObject): Target {
  const { storage, prefix, distribution } = object;
  const path = publicationPath(object);
  const place: PublicationPlace = { path, storage, prefix, distribution };
  return { name: path, place, endpoint: ports.endpoints.of(storage), retention: retentionOf(ports) };
}

/** Only what clients see now is kept, as in aptly, and for the time that the configuration gives what they have seen. */
function retentionOf({ config }: Ports): RetentionPolicy {
  return { keepGenerations: 1, keepByHashMs: config.keepRemovedFilesSeconds * 1000 };
}

/**
 * Refuses a distribution inside the tree of another one, or around it: each is switched as a whole. So is one that another
 * publication has under another name of the same directory.
 * @throws E_PUBLISH_CONFLICT
 */
export async function assertApart(ports: Ports, object: PublicationObject): Promise<void> {
  for (const other of await neighboursOf(ports, object)) {
    const [a, b] = [`${other.distribution}/`, `${object.distribution}/`];
    if (!(a.startsWith(b) || b.startsWith(a))) continue;
    if (a === b) {
      throw new EspejoError(
        'E_PUBLISH_CONFLICT',
        `${object.name} is the same directory as ${other.name}, which is published there too`,
        { hint: 'drop one of them: files that are there stay with the other' },
      );
    }
    throw new EspejoError(
      'E_PUBLISH_CONFLICT',
      `distribution ${object.distribution} cannot be published beside ${other.distribution}: one is inside the other`,
      { hint: 'publish one of them under another prefix' },
    );
  }
}

/** The other publications of the same real directory, whatever they call it. */
export async function neighboursOf(
  ports: Ports,
  object: PublicationObject,
): Promise<readonly PublicationObject[]> {
  const site = siteOf(ports.endpoints, object);
  const all = await ports.catalog.objects.all('publication');
  return all.filter((one) => one.uuid !== object.uuid && siteOf(ports.endpoints, one) === site);
}

/**
 * Publishes an object with its sources and saves it, all or nothing: what clients see is the old tree or the new one.
 * What it replaces is there until {@link cleanPublication}.
 * @param sources by component
 * @returns the object as it was saved
 * @throws E_NO_ARCHITECTURES, E_PUBLISH_CONFLICT, E_POOL_MISSING, E_UNSAFE_PATH, E_TOOL_MISSING, E_KEY_*, E_DISK_FULL, ...
 */
export async function runPublication(
  ports: Ports,
  { object, sources }: { object: PublicationObject; sources: ReadonlyMap<string, PublishedSource> },
  { signer, forceOverwrite }: PublishOptions,
  job: Job,
): Promise<PublicationObject> {
  const deps = publishDepsOf(ports, job);
  for (const message of signer?.warnings ?? []) job.report({ type: 'warning', message });
  if (forceOverwrite) job.report({ type: 'publish', step: 'overwriting' });
  job.report({ type: 'loading' });
  const site = await surveySite(deps, targetOfObject(ports, object));
  const records = new Map<string, readonly PackageRecord[]>();
  for (const [component, source] of sources) records.set(component, await recordsOf(ports, source));
  const architectures =
    object.architectures.length > 0
      ? object.architectures
      : architecturesOf(Array.from(records.values()).flat(), job);
  const saved: PublicationObject = {
    ...object,
    architectures,
    sources: mapped(sources, ({ object: { uuid } }) => uuid),
    lists: mapped(sources, ({ object: { list } }) => list),
    revision: null,
  };
  const settings = settingsOfObject(ports, saved, signer);
  job.report({ type: 'publish', step: 'generating' });
  const components: Content['components'][number][] = [];
  for (const [name, { object: source }] of sources) {
    const pool = poolOf(object, settings, name);
    const plan = planComponent({ name, pool }, records.get(name) ?? [], settings);
    components.push({ ...plan, list: source.list, source: source.uuid, sourceName: source.name });
  }
  const telling = { name: publicationPath(object), report: job.report };
  tellRefused(components, telling);
  tellNotPublished(components, telling);
  const extras = [...(await skeletonFiles(ports, saved, sources.keys())), ...appStreamFiles(ports, sources)];
  const date = epochOf(ports);
  const content: Content = { settings, components, extras, object: saved, hold: null };
  const onDifferent = forceOverwrite ? 'replace' : 'refuse';
  const options = { content, signer, thorough: false, onDifferent, leavesOld: true } as const;
  const published = site.standing.isForeign
    ? await ports.catalog.objects.find('publication', object.name)
    : undefined;
  if (published !== undefined)
    await rememberForeign(deps, site.place, {
      object: published,
      settings: settingsOfObject(ports, published, undefined),
    });
  await release(deps, site, date === undefined ? options : { ...options, date }, job);
  return saved;
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
  await cleanUp(ports, targetOfObject(ports, object), options);
}

/** Everything but the packages that decides the published tree (spec/semantics.md 7.4). */
function settingsOfObject(
  { config }: Pick<Ports, 'config'>,
  object: PublicationObject,
  signer: Signer | undefined,
): GenerationSettings {
  const title = defaultTitle(object);
  const { origin, label, suite, codename, version, notAutomatic, butAutomaticUpgrades, signedBy } = object;
  const forms: readonly IndexForm[] = object.skipBz2 ? ['gz'] : ['gz', 'bz2'];
  return {
    architectures: object.architectures,
    origin: origin || title,
    label: label || title,
    suite: suite || object.distribution,
    codename: codename || object.distribution,
    version: version || null,
    description: defaultDescription,
    notAutomatic: notAutomatic || null,
    butAutomaticUpgrades: butAutomaticUpgrades || null,
    acquireByHash: object.acquireByHash,
    validForSeconds: null,
    signedBy: signedBy || null,
    signers: signer?.fingerprints ?? [],
    forms,
    contents: !object.skipContents,
    multiDist: object.multiDist,
    ...(config.compatibility.unparseablePackages ? { unparseable: true } : {}),
  };
}

async function recordsOf(
  ports: Ports,
  { object: { list } }: PublishedSource,
): Promise<readonly PackageRecord[]> {
  return await ports.catalog.packages(list);
}

/** What packages call their architecture becomes a directory only when it can be one. @throws E_NO_ARCHITECTURES */
function architecturesOf(
  records: readonly { readonly architecture: string }[],
  { report }: Job,
): readonly string[] {
  const found = new Set(records.map(({ architecture }) => architecture));
  found.delete('all');
  for (const architecture of found) {
    const problem = architectureProblem(architecture);
    if (problem === undefined) continue;
    found.delete(architecture);
    const message = printable(`packages of the architecture "${architecture}" are left out: ${problem}`);
    const count = records.filter((one) => one.architecture === architecture).length;
    report({ type: 'warning', message, count, leftOut: 'architecture' });
  }
  if (found.size > 0) return [...found].sort();
  throw new EspejoError(
    'E_NO_ARCHITECTURES',
    'unable to figure out list of architectures, please supply explicit list',
  );
}

/** Regular files below `<rootDir>/skel/<prefix>/dists/<distribution>/<component>`. */
async function skeletonFiles(
  { config }: Ports,
  { prefix, distribution }: PublicationObject,
  components: Iterable<string>,
): Promise<readonly Extra[]> {
  const root = join(config.rootDir, 'skel', prefix, 'dists', distribution);
  const extras: Extra[] = [];
  for (const component of components) {
    for (const source of await filesBelow(join(root, component))) {
      const path = relative(root, source);
      assertSafePath(path, 'skeleton');
      extras.push({ path, source: localFile(source, { isImmutable: false }) });
    }
  }
  return extras;
}

async function filesBelow(directory: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    return entries
      .filter((one) => one.isFile())
      .map((one) => join(one.parentPath, one.name))
      .sort();
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return [];
    throw fileError(cause, `cannot read ${directory}`);
  }
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

function mapped<Value>(
  sources: ReadonlyMap<string, PublishedSource>,
  pick: (source: PublishedSource) => Value,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(Array.from(sources, ([component, source]) => [component, pick(source)]));
}
