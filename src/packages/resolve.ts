import type { FollowOptions } from './dependencies.ts';
import type { ResolutionEvent } from './events.ts';
import { compareListed, type Member } from './member.ts';
import { findMissing } from './missing.ts';
import { PackageSet } from './package-set.ts';
import { isSatisfied, type PackageLookup, type Provision, provisionsOf, satisfying } from './satisfaction.ts';

export type ResolveOptions = {
  readonly architectures: readonly string[];
  readonly follow?: FollowOptions;
  /** Packages that need not be taken because they are at the destination already. */
  readonly available?: PackageLookup;
  /** Told of every decision: what `-dep-verbose-resolve` prints. */
  readonly report?: (event: ResolutionEvent) => void;
};

/**
 * Adds what selected packages depend on until nothing more can be added, in rounds. Dependencies that nothing in
 * `source` satisfies are left out. As in aptly both alternatives of an unsatisfied `a | b` are added.
 * @param selected part of `source`
 */
export function resolve(source: PackageSet, selected: PackageSet, options: ResolveOptions): PackageSet {
  const { architectures, follow = {}, available = PackageSet.empty, report = ignore } = options;
  const result = new GrowingSet(selected);
  const pool = either(available, result);
  // A dependency that was looked at is satisfied or beyond help from then on, so a round need look at new members only.
  let round: readonly Member[] = selected.listed;
  while (round.length > 0) {
    const dependencies = findMissing(round, { architectures, available: pool, follow });
    report({ type: 'dependencies-missing', dependencies });
    const added: Member[] = [];
    for (const dependency of dependencies) {
      if (follow.allVariants !== true && isSatisfied(result, dependency)) {
        report({ type: 'dependency-satisfied', dependency, by: satisfying(result, dependency).map(labelOf) });
        continue;
      }
      const candidates = satisfying(source, dependency);
      if (candidates.length === 0) report({ type: 'dependency-unsatisfied', dependency });
      for (const member of follow.allVariants === true ? candidates : candidates.slice(0, 1)) {
        if (!result.add(member)) continue;
        added.push(member);
        report({ type: 'dependency-added', dependency, package: labelOf(member) });
      }
    }
    round = added.sort(compareListed);
  }
  return PackageSet.of(result.members);
}

function ignore(): void {}

function labelOf(member: Member): string {
  return member.package.label;
}

/** What is found in either. */
function either(first: PackageLookup, second: PackageLookup): PackageLookup {
  return {
    named: (name) => joined(first.named(name), second.named(name)),
    providing: (name) => joined(first.providing(name), second.providing(name)),
  };
}

/** A set and what was added to it since. */
class GrowingSet implements PackageLookup {
  readonly #base: PackageSet;
  readonly #added = new Set<Member>();
  readonly #byName = new Map<string, Member[]>();
  readonly #byProvided = new Map<string, Provision[]>();

  constructor(base: PackageSet) {
    this.#base = base;
  }

  get members(): readonly Member[] {
    return this.#added.size === 0 ? this.#base.members : [...this.#base.members, ...this.#added];
  }

  named(name: string): readonly Member[] {
    return joined(this.#base.named(name), this.#byName.get(name));
  }

  providing(name: string): readonly Provision[] {
    return joined(this.#base.providing(name), this.#byProvided.get(name));
  }

  /** @returns false when it was there already */
  add(member: Member): boolean {
    if (this.#added.has(member) || this.#base.has(member)) return false;
    this.#added.add(member);
    append(this.#byName, member.package.name, member);
    for (const [name, provision] of provisionsOf(member)) append(this.#byProvided, name, provision);
    return true;
  }
}

function joined<Value>(first: readonly Value[], second: readonly Value[] = []): readonly Value[] {
  if (second.length === 0) return first;
  return first.length === 0 ? second : [...first, ...second];
}

function append<Value>(groups: Map<string, Value[]>, name: string, value: Value): void {
  const group = groups.get(name);
  if (group === undefined) groups.set(name, [value]);
  else group.push(value);
}
