import { findObject, type WithObjects } from '../catalog/find-object.ts';
import { publicationPath, publicationText, type SourceObject, snapshotText } from '../catalog/labels.ts';
import { nameTaken, type PublicationObject, type SnapshotObject } from '../catalog/objects.ts';
import { sourcesOf } from '../catalog/publication-sources.ts';
import { shownMirror } from '../catalog/without-secrets.ts';
import type { EspejoError } from '../core/errors.ts';
import type { Job } from '../packages/events.ts';
import { objectInUse, type UserOfObject } from '../packages/in-use.ts';
import { type NamedPackage, nameOf } from '../packages/named-package.ts';
import type { Ports } from '../packages/ports.ts';

/** All snapshots, by name. */
export async function listSnapshots({ catalog }: WithObjects): Promise<readonly SnapshotObject[]> {
  return await catalog.objects.all('snapshot');
}

/** A snapshot with what it was made from, and its packages when they were asked for. */
export type SnapshotFacts = {
  readonly snapshot: SnapshotObject;
  /** Those that still exist, in the order of the snapshot's ids. */
  readonly sources: readonly SourceObject[];
  readonly packageCount: number;
  readonly packages: readonly NamedPackage[] | undefined;
};

/** @throws E_OBJECT_NOT_FOUND */
export async function showSnapshot(
  ports: Ports,
  { name, withPackages }: { readonly name: string; readonly withPackages: boolean },
): Promise<SnapshotFacts> {
  const snapshot = await findObject(ports, 'snapshot', name);
  return {
    snapshot,
    sources: await snapshotSources(ports, snapshot),
    packageCount: await ports.catalog.listSize(snapshot.list),
    packages: withPackages ? (await ports.catalog.packages(snapshot.list)).map(nameOf) : undefined,
  };
}

/** @throws E_OBJECT_NOT_FOUND, E_NAME_TAKEN (also for its own name), E_LOCKED */
export async function renameSnapshot(
  ports: Ports,
  { from, to }: { readonly from: string; readonly to: string },
  { signal }: Job,
): Promise<void> {
  await ports.exclusively(`snapshot rename ${from}`, signal, async () => {
    const { objects } = ports.catalog;
    const snapshot = await findObject(ports, 'snapshot', from);
    if ((await objects.find('snapshot', to)) !== undefined) throw nameTaken('snapshot', to, 'renamed');
    // What was made by publishing is kept for good once somebody has named it.
    const { managedBy: _, ...unmanaged } = snapshot;
    await objects.change([{ save: 'snapshot', object: { ...unmanaged, name: to } }]);
  });
}

/**
 * Drops a snapshot; its packages stay until the next cleanup.
 * @param request.force although others were made from it; a published one never
 * @throws E_OBJECT_NOT_FOUND, E_LOCKED; E_OBJECT_IN_USE with who is in the way
 */
export async function dropSnapshot(
  ports: Ports,
  { name, force }: { readonly name: string; readonly force: boolean },
  { signal }: Job,
): Promise<void> {
  await ports.exclusively(`snapshot drop ${name}`, signal, async () => {
    const { uuid } = await findObject(ports, 'snapshot', name);
    const publications = await publicationsOf(ports, uuid);
    if (publications.length > 0) throw inUse('snapshot is published', name, publications);
    const snapshots = await snapshotsOf(ports, uuid);
    if (snapshots.length > 0 && !force)
      throw inUse('snapshot was used as source for other snapshots', name, snapshots);
    await ports.catalog.objects.change([{ drop: 'snapshot', uuid }]);
  });
}

function inUse(message: string, name: string, usedBy: readonly UserOfObject[]): EspejoError {
  return objectInUse(message, { kind: 'snapshot', name, usedBy });
}

async function snapshotsOf({ catalog }: WithObjects, uuid: string): Promise<readonly UserOfObject[]> {
  return (await catalog.objects.all('snapshot'))
    .filter(({ sourceKind, sourceIds }) => sourceKind === 'snapshot' && sourceIds.includes(uuid))
    .map((snapshot) => ({ kind: 'snapshot', name: snapshot.name, text: snapshotText(snapshot) }));
}

/** The publications that publish a snapshot now, or can be taken back to it, by their paths. */
async function publicationsOf(ports: Ports, uuid: string): Promise<readonly UserOfObject[]> {
  const { catalog } = ports;
  const publishing: PublicationObject[] = [];
  for (const publication of await catalog.objects.all('publication')) {
    const { name, sourceKind, sources, managedBy } = publication;
    if (sourceKind !== 'snapshot') continue;
    // One that was made by hand is never taken back: what it keeps for a time are lists.
    const generations = managedBy === null ? [] : await catalog.generations(name);
    const published = [
      ...Object.values(sources),
      ...generations.flatMap((generation) => generation.components.map(({ source }) => source)),
    ];
    if (published.includes(uuid)) publishing.push(publication);
  }
  return await Promise.all(
    publishing.toSorted(byPath).map(async (publication) => ({
      kind: 'publication',
      name: publication.name,
      text: publicationText({ publication, sources: await sourcesOf(ports, publication) }),
    })),
  );
}

function byPath(a: PublicationObject, b: PublicationObject): number {
  return publicationPath(a) < publicationPath(b) ? -1 : 1;
}

/** What a snapshot was made from, as far as it still exists. */
export async function snapshotSources(
  { catalog: { objects } }: WithObjects,
  { sourceKind, sourceIds }: Pick<SnapshotObject, 'sourceKind' | 'sourceIds'>,
): Promise<readonly SourceObject[]> {
  const sources: SourceObject[] = [];
  for (const uuid of sourceIds) {
    const object = await objects.byUuid(sourceKind, uuid);
    if (object !== undefined) sources.push(shownSource({ kind: sourceKind, object } as SourceObject));
  }
  return sources;
}

function shownSource(source: SourceObject): SourceObject {
  return source.kind === 'mirror' ? { kind: 'mirror', object: shownMirror(source.object) } : source;
}
