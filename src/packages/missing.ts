import { dependenciesOf, type FollowOptions } from './dependencies.ts';
import type { Member } from './member.ts';
import { type Dependency, isSatisfied, type PackageLookup, printDependency } from './satisfaction.ts';

export type MissingOptions = {
  readonly architectures: readonly string[];
  /** Where dependencies are looked up. */
  readonly available: PackageLookup;
  readonly follow?: FollowOptions;
};

/**
 * What packages depend on that is not available, each once, in the order in which it was met. A group of alternatives
 * of which one is satisfied is fine, otherwise all of them are missing; with `allVariants` each is asked for by itself.
 * aptly looks at one provider of a virtual name only; here any provider satisfies.
 */
export function findMissing(
  members: readonly Member[],
  { architectures, available, follow = {} }: MissingOptions,
): readonly Dependency[] {
  const known = new Map<string, boolean>();
  const missing = new Map<string, Dependency>();
  const isThere = (dependency: Dependency): boolean => {
    const text = printDependency(dependency);
    const before = known.get(text);
    if (before !== undefined) return before;
    const found = isSatisfied(available, dependency);
    known.set(text, found);
    return found;
  };
  for (const architecture of architectures) {
    for (const member of members) {
      for (const group of dependenciesOf(member, architecture, follow)) {
        const absent = group.filter((dependency) => !isThere(dependency));
        if (follow.allVariants !== true && absent.length < group.length) continue;
        for (const dependency of absent) missing.set(printDependency(dependency), dependency);
      }
    }
  }
  return Array.from(missing.values());
}
