import type { FollowOptions } from './dependencies.ts';
import { findMissing } from './missing.ts';
import { type PackageSet, unionOf } from './package-set.ts';
import { type Dependency, printDependency } from './satisfaction.ts';

export type VerifyOptions = {
  readonly architectures: readonly string[];
  readonly follow?: FollowOptions;
};

/**
 * What packages of a list depend on that neither it nor the further lists have, in the order in which it is printed.
 * @throws E_PACKAGE_CONFLICT when two lists have one version with different content
 */
export function verifySet(
  set: PackageSet,
  further: readonly PackageSet[],
  { architectures, follow = {} }: VerifyOptions,
): readonly Dependency[] {
  const available = unionOf([set, ...further]);
  return findMissing(set.members, { architectures, available, follow })
    .map((dependency) => ({ dependency, text: printDependency(dependency) }))
    .sort((a, b) => (a.text < b.text ? -1 : 1))
    .map(({ dependency }) => dependency);
}
