import { compareBytes } from '../core/compare-bytes.ts';
import type { WithObjects } from './find-object.ts';
import type { ComponentSource } from './labels.ts';
import type { Objects, PublicationObject } from './objects.ts';

/** What a publication publishes, in the order of its components; sources that are gone are left out. */
export async function sourcesOf(
  { catalog: { objects } }: WithObjects,
  { sourceKind, sources }: PublicationObject,
): Promise<readonly ComponentSource[]> {
  const found = await Promise.all(
    Object.entries(sources).map(async ([component, uuid]) => {
      const source = await sourceOf(objects, sourceKind, uuid);
      return source === undefined ? [] : [[component, source] as const];
    }),
  );
  return found.flat().toSorted(([a], [b]) => compareBytes(a, b));
}

async function sourceOf(
  objects: Objects,
  kind: PublicationObject['sourceKind'],
  uuid: string,
): Promise<ComponentSource[1] | undefined> {
  if (kind === 'repo') {
    const object = await objects.byUuid('repo', uuid);
    return object === undefined ? undefined : { kind: 'repo', object };
  }
  const object = await objects.byUuid('snapshot', uuid);
  return object === undefined ? undefined : { kind: 'snapshot', object };
}
