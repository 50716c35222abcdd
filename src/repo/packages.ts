import { findObject } from '../catalog/find-object.ts';
import type { RepoObject } from '../catalog/objects.ts';
import type { ListId } from '../catalog/packages.ts';
import { EspejoError } from '../core/errors.ts';
import type { Job } from '../packages/events.ts';
import { type Following, followingIn } from '../packages/following.ts';
import { PackageSet } from '../packages/package-set.ts';
import { loadPackageSet } from '../packages/package-sets.ts';
import type { Ports } from '../packages/ports.ts';
import { readQueries } from '../packages/queries.ts';
import { resolve } from '../packages/resolve.ts';
import { selectByQuery } from '../packages/search.ts';
import { saveRepos } from './repos.ts';

export type Transfer = {
  /** `import` takes from a mirror, the others from a repository; `move` also removes there. */
  readonly kind: 'copy' | 'move' | 'import';
  readonly source: string;
  readonly destination: string;
  /** ORed. */
  readonly queries: readonly string[];
  /** Take what the packages depend on and the destination lacks; absent: only the packages. */
  readonly dependencies?: Following;
  readonly dryRun: boolean;
};

/**
 * Takes packages into a repository, all or none.
 * @returns their labels in listing order, those too that the destination had
 * @throws E_OBJECT_NOT_FOUND; E_OBJECT_IN_USE when source and destination are the same; E_MIRROR_EMPTY
 * @throws E_QUERY_SYNTAX; E_PACKAGE_CONFLICT when the destination has other content; E_NO_ARCHITECTURES, E_INDEX_SYNTAX
 */
export async function transferPackages(
  ports: Ports,
  transfer: Transfer,
  job: Job,
): Promise<readonly string[]> {
  const { kind, dryRun } = transfer;
  const queries = await readQueries(transfer.queries);
  return await ports.exclusively(`repo ${kind}`, job.signal, async () => {
    const destination = await findObject(ports, 'repo', transfer.destination);
    const source = await sourceOf(ports, transfer, destination);
    job.report({ type: 'loading' });
    const target = await loadPackageSet(ports, destination.list);
    const available = await loadPackageSet(ports, source.list);
    const selected = selectByQuery(available, queries);
    const taken =
      transfer.dependencies === undefined
        ? selected
        : resolve(available, selected, {
            ...followingIn(ports, transfer.dependencies, target),
            available: target,
            report: job.report,
          });
    const packages = PackageSet.of([...target, ...taken]);
    if (!dryRun) {
      const removed =
        kind === 'move' && source.repo !== undefined
          ? [{ repo: source.repo, packages: without(available, taken) }]
          : [];
      await saveRepos(ports, [{ repo: destination, packages }, ...removed]);
    }
    return labelsOf(taken);
  });
}

/**
 * Removes what any of the queries selects from a repository.
 * @returns the labels of that in listing order
 * @throws E_OBJECT_NOT_FOUND, E_QUERY_SYNTAX, E_INDEX_SYNTAX
 */
export async function removePackages(
  ports: Ports,
  removal: {
    readonly name: string;
    /** ORed. */
    readonly queries: readonly string[];
    readonly dryRun: boolean;
  },
  job: Job,
): Promise<readonly string[]> {
  const queries = await readQueries(removal.queries);
  return await ports.exclusively('repo remove', job.signal, async () => {
    const repo = await findObject(ports, 'repo', removal.name);
    job.report({ type: 'loading' });
    const packages = await loadPackageSet(ports, repo.list);
    const removed = selectByQuery(packages, queries);
    if (!removal.dryRun) await saveRepos(ports, [{ repo, packages: without(packages, removed) }]);
    return labelsOf(removed);
  });
}

type TransferSource = { readonly list: ListId; readonly repo: RepoObject | undefined };

async function sourceOf(
  ports: Ports,
  { kind, source }: Transfer,
  destination: RepoObject,
): Promise<TransferSource> {
  if (kind === 'import') {
    const { list } = await findObject(ports, 'mirror', source);
    if (list !== null) return { list, repo: undefined };
    throw new EspejoError('E_MIRROR_EMPTY', 'mirror not updated', { context: { mirror: source } });
  }
  const repo = await findObject(ports, 'repo', source);
  if (repo.uuid !== destination.uuid) return { list: repo.list, repo };
  throw new EspejoError('E_OBJECT_IN_USE', 'source and destination are the same', {
    context: { repo: source },
  });
}

function labelsOf(packages: PackageSet): readonly string[] {
  return packages.listed.map((member) => member.package.label);
}

function without(packages: PackageSet, removed: PackageSet): PackageSet {
  return PackageSet.of(packages.members.filter((member) => !removed.has(member)));
}
