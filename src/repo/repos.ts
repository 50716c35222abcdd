import { randomUUID } from 'node:crypto';
import { findObject } from '../catalog/find-object.ts';
import type { PublicationFacts } from '../catalog/labels.ts';
import type { RepoObject, SnapshotObject, Uploaders } from '../catalog/library.ts';
import type { ListId } from '../catalog/packages.ts';
import { sourcesOf } from '../catalog/publication-sources.ts';
import { about, EspejoError } from '../core/errors.ts';
import type { Job } from '../core/progress.ts';
import { assertComponent, assertDistribution } from '../deb/names.ts';
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
 * @throws E_NAME_TAKEN, E_UNSAFE_PATH; E_OBJECT_NOT_FOUND (`unable to load source snapshot: ...`)
 */
export async function createRepo(
  ports: Ports,
  repo: RepoSettings & { readonly name: string; readonly snapshot: string | undefined },
  { signal }: Job,
): Promise<RepoObject> {
  const { snapshot, ...settings } = repo;
  assertNames(settings);
  return await ports.exclusively('repo create', signal, async () => {
    const list = snapshot === undefined ? await ports.catalog.keepList([]) : await listOf(ports, snapshot);
    const object: RepoObject = { uuid: randomUUID(), ...settings, list };
    await ports.catalog.objects.change([{ save: 'repo', object }]);
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
    if ((await ports.catalog.objects.find('repo', to)) !== undefined) {
      throw new EspejoError('E_NAME_TAKEN', `local repo ${to} already exists`, {
        hint: 'choose another name',
      });
    }
    await ports.catalog.objects.change([{ save: 'repo', object: { ...repo, name: to } }]);
  });
}

export type DropResult =
  | { readonly kind: 'dropped' }
  /** It stays. */
  | { readonly kind: 'published'; readonly publications: readonly PublicationFacts[] }
  /** It stays unless the drop is forced. */
  | { readonly kind: 'snapshotted'; readonly snapshots: readonly SnapshotObject[] };

/** Removes a repository that is in use by nothing; its packages stay. @throws E_OBJECT_NOT_FOUND */
export async function dropRepo(
  ports: Ports,
  { name, force }: { readonly name: string; readonly force: boolean },
  { signal }: Job,
): Promise<DropResult> {
  const { objects } = ports.catalog;
  return await ports.exclusively('repo drop', signal, async () => {
    const { uuid } = await findObject(ports, 'repo', name);
    const published = (await objects.all('publication')).filter(
      ({ sourceKind, sources }) => sourceKind === 'local' && Object.values(sources).includes(uuid),
    );
    if (published.length > 0) {
      const publications = await Promise.all(
        published.map(async (publication) => ({
          publication,
          sources: await sourcesOf(ports, publication),
        })),
      );
      return { kind: 'published', publications };
    }
    const snapshots = (await objects.all('snapshot')).filter(
      ({ sourceKind, sourceIds }) => sourceKind === 'local' && sourceIds.includes(uuid),
    );
    if (snapshots.length > 0 && !force) return { kind: 'snapshotted', snapshots };
    await objects.change([{ drop: 'repo', uuid }]);
    return { kind: 'dropped' };
  });
}

/** The packages of a repository. */
export async function packagesOfRepo(ports: Ports, { list }: RepoObject): Promise<PackageSet> {
  return await loadPackageSet(ports, list);
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

async function listOf(ports: Ports, snapshot: string): Promise<ListId> {
  try {
    return (await findObject(ports, 'snapshot', snapshot)).list;
  } catch (error) {
    throw about('unable to load source snapshot', error);
  }
}
