import type { ObjectsByKind, PublicationObject } from '../catalog/objects.ts';
import type { ListId } from '../catalog/packages.ts';
import { shownMirror } from '../catalog/without-secrets.ts';
import type { Ports } from '../packages/ports.ts';

/** What a graph shows: all objects, each with its number of packages. */
export type GraphFacts = {
  readonly [Kind in Exclude<keyof ObjectsByKind, 'publication'>]: readonly Counted<ObjectsByKind[Kind]>[];
} & { readonly publication: readonly PublicationObject[] };

export type Counted<Kind> = { readonly object: Kind; readonly packages: number };

/** Everything that a graph shows, by name. */
export async function graphFacts({ catalog }: Pick<Ports, 'catalog'>): Promise<GraphFacts> {
  const { objects } = catalog;
  const counted = async <Object extends { readonly list: ListId | null }>(all: readonly Object[]) =>
    await Promise.all(
      all.map(async (object) => {
        const packages = object.list === null ? 0 : await catalog.listSize(object.list);
        return { object, packages };
      }),
    );
  return {
    mirror: await counted((await objects.all('mirror')).map(shownMirror)),
    repo: await counted(await objects.all('repo')),
    snapshot: await counted(await objects.all('snapshot')),
    publication: await objects.all('publication'),
  };
}
