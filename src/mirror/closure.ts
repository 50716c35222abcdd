import type { PackageRequest } from '../config/config.ts';
import type { BinaryPackage } from '../deb/package.ts';
import { appliesTo, printGroup, type RelationGroup } from '../deb/relations.ts';
import type { Selected } from './select.ts';
import { type Candidate, satisfies, type Universe, variantsOf } from './universe.ts';

export type DependencyField = 'Pre-Depends' | 'Depends' | 'Recommends' | 'Suggests';

/** Why a package is part of a mirror. */
export type Reason =
  | { readonly kind: 'requested'; readonly request: string }
  | {
      readonly kind: 'dependency';
      readonly of: Candidate;
      readonly field: DependencyField;
      readonly relation: string;
    };

export type Unsatisfied = {
  readonly of: Candidate;
  readonly field: DependencyField;
  readonly relation: string;
  readonly architecture: string;
};

export type Closure = {
  /** In the order in which they were found: requests first, then their dependencies by distance. */
  readonly members: ReadonlyMap<Candidate, Reason>;
  readonly unsatisfied: readonly Unsatisfied[];
};

export type ClosureOptions = {
  readonly architectures: readonly string[];
  readonly dependencies: boolean;
  readonly recommends: boolean;
  readonly suggests: boolean;
  /** Take every alternative of `a | b` that exists, not only the first. */
  readonly followAllVariants: boolean;
};

/** A member that is to be installed on an architecture; an `all` package is looked at once for each. */
type Visit = { readonly candidate: Candidate; readonly architecture: string };

/**
 * Adds what the requested packages need until nothing is missing, breadth first, so that the shortest chain explains
 * each package. A group of alternatives that a member satisfies adds nothing; otherwise its first alternative
 * that can be satisfied adds its best candidate. Groups that nothing satisfies are returned.
 */
export function closeOver(
  universe: Universe,
  requested: readonly Selected[],
  options: ClosureOptions,
): Closure {
  const walk = new ClosureWalk(universe, options);
  for (const { candidate, request } of requested) walk.request(candidate, request);
  return walk.run();
}

class ClosureWalk {
  readonly #universe: Universe;
  readonly #options: ClosureOptions;
  readonly #fields: readonly DependencyField[];
  readonly #members = new Map<Candidate, Reason>();
  readonly #membersByName = new Map<string, Candidate[]>();
  readonly #visited = new Map<Candidate, Set<string>>();
  readonly #queue: Visit[] = [];
  readonly #unsatisfied: Unsatisfied[] = [];

  constructor(universe: Universe, options: ClosureOptions) {
    this.#universe = universe;
    this.#options = options;
    this.#fields = followedFields(options);
  }

  request(candidate: Candidate, request: PackageRequest): void {
    const { architecture } = candidate.package;
    const targets = architecture === 'all' ? this.#options.architectures : [architecture];
    for (const target of targets)
      this.#enter(candidate, target, { kind: 'requested', request: request.text });
  }

  run(): Closure {
    for (let position = 0; position < this.#queue.length; position += 1) {
      const visit = this.#queue[position];
      if (visit !== undefined) this.#follow(visit);
    }
    return { members: this.#members, unsatisfied: this.#unsatisfied };
  }

  #enter(candidate: Candidate, architecture: string, reason: Reason): void {
    const own = candidate.package.architecture;
    const target = own === 'all' ? architecture : own;
    const targets = this.#visited.get(candidate) ?? new Set();
    if (targets.has(target)) return;
    this.#visited.set(candidate, targets.add(target));
    if (!this.#members.has(candidate)) this.#admit(candidate, reason);
    this.#queue.push({ candidate, architecture: target });
  }

  #admit(candidate: Candidate, reason: Reason): void {
    this.#members.set(candidate, reason);
    const { name, provides } = candidate.package;
    for (const key of new Set([name, ...provides.map((one) => one.name)])) {
      const known = this.#membersByName.get(key);
      if (known === undefined) this.#membersByName.set(key, [candidate]);
      else known.push(candidate);
    }
  }

  /** What any suite's build of the package needs. */
  #follow({ candidate, architecture }: Visit): void {
    const [first, ...others] = variantsOf(candidate);
    for (const field of this.#fields) {
      const groups = applicable(first?.looseRelations(field) ?? [], architecture);
      for (const group of groups) this.#satisfy(group, { candidate, architecture }, field);
      const seen = new Set(others.length === 0 ? [] : groups.map(printGroup));
      for (const group of others.flatMap((one) => applicable(one.looseRelations(field), architecture))) {
        if (seen.has(printGroup(group))) continue;
        seen.add(printGroup(group));
        this.#satisfy(group, { candidate, architecture }, field);
      }
    }
  }

  #satisfy(group: RelationGroup, { candidate, architecture }: Visit, field: DependencyField): void {
    const relation = printGroup(group);
    const reason: Reason = { kind: 'dependency', of: candidate, field, relation };
    const inside = this.#insiders(group, architecture);
    for (const member of inside) this.#enter(member, architecture, reason);
    if (inside.length > 0 && !this.#options.followAllVariants) return;
    const best = group.flatMap((one) => this.#universe.satisfying(one, architecture).slice(0, 1));
    const taken = this.#options.followAllVariants ? best : best.slice(0, 1);
    for (const found of taken) this.#enter(found, architecture, reason);
    if (taken.length === 0 && inside.length === 0)
      this.#unsatisfied.push({ of: candidate, field, relation, architecture });
  }

  /** The first member that satisfies the group, as a list of one or none. */
  #insiders(group: RelationGroup, architecture: string): readonly Candidate[] {
    for (const relation of group) {
      const found = this.#membersByName
        .get(relation.name)
        ?.find((one) => satisfies(one.package, relation, architecture));
      if (found !== undefined) return [found];
    }
    return [];
  }
}

function followedFields({ dependencies, recommends, suggests }: ClosureOptions): readonly DependencyField[] {
  if (!dependencies) return [];
  const fields: DependencyField[] = ['Pre-Depends', 'Depends'];
  if (recommends) fields.push('Recommends');
  if (suggests) fields.push('Suggests');
  return fields;
}

/** Leaves out alternatives that are restricted to other architectures (`foo [i386]`). */
function applicable(groups: readonly RelationGroup[], architecture: string): readonly RelationGroup[] {
  return groups
    .map((group) => group.filter((relation) => appliesTo(relation, architecture)))
    .filter((group) => group.length > 0);
}

/** The chain that brought a package, from the request to the package itself. */
export function chainOf(
  member: Candidate,
  members: ReadonlyMap<Candidate, Reason>,
): readonly BinaryPackage[] {
  const chain: BinaryPackage[] = [];
  for (let current: Candidate | undefined = member; current !== undefined; ) {
    chain.unshift(current.package);
    const reason = members.get(current);
    current = reason?.kind === 'dependency' ? reason.of : undefined;
  }
  return chain;
}
