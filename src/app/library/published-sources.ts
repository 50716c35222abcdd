import type { PublicationFacts } from '../../aptly/objects/publication-text.ts';
import type { PublicationObject } from '../../catalog/library.ts';
import type { Objects } from './find-object.ts';

/** What a publication publishes, by component; sources that are gone are left out. */
export async function publishedSources(
  { catalog: { objects } }: Objects,
  { sources, sourceKind }: Pick<PublicationObject, 'sources' | 'sourceKind'>,
): Promise<PublicationFacts['sources']> {
  const found = new Map<
    string,
    PublicationFacts['sources'] extends ReadonlyMap<string, infer Source> ? Source : never
  >();
  for (const [component, uuid] of Object.entries(sources)) {
    if (sourceKind === 'snapshot') {
      const object = await objects.byUuid('snapshot', uuid);
      if (object !== undefined) found.set(component, { kind: 'snapshot', object });
    } else {
      const object = await objects.byUuid('repo', uuid);
      if (object !== undefined) found.set(component, { kind: 'repo', object });
    }
  }
  return found;
}
