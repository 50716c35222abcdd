import { findObject } from '../catalog/find-object.ts';
import type { RepoObject } from '../catalog/library.ts';
import type { ListId } from '../catalog/packages.ts';
import { EspejoError } from '../core/errors.ts';
import { chooseArchitectures } from '../packages/architectures.ts';
import type { Job } from '../packages/events.ts';
import type { Member } from '../packages/member.ts';
import { PackageSet } from '../packages/package-set.ts';
import { loadPackageSet } from '../packages/package-sets.ts';
import type { Ports } from '../packages/ports.ts';
import { type ResolveOptions, resolve } from '../packages/resolve.ts';
import { selectByQuery } from '../packages/search.ts';
import type { Query } from '../query/ast.ts';
import { saveRepos } from './repos.ts';

/** How dependencies are followed; without architectures those of the inspected list count. */
export type Following = Pick<ResolveOptions, 'architectures' | 'follow'>;

export type Transfer = {
  /** `import` takes from a mirror, the others from a repository; `move` also removes there. */
  readonly kind: 'copy' | 'move' | 'import';
  readonly source: string;
  readonly destination: string;
  /** ORed. */
  readonly queries: readonly Query[];
  /** Take what the packages depend on and the destination lacks; undefined: only the packages. */
  readonly dependencies: Following | undefined;
  readonly dryRun: boolean;
};

/**
 * Takes packages into a repository, all or none.
 * @returns them in listing order, those too that the destination had
 * @throws E_OBJECT_NOT_FOUND; E_OBJECT_IN_USE when source and destination are the same; E_MIRROR_EMPTY
 * @throws E_PACKAGE_CONFLICT when the destination has other content; E_NO_ARCHITECTURES, E_INDEX_SYNTAX
 */
export async function transferPackages(
  ports: Ports,
  transfer: Transfer,
  { signal, report }: Job,
): Promise<readonly Member[]> {
  const { kind, dryRun } = transfer;
  return await ports.exclusively(`repo ${kind}`, signal, async () => {
    const destination = await findObject(ports, 'repo', transfer.destination);
    const source = await sourceOf(ports, transfer, destination);
    report({ type: 'loading' });
    const target = await loadPackageSet(ports, destination.list);
    const available = await loadPackageSet(ports, source.list);
    const taken = selectWithDependencies({ available, target }, transfer, report);
    const packages = PackageSet.of([...target, ...taken]);
    if (!dryRun) {
      const removed =
        kind === 'move' && source.repo !== undefined
          ? [{ repo: source.repo, packages: without(available, taken) }]
          : [];
      await saveRepos(ports, [{ repo: destination, packages }, ...removed]);
    }
    return taken.listed;
  });
}

/**
 * Removes what any of the queries selects from a repository.
 * @returns it in listing order
 * @throws E_OBJECT_NOT_FOUND, E_INDEX_SYNTAX
 */
export async function removePackages(
  ports: Ports,
  removal: {
    readonly name: string;
    /** ORed. */
    readonly queries: readonly Query[];
    readonly dryRun: boolean;
  },
  { signal, report }: Job,
): Promise<readonly Member[]> {
  return await ports.exclusively('repo remove', signal, async () => {
    const repo = await findObject(ports, 'repo', removal.name);
    report({ type: 'loading' });
    const packages = await loadPackageSet(ports, repo.list);
    const removed = selectByQuery(packages, removal.queries);
    if (!removal.dryRun) await saveRepos(ports, [{ repo, packages: without(packages, removed) }]);
    return removed.listed;
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

function selectWithDependencies(
  { available, target }: { readonly available: PackageSet; readonly target: PackageSet },
  { queries, dependencies }: Transfer,
  report: Job['report'],
): PackageSet {
  const selected = selectByQuery(available, queries);
  if (dependencies === undefined) return selected;
  const architectures = chooseArchitectures(dependencies.architectures, target);
  return resolve(available, selected, { ...dependencies, architectures, available: target, report });
}

function without(packages: PackageSet, removed: PackageSet): PackageSet {
  return PackageSet.of(packages.members.filter((member) => !removed.has(member)));
}
