import type { Query } from '../query/ast.ts';
import type { PackageSet } from './package-set.ts';
import { type ResolveOptions, resolve } from './resolve.ts';
import { selectByQuery } from './search.ts';

/**
 * The packages that any of the queries selects, and with `dependencies` what they depend on within the set: `snapshot
 * filter`, and `search` with its `-with-deps`.
 */
export function filterSet(
  set: PackageSet,
  queries: readonly Query[],
  dependencies?: Omit<ResolveOptions, 'available'>,
): PackageSet {
  const selected = selectByQuery(set, queries);
  return dependencies === undefined ? selected : resolve(set, selected, dependencies);
}
