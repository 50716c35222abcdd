import { randomUUID } from 'node:crypto';
import { findObject } from '../catalog/find-object.ts';
import { publicationText, snapshotText } from '../catalog/labels.ts';
import { nameTaken, type RepoObject, type Uploaders } from '../catalog/objects.ts';
import { sourcesOf } from '../catalog/publication-sources.ts';
import { type EspejoError, inStage } from '../core/errors.ts';
import { assertComponent, assertDistribution } from '../deb/names.ts';
import type { Job } from '../packages/events.ts';
import { objectInUse, type UserOfObject } from '../packages/in-use.ts';
import { type NamedPackage, nameOf } from '../packages/named-package.ts';
import type { PackageSet } from '../packages/package-set.ts';
import { keepPackageSet, loadPackageSet } from '../packages/package-sets.ts';
import type { Ports } from '../packages/ports.ts';

export type RepoSettings = {
  readonly comment: string;
  readonly defaultDistribution: string;
  readonly defaultComponent: string;
  readonly uploaders: Uploaders | null;
};

/**
 * Makes an empty repository, or one with the packages of the snapshot that `snapshot` names.
 * @throws E_UNSAFE_PATH; E_OBJECT_NOT_FOUND at the stage `find`; E_NAME_TAKEN at `save`
 */
export async function createRepo(
  ports: Ports,
  repo: RepoSettings & { readonly name: string; readonly snapshot?: string },
  { signal }: Job,
): Promise<RepoObject> {
  const { snapshot, ...settings } = repo;
  assertNames(settings);
  return await ports.exclusively('repo create', signal, async () => {
    const list =
      snapshot === undefined
        ? await ports.catalog.keepList([])
        : (await inStage('find', () => findObject(ports, 'snapshot', snapshot))).list;
    const object: RepoObject = { uuid: randomUUID(), ...settings, list };
    await inStage('save', () => ports.catalog.objects.change([{ save: 'repo', object }]));
    return object;
  });
}

/** What a repository is published as when nothing else is said; empty says nothing. @throws E_UNSAFE_PATH */
function assertNames({ defaultDistribution = '', defaultComponent = '' }: Partial<RepoSettings>): void {
  if (defaultDistribution !== '') assertDistribution(defaultDistribution);
  if (defaultComponent !== '') assertComponent(defaultComponent);
}

/** All repositories by name, with the number of their packages. */
export async function listRepos({
  catalog,
}: Ports): Promise<readonly { readonly repo: RepoObject; readonly packageCount: number }[]> {
  const repos = await catalog.objects.all('repo');
  return await Promise.all(
    repos.map(async (repo) => ({ repo, packageCount: await catalog.listSize(repo.list) })),
  );
}

/** Changes the settings that are given. @throws E_OBJECT_NOT_FOUND, E_UNSAFE_PATH */
export async function editRepo(
  ports: Ports,
  { name, changes }: { readonly name: string; readonly changes: Partial<RepoSettings> },
  { signal }: Job,
): Promise<RepoObject> {
  assertNames(changes);
  return await ports.exclusively('repo edit', signal, async () => {
    const object = { ...(await findObject(ports, 'repo', name)), ...changes };
    await ports.catalog.objects.change([{ save: 'repo', object }]);
    return object;
  });
}

/** @throws E_OBJECT_NOT_FOUND, E_NAME_TAKEN */
export async function renameRepo(
  ports: Ports,
  { from, to }: { readonly from: string; readonly to: string },
  { signal }: Job,
): Promise<void> {
  await ports.exclusively('repo rename', signal, async () => {
    const repo = await findObject(ports, 'repo', from);
    if ((await ports.catalog.objects.find('repo', to)) !== undefined) throw nameTaken('repo', to, 'renamed');
    await ports.catalog.objects.change([{ save: 'repo', object: { ...repo, name: to } }]);
  });
}

/**
 * Removes a repository that is in use by nothing; its packages stay.
 * @throws E_OBJECT_NOT_FOUND
 * @throws E_OBJECT_IN_USE, with who is in the way, for one that is published, and unless it is forced for one that
 * snapshots were made of
 */
export async function dropRepo(
  ports: Ports,
  { name, force }: { readonly name: string; readonly force: boolean },
  { signal }: Job,
): Promise<void> {
  await ports.exclusively('repo drop', signal, async () => {
    const { uuid } = await findObject(ports, 'repo', name);
    const publications = await publicationsOf(ports, uuid);
    if (publications.length > 0) throw inUse('local repo is published', name, publications);
    const snapshots = await snapshotsOf(ports, uuid);
    if (snapshots.length > 0 && !force)
      throw inUse('local repo was used to create snapshots', name, snapshots);
    await ports.catalog.objects.change([{ drop: 'repo', uuid }]);
  });
}

function inUse(message: string, name: string, usedBy: readonly UserOfObject[]): EspejoError {
  return objectInUse(message, { kind: 'repo', name, usedBy });
}

async function publicationsOf(ports: Ports, uuid: string): Promise<readonly UserOfObject[]> {
  const users: UserOfObject[] = [];
  for (const publication of await ports.catalog.objects.all('publication')) {
    const { name, sourceKind, sources } = publication;
    if (sourceKind !== 'repo' || !Object.values(sources).includes(uuid)) continue;
    const text = publicationText({ publication, sources: await sourcesOf(ports, publication) });
    users.push({ kind: 'publication', name, text });
  }
  return users;
}

async function snapshotsOf({ catalog }: Ports, uuid: string): Promise<readonly UserOfObject[]> {
  return (await catalog.objects.all('snapshot'))
    .filter(({ sourceKind, sourceIds }) => sourceKind === 'repo' && sourceIds.includes(uuid))
    .map((snapshot) => ({ kind: 'snapshot', name: snapshot.name, text: snapshotText(snapshot) }));
}

/** A repository with the number of its packages, and their names in listing order when they were asked for. */
export type RepoFacts = {
  readonly repo: RepoObject;
  readonly packageCount: number;
  readonly packages: readonly NamedPackage[] | undefined;
};

/** @throws E_OBJECT_NOT_FOUND */
export async function showRepo(
  ports: Ports,
  { name, withPackages }: { readonly name: string; readonly withPackages: boolean },
): Promise<RepoFacts> {
  const repo = await findObject(ports, 'repo', name);
  const set = withPackages ? await loadPackageSet(ports, repo.list) : undefined;
  return {
    repo,
    packageCount: set?.size ?? (await ports.catalog.listSize(repo.list)),
    packages: set?.listed.map((member) => nameOf(member.package)),
  };
}

/** Gives repositories other packages, all at once. */
export async function saveRepos(
  ports: Ports,
  changes: readonly { readonly repo: RepoObject; readonly packages: PackageSet }[],
): Promise<void> {
  const saved = await Promise.all(
    changes.map(async ({ repo, packages }) => ({ ...repo, list: await keepPackageSet(ports, packages) })),
  );
  await ports.catalog.objects.change(saved.map((object) => ({ save: 'repo', object })));
}
