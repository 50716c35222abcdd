import type { Catalog, GenerationRecord } from '../catalog/contract.ts';
import type { PublicationObject, SnapshotObject } from '../catalog/objects.ts';

/**
 * Drops the snapshots that publishing has made of its own content and that nothing needs any more, so that their
 * packages can be cleaned up.
 * @returns them
 */
export async function retireSnapshots(catalog: Catalog): Promise<readonly SnapshotObject[]> {
  const needless = needlessSnapshots(await readUses(catalog));
  if (needless.length > 0)
    await catalog.objects.change(needless.map(({ uuid }) => ({ drop: 'snapshot', uuid })));
  return needless;
}

/** What decides whether a snapshot is needed. */
export type SnapshotUses = {
  readonly snapshots: readonly SnapshotObject[];
  readonly publications: readonly PublicationObject[];
  /** Of all publications. */
  readonly generations: readonly GenerationRecord[];
};

export async function readUses(catalog: Catalog): Promise<SnapshotUses> {
  const paths = (await catalog.publications()).map(({ path }) => path);
  const generations = await Promise.all(paths.map((path) => catalog.generations(path)));
  return {
    snapshots: await catalog.objects.all('snapshot'),
    publications: await catalog.objects.all('publication'),
    generations: generations.flat(),
  };
}

/**
 * The snapshots that publishing has made itself, of which no generation is left, that nobody has published or staged and
 * that no other snapshot was made from.
 */
export function needlessSnapshots({
  snapshots,
  publications,
  generations,
}: SnapshotUses): readonly SnapshotObject[] {
  const needed = new Set([
    ...generations.flatMap(({ components }) => components.map(({ source }) => source)),
    ...publications.flatMap(({ sources }) => Object.values(sources)),
    ...snapshots.flatMap(({ sourceKind, sourceIds }) => (sourceKind === 'snapshot' ? sourceIds : [])),
  ]);
  const staged = new Set(publications.flatMap(({ revision }) => Object.values(revision ?? {})));
  return snapshots.filter((one) => isManagedSnapshot(one) && !needed.has(one.uuid) && !staged.has(one.name));
}

/** Whether publishing has made it and nobody has taken it over by another name. */
export function isManagedSnapshot({ name, description, managedBy, sourceKind }: SnapshotObject): boolean {
  if (managedBy !== undefined) return true;
  // Catalogs of espejo before 0.1 do not say so.
  const component = /^Component (\S+) from /.exec(description)?.[1];
  if (component === undefined || sourceKind !== 'mirror') return false;
  const at = name.lastIndexOf(`-${component}-`);
  return at > 0 && isOfSeries(name, name.slice(0, at + component.length + 2));
}

/** The series `<publication>-<component>-` is followed by a time, and perhaps a number. */
export function isOfSeries(name: string, series: string): boolean {
  return name.startsWith(series) && /^\d{8}T\d{6}Z(-\d+)?$/.test(name.slice(series.length));
}
