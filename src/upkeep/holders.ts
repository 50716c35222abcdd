import type { GenerationRecord, PublicationRecord } from '../catalog/contract.ts';
import type { MirrorObject, PublicationObject } from '../catalog/objects.ts';
import type { ListId } from '../catalog/packages.ts';
import type { Ports } from '../packages/ports.ts';
import { readUses } from '../publish/managed-snapshots.ts';

export type HolderKind = 'mirror' | 'repo' | 'snapshot' | 'publication' | 'generation';

/** Somebody who needs files: by lists of packages, by paths in the pool, and by the tree of a generation. */
export type Holder = {
  readonly kind: HolderKind;
  readonly name: string;
  readonly lists: readonly ListId[];
  readonly poolPaths: readonly string[];
  /** Of a publication (what clients see) and an earlier generation of it. */
  readonly published?: { readonly object: PublicationObject; readonly generation: string | undefined };
};

/**
 * Everybody who holds files, in the order of their kinds. A snapshot that publishing made for a generation is part of
 * that generation.
 */
export async function readHolders(ports: Ports): Promise<readonly Holder[]> {
  const { catalog } = ports;
  const uses = await readUses(catalog);
  const repos = await catalog.objects.all('repo');
  const inGenerations = new Set(
    uses.generations.flatMap(({ components }) => components.map(({ source }) => source)),
  );
  const isPart = (uuid: string, managedBy: string | undefined): boolean =>
    managedBy !== undefined && inGenerations.has(uuid);
  const records = await catalog.publications();
  return [
    ...(await mirrorHolders(ports)),
    ...repos.map(({ name, list }) => ({ kind: 'repo', name, lists: [list], poolPaths: [] }) as const),
    ...uses.snapshots
      .filter(({ uuid, managedBy }) => !isPart(uuid, managedBy))
      .map(
        ({ name, list, appStreamFiles }) =>
          ({ kind: 'snapshot', name, lists: [list], poolPaths: Object.values(appStreamFiles) }) as const,
      ),
    ...uses.publications.flatMap((object) => {
      const record = records.find(({ path }) => path === object.name);
      const own = uses.generations.filter(({ publication }) => publication === object.name);
      return publicationHolders(object, record, own);
    }),
  ];
}

/** Mirrors of the configuration with all their suites, and those that were made by hand. */
async function mirrorHolders({ catalog }: Ports): Promise<readonly Holder[]> {
  const lists = new Map<string, ListId[]>();
  const poolPaths = new Map<string, string[]>();
  const add = <Value>(to: Map<string, Value[]>, name: string, values: readonly Value[]): void => {
    to.set(name, [...(to.get(name) ?? []), ...values]);
  };
  for (const mirror of await catalog.objects.all('mirror')) {
    const name = mirror.managedBy ?? mirror.name;
    add(lists, name, listsOfMirror(mirror));
    add(poolPaths, name, Object.values(mirror.appStreamFiles));
  }
  return [...lists.keys()].sort().map((name) => ({
    kind: 'mirror',
    name,
    lists: lists.get(name) ?? [],
    poolPaths: poolPaths.get(name) ?? [],
  }));
}

/** All lists of a mirror. */
export function listsOfMirror({ list, lists = {} }: MirrorObject): readonly ListId[] {
  return [...(list === null ? [] : [list]), ...Object.values(lists)];
}

function publicationHolders(
  object: PublicationObject,
  record: PublicationRecord | undefined,
  generations: readonly GenerationRecord[],
): readonly Holder[] {
  const current = generations.find(({ id }) => id === record?.current);
  const { name } = object;
  const listsOf = ({ components }: GenerationRecord): readonly ListId[] => components.map(({ list }) => list);
  return [
    {
      kind: 'publication',
      name,
      lists: [...Object.values(object.lists), ...(current === undefined ? [] : listsOf(current))],
      poolPaths: [],
      published: { object, generation: current?.id },
    },
    ...generations
      .filter((one) => one !== current)
      .map(
        (one) =>
          ({
            kind: 'generation',
            name: one.id,
            lists: listsOf(one),
            poolPaths: [],
            published: { object, generation: one.id },
          }) as const,
      ),
  ];
}
