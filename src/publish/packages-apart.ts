import type { PlannedComponent } from './plan.ts';
import type { Claims } from './pool-claims.ts';
import type { PublishDeps, Site } from './release.ts';

/**
 * The keys of the packages of a component whose usual place in the published pool has other bytes that a kept generation
 * of any publication below the prefix needs: vendors build one version anew for each suite, or replace a file in place.
 * They get directories of their own. What the current generation has stays where it is.
 * @throws E_PERMISSION, E_IO
 */
export async function packagesApart(
  { catalog, pool }: Pick<PublishDeps, 'catalog' | 'pool'>,
  { place, endpoint, standing }: Site,
  { plan, claims }: { readonly plan: PlannedComponent; readonly claims: Claims },
): Promise<readonly string[]> {
  const before = standing.current?.components.find(({ name }) => name === plan.name);
  const placed = new Set(
    before === undefined ? [] : (await catalog.packages(before.list)).map(({ key }) => key),
  );
  const placedApart = new Set(before?.apart);
  const newFiles = plan.packages.flatMap(({ record, files }) => (placed.has(record.key) ? [] : files));
  const differing = await endpoint.differing(place.prefix, newFiles, ({ poolPath }) => pool.stored(poolPath));
  const apart: string[] = [];
  for (const { record, files } of plan.packages) {
    const { key } = record;
    const isApart = placed.has(key)
      ? placedApart.has(key)
      : await isTaken(
          files.filter(({ path }) => differing.has(path)),
          claims,
        );
    if (isApart) apart.push(key);
  }
  return apart;
}

/** Claims are asked only where something lies that is not the file of the pool. */
async function isTaken(
  files: readonly { readonly path: string; readonly sha256: string }[],
  claims: Claims,
): Promise<boolean> {
  for (const { path, sha256 } of files) {
    if ([...(await claims(path)).keys()].some((other) => other !== sha256)) return true;
  }
  return false;
}
