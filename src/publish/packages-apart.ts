import { lstatSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { fileError } from '../core/files.ts';
import type { PlacedPackage, PlannedComponent } from './plan.ts';
import type { Claims } from './pool-claims.ts';
import type { PublishDeps, Site } from './release.ts';

/**
 * The keys of the packages of a component whose usual place in the published pool has other bytes that a kept generation
 * of any publication below the prefix needs: vendors build one version anew for each suite, or replace a file in place.
 * They get directories of their own. What the current generation has stays where it is.
 * @throws E_PERMISSION, E_IO
 */
export async function packagesApart(
  deps: Pick<PublishDeps, 'catalog' | 'pool'>,
  { layout, standing }: Site,
  { plan, claims }: { readonly plan: PlannedComponent; readonly claims: Claims },
): Promise<readonly string[]> {
  const before = standing.current?.components.find(({ name }) => name === plan.name);
  const placed = new Set(
    before === undefined ? [] : (await deps.catalog.packages(before.list)).map(({ key }) => key),
  );
  const placedApart = new Set(before?.apart);
  const apart: string[] = [];
  for (const one of plan.packages) {
    const { key } = one.record;
    const isApart = placed.has(key)
      ? placedApart.has(key)
      : await isTaken(one, { prefix: layout.prefix, pool: deps.pool, claims });
    if (isApart) apart.push(key);
  }
  return apart;
}

/** Claims are asked only where something lies that is not the file of the pool. */
async function isTaken(
  { files }: PlacedPackage,
  { prefix, pool, claims }: Pick<PublishDeps, 'pool'> & { readonly prefix: string; readonly claims: Claims },
): Promise<boolean> {
  for (const { path, poolPath, sha256 } of files) {
    const published = facts(join(prefix, path));
    if (published === undefined || isSame(published, facts(pool.absolute(poolPath)))) continue;
    if ([...(await claims(path))].some((other) => other !== sha256)) return true;
  }
  return false;
}

function isSame(one: Stats, other: Stats | undefined): boolean {
  return one.ino === other?.ino && one.dev === other.dev;
}

/** Of the file itself and not of what a link leads to, for links are made by other storages alone. */
function facts(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    throw fileError(cause, `cannot look at ${path}`);
  }
}
