import { findObject } from '../catalog/find-object.ts';
import { inStage } from '../core/errors.ts';
import { type DiffRow, diffSets } from '../packages/diff.ts';
import type { Job } from '../packages/events.ts';
import { type Following, followingIn } from '../packages/following.ts';
import type { PackageSet } from '../packages/package-set.ts';
import { loadPackageSet } from '../packages/package-sets.ts';
import type { Ports } from '../packages/ports.ts';
import type { Dependency } from '../packages/satisfaction.ts';
import { verifySet } from '../packages/verify.ts';

/** A package that two snapshots do not both have, or not in the same version. */
export type Difference = {
  readonly kind: DiffRow['kind'];
  readonly name: string;
  readonly architecture: string;
  /** Undefined where that snapshot does not have it. */
  readonly versions: readonly [left: string | undefined, right: string | undefined];
};

/**
 * What one snapshot has and the other has not.
 * @returns in key order
 * @throws E_OBJECT_NOT_FOUND at the stage `find`
 */
export async function diffSnapshots(
  ports: Ports,
  { left, right }: { readonly left: string; readonly right: string },
): Promise<readonly Difference[]> {
  const a = await inStage('find', () => findObject(ports, 'snapshot', left));
  const b = await inStage('find', () => findObject(ports, 'snapshot', right));
  if (a.list === b.list) return [];
  const [ours, theirs] = [await loadPackageSet(ports, a.list), await loadPackageSet(ports, b.list)];
  return diffSets(ours, theirs, { aptlyTail: ports.config.compatibility.diffTail }).map((row) => {
    const { name, architecture } = (row.left ?? row.right).package;
    const versions = [row.left?.package.version, row.right?.package.version] as const;
    return { kind: row.kind, name, architecture, versions };
  });
}

/**
 * What packages of a snapshot depend on that neither it nor further ones have.
 * @throws E_OBJECT_NOT_FOUND at the stage `find`; E_PACKAGE_CONFLICT at `merge`, when two have one version with different
 * content; E_NO_ARCHITECTURES
 */
export async function verifySnapshot(
  ports: Ports,
  request: {
    readonly name: string;
    readonly further: readonly string[];
    readonly dependencies: Following;
  },
  { report }: Job,
): Promise<readonly Dependency[]> {
  const lists = await inStage('find', async () => {
    const found = [];
    for (const name of [request.name, ...request.further])
      found.push((await findObject(ports, 'snapshot', name)).list);
    return found;
  });
  report({ type: 'loading' });
  const set = await loadPackageSet(ports, lists[0] ?? null);
  const further: PackageSet[] = [];
  for (const list of lists.slice(1)) further.push(await loadPackageSet(ports, list));
  const following = followingIn(ports, request.dependencies, set, { source: true });
  return await inStage('merge', () => verifySet(set, further, following));
}
