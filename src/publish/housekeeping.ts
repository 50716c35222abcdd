import type { Catalog, PublicationPlace, PublicationRecord } from '../catalog/contract.ts';
import type { PublicationLayout } from './layout.ts';
import { generationsBelow, pathsOf } from './pool-claims.ts';
import { removePublished } from './pool-links.ts';
import { expiredGenerations, type RetentionPolicy } from './retention.ts';
import { currentGeneration, removeGenerations } from './tree.ts';

type Deps = { readonly catalog: Catalog; readonly now: () => Date };

/**
 * Brings the catalog in line with the disk after a run that died between the flip and the catalog: what clients see
 * is the truth.
 * @returns the record of the publication, or undefined when it was never published
 */
export async function reconcile(
  { catalog, now }: Deps,
  place: PublicationPlace,
  layout: PublicationLayout,
): Promise<PublicationRecord | undefined> {
  const record = await catalog.publication(place.path);
  const visible = await currentGeneration(layout);
  if (record === undefined || visible === undefined || visible === record.current) return record;
  const known = (await catalog.generations(place.path)).some(({ id }) => id === visible);
  if (!known) return record;
  await catalog.makeCurrent(place.path, visible, now().getTime(), record.hold);
  return await catalog.publication(place.path);
}

/** Removes generations past their time: their pool files that no other generation names, their trees, their records. */
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
  if (expired.length > 0) {
    const gone = new Set(expired);
    const siblings = await generationsBelow(catalog, place.prefix);
    const kept = siblings.filter(
      (one) => !expired.some((old) => old.id === one.id && old.publication === one.publication),
    );
    const stillNamed = await pathsOf(catalog, kept);
    const paths = [...(await pathsOf(catalog, expired))].filter((path) => !stillNamed.has(path));
    await removePublished(layout.prefix, paths);
    await removeGenerations(layout, new Set(generations.filter((one) => !gone.has(one)).map(({ id }) => id)));
    await catalog.dropGenerations(
      place.path,
      expired.map(({ id }) => id),
    );
    return;
  }
  await removeGenerations(layout, new Set(generations.map(({ id }) => id)));
}
