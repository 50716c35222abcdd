import { randomUUID } from 'node:crypto';
import { findObject, type WithObjects } from '../catalog/find-object.ts';
import { mirrorText, repoText } from '../catalog/labels.ts';
import { assertMirrorUnlocked } from '../catalog/mirror-locks.ts';
import type { SnapshotObject } from '../catalog/objects.ts';
import type { ListId } from '../catalog/packages.ts';
import { EspejoError, inStage } from '../core/errors.ts';
import type { Job } from '../packages/events.ts';
import type { PackageSet } from '../packages/package-set.ts';
import { keepPackageSet } from '../packages/package-sets.ts';
import type { Ports } from '../packages/ports.ts';

/** What a snapshot is made of. */
export type SnapshotOrigin =
  | { readonly kind: 'mirror' | 'repo'; readonly name: string }
  | { readonly kind: 'nothing' };

/**
 * Makes a snapshot of what a mirror or local repository has now, or of nothing.
 * @throws at the stage `find`: E_OBJECT_NOT_FOUND; E_OBJECT_IN_USE for a mirror that is being updated; E_MIRROR_EMPTY for one
 * that never was
 * @throws E_NAME_TAKEN at `save`; E_LOCKED
 */
export async function createSnapshot(
  ports: Ports,
  { name, origin }: { readonly name: string; readonly origin: SnapshotOrigin },
  { signal }: Job,
): Promise<SnapshotObject> {
  return await ports.exclusively(`snapshot create ${name}`, signal, async () => {
    const draft = await inStage('find', () => draftOf(ports, name, origin));
    return await inStage('save', () => save(ports, draft));
  });
}

/** What a new snapshot is, without what is given to it when it is saved. */
export type SnapshotDraft = Omit<SnapshotObject, 'uuid' | 'createdAt' | 'list'>;

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
  ports: Ports,
  draft: SnapshotDraft,
  { packages, signal }: { readonly packages: PackageSet; readonly signal: AbortSignal },
): Promise<SnapshotObject> {
  return await ports.exclusively(`snapshot ${draft.name}`, signal, async () =>
    save(ports, { ...draft, list: await keepPackageSet(ports, packages) }),
  );
}

type KeptDraft = SnapshotDraft & { readonly list: ListId };

async function save(ports: Ports, draft: KeptDraft): Promise<SnapshotObject> {
  const object = { ...draft, uuid: randomUUID(), createdAt: ports.now().getTime() };
  await ports.catalog.objects.change([{ save: 'snapshot', object }]);
  return object;
}

async function draftOf(ports: Ports, name: string, origin: SnapshotOrigin): Promise<KeptDraft> {
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

async function draftOfRepo(ports: WithObjects, name: string, repoName: string): Promise<KeptDraft> {
  const repo = await findObject(ports, 'repo', repoName);
  const description = `Snapshot from local repo ${repoText(repo)}`;
  return {
    ...derivedDraft(name, description, []),
    sourceKind: 'repo',
    sourceIds: [repo.uuid],
    list: repo.list,
  };
}

async function draftOfMirror(
  ports: WithObjects & Pick<Ports, 'locks'>,
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
    sourceKind: 'mirror',
    sourceIds: [uuid],
    origin: meta['Origin'] ?? '',
    notAutomatic: meta['NotAutomatic'] ?? '',
    butAutomaticUpgrades: meta['ButAutomaticUpgrades'] ?? '',
    appStreamFiles,
    list,
  };
}
