import { randomUUID } from 'node:crypto';
import { findObject, type Objects } from '../catalog/find-object.ts';
import type { SourceObject } from '../catalog/labels.ts';
import { mirrorText, publicationPath, repoText } from '../catalog/labels.ts';
import type { PublicationObject, SnapshotObject } from '../catalog/library.ts';
import { assertMirrorUnlocked } from '../catalog/mirror-locks.ts';
import type { ListId } from '../catalog/packages.ts';
import { EspejoError } from '../core/errors.ts';
import type { PackageSet } from '../packages/package-set.ts';
import { keepPackageSet } from '../packages/package-sets.ts';
import type { Ports } from '../packages/ports.ts';

type Reading = Objects;
type Writing = Pick<Ports, 'catalog' | 'exclusively' | 'locks' | 'now'>;

/** What `snapshot create` makes a snapshot of. */
export type SnapshotOrigin =
  | { readonly kind: 'mirror' | 'repo'; readonly name: string }
  | { readonly kind: 'nothing' };

/** What a new snapshot is, without what is given to it when it is saved. */
export type SnapshotDraft = Omit<SnapshotObject, 'uuid' | 'createdAt' | 'list'>;

/**
 * Makes a snapshot of what a mirror or local repository has now, or of nothing.
 * @throws E_OBJECT_NOT_FOUND; E_OBJECT_IN_USE for a mirror that is being updated; E_MIRROR_EMPTY for one that never was
 * @throws E_NAME_TAKEN, E_LOCKED
 */
export async function createSnapshot(
  ports: Writing,
  { name, origin }: { readonly name: string; readonly origin: SnapshotOrigin },
  signal: AbortSignal,
): Promise<SnapshotObject> {
  return await ports.exclusively(`snapshot create ${name}`, signal, async () => {
    const draft = await draftOf(ports, name, origin);
    return await save(ports, draft);
  });
}

/** What a snapshot that is made from others says of itself. */
export function derivedDraft(
  name: string,
  description: string,
  sources: readonly SnapshotObject[],
): SnapshotDraft {
  return {
    name,
    description,
    sourceKind: 'snapshot',
    sourceIds: sources.map(({ uuid }) => uuid),
    origin: '',
    notAutomatic: '',
    butAutomaticUpgrades: '',
    appStreamFiles: {},
  };
}

/**
 * Saves a new snapshot with its packages.
 * @throws E_NAME_TAKEN, E_LOCKED
 */
export async function addSnapshot(
  ports: Writing,
  draft: SnapshotDraft,
  { packages, signal }: { readonly packages: PackageSet; readonly signal: AbortSignal },
): Promise<SnapshotObject> {
  return await ports.exclusively(`snapshot ${draft.name}`, signal, async () =>
    save(ports, { ...draft, list: await keepPackageSet(ports, packages) }),
  );
}

/** @throws E_OBJECT_NOT_FOUND, E_NAME_TAKEN (also for its own name), E_LOCKED */
export async function renameSnapshot(
  ports: Writing,
  { from, to }: { readonly from: string; readonly to: string },
  signal: AbortSignal,
): Promise<void> {
  await ports.exclusively(`snapshot rename ${from}`, signal, async () => {
    const { objects } = ports.catalog;
    const snapshot = await findObject(ports, 'snapshot', from);
    if ((await objects.find('snapshot', to)) !== undefined)
      throw new EspejoError('E_NAME_TAKEN', `snapshot ${to} already exists`, { context: { name: to } });
    // What was made by publishing is kept for good once somebody has named it.
    const { managedBy: _, ...own } = snapshot;
    await objects.change([{ save: 'snapshot', object: { ...own, name: to } }]);
  });
}

/** Why a snapshot is not dropped. */
export type SnapshotUse =
  | { readonly kind: 'published'; readonly publications: readonly PublicationObject[] }
  | { readonly kind: 'source'; readonly snapshots: readonly SnapshotObject[] };

/**
 * Drops a snapshot; its packages stay until the next cleanup.
 * @param options.force although others were made from it; a published one never
 * @returns what it is used for when it was not dropped
 * @throws E_OBJECT_NOT_FOUND, E_LOCKED
 */
export async function dropSnapshot(
  ports: Writing,
  name: string,
  { force, signal }: { readonly force: boolean; readonly signal: AbortSignal },
): Promise<SnapshotUse | undefined> {
  return await ports.exclusively(`snapshot drop ${name}`, signal, async () => {
    const { objects } = ports.catalog;
    const { uuid } = await findObject(ports, 'snapshot', name);
    const publications = await publicationsOf(ports, uuid);
    if (publications.length > 0)
      return { kind: 'published', publications: publications.toSorted(byPublicationPath) };
    const snapshots = (await objects.all('snapshot')).filter(
      ({ sourceKind, sourceIds }) => sourceKind === 'snapshot' && sourceIds.includes(uuid),
    );
    if (snapshots.length > 0 && !force) return { kind: 'source', snapshots };
    await objects.change([{ drop: 'snapshot', uuid }]);
    return undefined;
  });
}

