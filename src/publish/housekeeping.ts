import type { Catalog, GenerationRecord, PublicationPlace, PublicationRecord } from '../catalog/contract.ts';
import type { PublicationLayout } from './layout.ts';
import { generationsBelow, pathsOf, pathsOnlyIn } from './pool-claims.ts';
import { removePublished, removeTemporaries } from './pool-links.ts';
import { expiredGenerations, type RetentionPolicy } from './retention.ts';
import { currentGeneration, removeGenerations, removeStrayLink } from './tree.ts';

type Deps = { readonly catalog: Catalog; readonly now: () => Date };

/** Where a publication stands: catalog and disk agree about all but `visible`. */
export type Standing = {
  /** Undefined when it was never published. */
  readonly record: PublicationRecord | undefined;
  /** Newest first; all were visible at some time. */
  readonly generations: readonly GenerationRecord[];
  readonly current: GenerationRecord | undefined;
  /** Id of the generation that clients see; one that the catalog does not know when the catalog was lost. */
  readonly visible: string | undefined;
};

/**
 * Brings catalog and disk in line after a run that died: what clients see is current, and a generation that they
 * never saw is forgotten with all that was made for it.
 */
export async function reconcile(
  { catalog, now }: Deps,
  place: PublicationPlace,
  layout: PublicationLayout,
): Promise<Standing> {
  const visible = await currentGeneration(layout);
  await removeStrayLink(layout);
  const before = await catalog.publication(place.path);
  const known = await catalog.generations(place.path);
  if (visible !== undefined && visible !== before?.current && known.some(({ id }) => id === visible)) {
    await catalog.makeCurrent(place.path, visible, now().getTime());
  }
  const record = await catalog.publication(place.path);
  const unseen = known.filter(
    ({ id, supersededAt }) => supersededAt === null && !wasSeen(id, [before, record]),
  );
  for (const one of unseen) await removeTemporaries(layout.prefix, await pathsOf(catalog, one));
  if (unseen.length > 0) await drop(catalog, place, layout, unseen);
  const generations = await catalog.generations(place.path);
  return { record, generations, visible, current: generations.find(({ id }) => id === record?.current) };
}

/** Removes generations past their time. */
export async function dropExpired(
  { catalog, now }: Deps,
  place: PublicationPlace,
  layout: PublicationLayout,
  policy: RetentionPolicy,
): Promise<void> {
  const record = await catalog.publication(place.path);
  if (record === undefined || record.current === null) return;
  const generations = await catalog.generations(place.path);
  const expired = expiredGenerations(generations, record.current, policy, now().getTime());
  if (expired.length > 0) await drop(catalog, place, layout, expired);
  const kept = generations.filter((one) => !expired.includes(one));
  await removeGenerations(layout, new Set(kept.map(({ id }) => id)));
}

function wasSeen(id: string, records: readonly (PublicationRecord | undefined)[]): boolean {
  return records.some((record) => record?.current === id);
}

/** Pool files that no other generation names, then the records; the directories go with the next clean-up. */
async function drop(
  catalog: Catalog,
  place: PublicationPlace,
  layout: PublicationLayout,
  gone: readonly GenerationRecord[],
): Promise<void> {
  const ids = gone.map(({ id }) => id);
  const siblings = await generationsBelow(catalog, place.prefix);
  const kept = siblings.filter((one) => one.publication !== place.path || !ids.includes(one.id));
  await removePublished(layout.prefix, await pathsOnlyIn(catalog, gone, kept));
  await catalog.dropGenerations(place.path, ids);
}
