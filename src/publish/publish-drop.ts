import type { PublicationObject } from '../catalog/objects.ts';
import { isEspejoError } from '../core/errors.ts';
import type { Job } from '../packages/events.ts';
import type { Ports } from '../packages/ports.ts';
import { retireSnapshots } from './managed-snapshots.ts';
import { poolOf } from './plan.ts';
import { pathsOnlyIn, usesBelow } from './pool-claims.ts';
import {
  assertOwnPublication,
  findPublication,
  neighboursOf,
  type PublicationIdentity,
} from './publication-place.ts';
import { type Target, targetOf } from './target.ts';

export type DropRequest = {
  readonly identity: PublicationIdentity;
  /** Go on when files cannot be removed. */
  readonly force: boolean;
  readonly skipCleanup: boolean;
};

/**
 * Takes a publication away (spec/semantics.md 7.10): from clients first, by one call; then its files that nothing else needs;
 * then the catalog's record, so that a drop that dies can be done again. Files that it did not make stay, and those that
 * another publication has by another name of the same directory.
 * @throws E_OBJECT_NOT_FOUND; E_OBJECT_IN_USE for a publication of the configuration; E_PERMISSION, E_IO unless forced
 */
export async function dropPublication(ports: Ports, request: DropRequest, job: Job): Promise<void> {
  await ports.exclusively('publish drop', job.signal, async () => {
    const object = await findPublication(ports, request.identity);
    assertOwnPublication(ports, object);
    const siblings = await neighboursOf(ports, object);
    const twin = siblings.find(({ distribution }) => distribution === object.distribution);
    try {
      if (twin === undefined) await withdraw(ports, { object, siblings }, { request, job });
      else
        job.report({
          type: 'warning',
          message: `${twin.name} is published in the same directory; its files stay`,
        });
    } catch (error) {
      if (!request.force || !isEspejoError(error, 'E_PERMISSION', 'E_IO', 'E_CONFIG_INVALID')) throw error;
      job.report({ type: 'warning', message: error.message });
    }
    await ports.catalog.dropPublication(object.name);
    await retireSnapshots(ports.catalog);
  });
}

type Dropped = { readonly object: PublicationObject; readonly siblings: readonly PublicationObject[] };

async function withdraw(
  ports: Ports,
  { object, siblings }: Dropped,
  { request: { skipCleanup }, job }: { readonly request: DropRequest; readonly job: Job },
): Promise<void> {
  const target = targetOf(ports, object);
  const { place, endpoint } = target;
  if (siblings.length === 0) {
    await endpoint.withdraw(place);
    for (const name of ['dists', 'pool']) job.report({ type: 'unpublish', name: nameOf(target, name) });
    await cleanPool(ports, object, { target, isLeft: () => false });
    await sweep(target, job);
    return;
  }
  job.report({ type: 'unpublish', name: nameOf(target, `dists/${place.distribution}`) });
  await endpoint.withdraw(place);
  const shared = sharedPools(object, siblings);
  tellCleaning({ object, shared }, { target, skipCleanup }, job);
  await cleanPool(ports, object, { target, isLeft: (pool) => skipCleanup && shared.has(pool) });
}

function nameOf({ endpoint, place: { prefix } }: Target, path: string): string {
  return endpoint.nameOf(`${prefix}/${path}`);
}

/** Removes the files of the published pool that only this publication needed. */
async function cleanPool(
  ports: Ports,
  object: PublicationObject,
  { target, isLeft }: { readonly target: Target; readonly isLeft: (pool: string) => boolean },
): Promise<void> {
  const { place, endpoint } = target;
  const uses = await usesBelow(ports, object);
  const gone = uses.filter(({ publication, pool }) => publication === object.name && !isLeft(pool));
  const needed = uses.filter(({ publication }) => publication !== object.name);
  await endpoint.remove(place.prefix, await pathsOnlyIn(ports.catalog, gone, needed), 'published');
}

/** After the last publication of a prefix; what others have put there stays. */
async function sweep(target: Target, { report }: Job): Promise<void> {
  for (const name of ['dists', 'pool'] as const) {
    const left = await target.endpoint.sweep(target.place.prefix, name);
    if (left === 0) continue;
    const message = `left ${nameOf(target, name)}: ${left} files in it were not published from here`;
    report({ type: 'warning', message });
  }
}

/** The parts of the published pool that other publications have too. */
function sharedPools(object: PublicationObject, siblings: readonly PublicationObject[]): ReadonlySet<string> {
  const ofSiblings = new Set(
    siblings.flatMap((sibling) =>
      Object.keys(sibling.sources).map((component) => poolOf(sibling, sibling, component)),
    ),
  );
  const pools = Object.keys(object.sources).map((component) => poolOf(object, object, component));
  return new Set(pools.filter((pool) => ofSiblings.has(pool)));
}

/** Components of nobody else go as a whole; those that others have are searched for what only this one needed. */
function tellCleaning(
  { object, shared }: { readonly object: PublicationObject; readonly shared: ReadonlySet<string> },
  { target, skipCleanup }: { target: Target } & Pick<DropRequest, 'skipCleanup'>,
  { report }: Job,
): void {
  const components = Object.keys(object.sources).sort();
  const isShared = (component: string): boolean => shared.has(poolOf(object, object, component));
  for (const component of components.filter((name) => !isShared(name)))
    report({ type: 'unpublish', name: nameOf(target, `pool/${poolOf(object, object, component)}`) });
  if (skipCleanup || shared.size === 0) return;
  report({ type: 'publication-cleaning', publication: object.name });
  for (const component of components.filter(isShared)) report({ type: 'component-cleaning', component });
}
