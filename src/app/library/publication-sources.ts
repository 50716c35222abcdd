import type { PublicationFacts } from '../../aptly/objects/publication-text.ts';
import type { PublicationObject } from '../../catalog/library.ts';
import type { App } from '../app.ts';

/** What a publication publishes, by component; sources that are gone are left out. */
export async function sourcesOf(
  { catalog: { objects } }: App,
  { sourceKind, sources }: PublicationObject,
): Promise<PublicationFacts['sources']> {
  const found = await Promise.all(
    Object.entries(sources).map(async ([component, uuid]) => {
      if (sourceKind === 'local') {
        const object = await objects.byUuid('repo', uuid);
        return object === undefined ? [] : [[component, { kind: 'repo', object }] as const];
      }
      const object = await objects.byUuid('snapshot', uuid);
      return object === undefined ? [] : [[component, { kind: 'snapshot', object }] as const];
    }),
  );
  return new Map(found.flat());
}
