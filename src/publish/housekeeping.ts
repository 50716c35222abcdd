import type { Catalog, GenerationRecord, PublicationPlace, PublicationRecord } from '../catalog/contract.ts';
import type { Endpoint, Endpoints } from '../endpoint/contract.ts';
import { pathsOf, pathsOnlyIn, usesBelow, usesOf } from './pool-claims.ts';
import { expiredGenerations, type RetentionPolicy } from './retention.ts';

type Deps = { readonly catalog: Catalog; readonly now: () => Date; readonly endpoints: Endpoints };

/** A publication and the endpoint where it is. */
export type Spot = { readonly place: PublicationPlace; readonly endpoint: Endpoint };

/** Where a publication stands: catalog and disk agree about all but `visible`. */
export type Standing = {
  /** Undefined when it was never published. */
  readonly record: PublicationRecord | undefined;
  /** Newest first; all were visible at some time. */
  readonly generations: readonly GenerationRecord[];
  readonly current: GenerationRecord | undefined;
  /** Id of the generation that clients see; one that the catalog does not know when the catalog was lost. */
  readonly visible: string | undefined;
  /** Whether the tree of `visible` is there, whole. */
  readonly isWhole: boolean;
  /** Clients see a directory that another program has made, for a publication that was imported from it. */
  readonly isForeign: boolean;
};

/**
 * Brings catalog and disk in line after a run that died: what clients see is current, and a generation that they
 * never saw is forgotten with all that was made for it.
 * @throws E_PUBLISH_CONFLICT when the place is taken by something that no import has told of
 */
export async function reconcile(deps: Deps, spot: Spot): Promise<Standing> {
  const { catalog, now } = deps;
  const { place, endpoint } = spot;
  const before = await catalog.publication(place.path);
  const mayBeForeign = await wasImported(catalog, place, before);
  const { visible: seen, generations: present } = await endpoint.survey(place, { mayBeForeign });
  const visible = seen.kind === 'generation' ? seen.id : undefined;
  const known = await catalog.generations(place.path);
  if (visible !== undefined && visible !== before?.current && known.some(({ id }) => id === visible)) {
    await catalog.makeCurrent(place.path, visible, now().getTime());
  }
  const record = await catalog.publication(place.path);
  const unseen = known.filter(
    ({ id, supersededAt }) => supersededAt === null && !wasSeen(id, [before, record]),
  );
  for (const generation of unseen)
    await endpoint.remove(place.prefix, await pathsOf(catalog, usesOf(place, generation)), 'unfinished');
  if (unseen.length > 0) await drop(deps, spot, unseen);
  const generations = await catalog.generations(place.path);
  return {
    record,
    generations,
    visible,
    isWhole: visible !== undefined && present.includes(visible),
    current: generations.find(({ id }) => id === record?.current),
    isForeign: seen.kind === 'foreign',
  };
}

/**
 * Removes generations past their time, with the package files that no other one needs.
 * @param policy.keepPool leave their package files, and remember them for the next clean-up
 */
export async function dropExpired(
  deps: Deps,
  spot: Spot,
  policy: RetentionPolicy & { readonly keepPool: boolean },
): Promise<void> {
  const { catalog, now } = deps;
  const { place, endpoint } = spot;
  const record = await catalog.publication(place.path);
  if (record === undefined || record.current === null) return;
  const generations = await catalog.generations(place.path);
  const expired = expiredGenerations(generations, record.current, policy, now().getTime());
  if (expired.length > 0 && !policy.keepPool) await drop(deps, spot, expired);
  const kept = generations.filter((generation) => !expired.includes(generation));
  await endpoint.retain(
    place,
    kept.map(({ id }) => id),
  );
}

/**
 * Remembers what another program has published as a generation that is superseded, so that a clean-up knows which files
 * of the published pool were made for it.
 */
export async function rememberForeign(
  { catalog, now }: Pick<Deps, 'catalog' | 'now'>,
  place: PublicationPlace,
  { object, settings }: Pick<GenerationRecord, 'object' | 'settings'>,
): Promise<void> {
  await catalog.addGeneration(place, {
    id: 'foreign',
    publication: place.path,
    inputId: '',
    date: 0,
    supersededAt: now().getTime(),
    hold: null,
    settings,
    components: Object.entries(object.lists).map(([name, list]) => ({
      name,
      list,
      source: object.sources[name] ?? '',
      sourceName: '',
    })),
    packages: 0,
    object,
  });
}

/** Whether the catalog knows a publication that was never published from here. */
async function wasImported(
  catalog: Catalog,
  { path }: PublicationPlace,
  record: PublicationRecord | undefined,
): Promise<boolean> {
  if ((record?.current ?? null) !== null) return false;
  return (await catalog.objects.find('publication', path)) !== undefined;
}

function wasSeen(id: string, records: readonly (PublicationRecord | undefined)[]): boolean {
  return records.some((record) => record?.current === id);
}

/** Pool files that no other generation names, then the records; the directories go with the next clean-up. */
async function drop(deps: Deps, { place, endpoint }: Spot, gone: readonly GenerationRecord[]): Promise<void> {
  const { catalog } = deps;
  const ids = gone.map(({ id }) => id);
  const uses = await usesBelow(deps, place);
  const kept = uses.filter(
    ({ publication, generation }) =>
      publication !== place.path || generation === undefined || !ids.includes(generation),
  );
  const goneUses = gone.flatMap((generation) => usesOf(place, generation));
  await endpoint.remove(place.prefix, await pathsOnlyIn(catalog, goneUses, kept), 'published');
  await catalog.dropGenerations(place.path, ids);
}
