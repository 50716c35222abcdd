import type { WithObjects } from './find-object.ts';
import type { PublicationFacts } from './labels.ts';
import type { Objects, PublicationObject } from './objects.ts';

/** All publications with what they publish. */
export async function allPublications(ports: WithObjects): Promise<readonly PublicationFacts[]> {
  const publications = await ports.catalog.objects.all('publication');
  return await Promise.all(
    publications.map(async (publication) => ({ publication, sources: await sourcesOf(ports, publication) })),
  );
}

/** What a publication publishes, by component; sources that are gone are left out. */
export async function sourcesOf(
  { catalog: { objects } }: WithObjects,
  { sourceKind, sources }: PublicationObject,
): Promise<PublicationFacts['sources']> {
  const found = await Promise.all(
    Object.entries(sources).map(async ([component, uuid]) => {
      const source = await sourceOf(objects, sourceKind, uuid);
      return source === undefined ? [] : [[component, source] as const];
    }),
  );
  return new Map(found.flat());
}

type Source = PublicationFacts['sources'] extends ReadonlyMap<string, infer One> ? One : never;

async function sourceOf(
  objects: Objects,
  kind: PublicationObject['sourceKind'],
  uuid: string,
): Promise<Source | undefined> {
  if (kind === 'repo') {
    const object = await objects.byUuid('repo', uuid);
    return object === undefined ? undefined : { kind: 'repo', object };
  }
  const object = await objects.byUuid('snapshot', uuid);
  return object === undefined ? undefined : { kind: 'snapshot', object };
}