/** The publications that publish a snapshot now, or can be taken back to it. */
async function publicationsOf(
  { catalog }: Pick<Writing, 'catalog'>,
  uuid: string,
): Promise<readonly PublicationObject[]> {
  const found: PublicationObject[] = [];
  for (const publication of await catalog.objects.all('publication')) {
    const { name, sourceKind, sources, managedBy } = publication;
    if (sourceKind !== 'snapshot') continue;
    // One that was made by hand is never taken back: what it keeps for a time are lists.
    const kept = managedBy === null ? [] : await catalog.generations(name);
    const published = [
      ...Object.values(sources),
      ...kept.flatMap((one) => one.components.map(({ source }) => source)),
    ];
    if (published.includes(uuid)) found.push(publication);
  }
  return found;
}

/** What a snapshot was made from, as far as it still exists. */
export async function snapshotSources(
  { catalog: { objects } }: Reading,
  { sourceKind, sourceIds }: Pick<SnapshotObject, 'sourceKind' | 'sourceIds'>,
): Promise<readonly SourceObject[]> {
  const kind = sourceKinds[sourceKind];
  const sources: SourceObject[] = [];
  for (const uuid of sourceIds) {
    const object = await objects.byUuid(kind, uuid);
    if (object !== undefined) sources.push({ kind, object } as SourceObject);
  }
  return sources;
}

/** Release path to pool path of several snapshots; the later ones win. */
export function uniteAppStreamFiles(sources: readonly SnapshotObject[]): Readonly<Record<string, string>> {
  return Object.assign({}, ...sources.map(({ appStreamFiles }) => appStreamFiles));
}

/** aptly's words for the kinds of objects. */
const sourceKinds = { repo: 'mirror', local: 'repo', snapshot: 'snapshot' } as const;

type KeptDraft = SnapshotDraft & { readonly list: ListId };

async function save(ports: Pick<Writing, 'catalog' | 'now'>, draft: KeptDraft): Promise<SnapshotObject> {
  const object = { ...draft, uuid: randomUUID(), createdAt: ports.now().getTime() };
  await ports.catalog.objects.change([{ save: 'snapshot', object }]);
  return object;
}

async function draftOf(
  ports: Pick<Writing, 'catalog' | 'locks'>,
  name: string,
  origin: SnapshotOrigin,
): Promise<KeptDraft> {
  switch (origin.kind) {
    case 'nothing': {
      const list = await ports.catalog.keepList([]);
      return { ...derivedDraft(name, 'Created as empty', []), list };
    }
    case 'repo':
      return await draftOfRepo(ports, name, origin.name);
    case 'mirror':
      return await draftOfMirror(ports, name, origin.name);
  }
}

async function draftOfRepo(ports: Reading, name: string, repoName: string): Promise<KeptDraft> {
  const repo = await findObject(ports, 'repo', repoName);
  const description = `Snapshot from local repo ${repoText(repo)}`;
  return {
    ...derivedDraft(name, description, []),
    sourceKind: 'local',
    sourceIds: [repo.uuid],
    list: repo.list,
  };
}

async function draftOfMirror(
  ports: Objects & Pick<Ports, 'locks'>,
  name: string,
  mirrorName: string,
): Promise<KeptDraft> {
  const mirror = await findObject(ports, 'mirror', mirrorName);
  if (mirror.managedBy === null) await assertMirrorUnlocked(ports, mirror);
  const { uuid, meta, list, appStreamFiles } = mirror;
  if (list === null)
    throw new EspejoError('E_MIRROR_EMPTY', 'mirror not updated', { context: { mirror: mirrorName } });
  return {
    ...derivedDraft(name, `Snapshot from mirror ${mirrorText(mirror)}`, []),
    sourceKind: 'repo',
    sourceIds: [uuid],
    origin: meta['Origin'] ?? '',
    notAutomatic: meta['NotAutomatic'] ?? '',
    butAutomaticUpgrades: meta['ButAutomaticUpgrades'] ?? '',
    appStreamFiles,
    list,
  };
}

function byPublicationPath(a: PublicationObject, b: PublicationObject): number {
  return publicationPath(a) < publicationPath(b) ? -1 : 1;
}
