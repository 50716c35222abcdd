import { EspejoError } from '../core/errors.ts';
import { compareKeys, compareListed, isSameVersion, type Member } from './member.ts';
import { type PackageLookup, type Provision, provisionsOf } from './satisfaction.ts';

/**
 * An immutable list of packages: unique by architecture, name and version, in the order of their keys. The indexes by
 * name and by provided name are made when they are first asked for.
 */
export class PackageSet implements PackageLookup {
  static readonly empty: PackageSet = new PackageSet([]);

  /** In the bytewise order of keys. */
  readonly members: readonly Member[];
  #listed: readonly Member[] | undefined;
  #byName: ReadonlyMap<string, readonly Member[]> | undefined;
  #byProvided: ReadonlyMap<string, readonly Provision[]> | undefined;

  private constructor(members: readonly Member[]) {
    this.members = members;
  }

  /**
   * Equal members collapse; the order of the input does not matter (sorted input is quicker).
   * @throws E_PACKAGE_CONFLICT for two packages of one architecture, name and version with different content
   */
  static of(members: Iterable<Member>): PackageSet {
    const sorted = inKeyOrder(Array.from(members));
    const unique: Member[] = [];
    // Keys begin with architecture, name and version, so packages that share them are neighbours.
    for (const member of sorted) {
      const last = unique.at(-1);
      if (last?.key === member.key) continue;
      if (last !== undefined && isSameVersion(last, member)) throw conflict(member);
      unique.push(member);
    }
    return new PackageSet(unique);
  }

  get size(): number {
    return this.members.length;
  }

  [Symbol.iterator](): IterableIterator<Member> {
    return this.members.values();
  }

  /** In the order in which lists are printed: name, version descending, architecture. */
  get listed(): readonly Member[] {
    this.#listed ??= this.members.toSorted(compareListed);
    return this.#listed;
  }

  /** Version descending, then architecture. */
  named(name: string): readonly Member[] {
    this.#byName ??= grouped(this.members);
    return this.#byName.get(name) ?? [];
  }

  /** What provides a name, in listing order. */
  providing(name: string): readonly Provision[] {
    this.#byProvided ??= groupedProvisions(this.members);
    return this.#byProvided.get(name) ?? [];
  }

  /** The one package of that name, exact version text and architecture. */
  get(name: string, version: string, architecture: string): Member | undefined {
    return this.named(name).find(
      ({ package: pkg }) => pkg.version === version && pkg.architecture === architecture,
    );
  }

  has(member: Member): boolean {
    const { name, version, architecture } = member.package;
    return this.get(name, version, architecture)?.key === member.key;
  }
}

/**
 * All packages of several lists.
 * @throws E_PACKAGE_CONFLICT
 */
export function unionOf(sets: readonly PackageSet[]): PackageSet {
  const [only] = sets;
  return only !== undefined && sets.length === 1 ? only : PackageSet.of(sets.flatMap((set) => set.members));
}

function inKeyOrder(members: Member[]): readonly Member[] {
  const sorted = members.every((member, position) => {
    const before = members[position - 1];
    return before === undefined || before.key <= member.key;
  });
  return sorted ? members : members.sort(compareKeys);
}

function conflict({ package: { label } }: Member): EspejoError {
  return new EspejoError('E_PACKAGE_CONFLICT', `package already exists and is different: ${label}`, {
    context: { package: label },
  });
}

function grouped(members: readonly Member[]): ReadonlyMap<string, readonly Member[]> {
  const groups = new Map<string, Member[]>();
  for (const member of members) append(groups, member.package.name, member);
  for (const group of groups.values()) if (group.length > 1) group.sort(compareListed);
  return groups;
}

function groupedProvisions(members: readonly Member[]): ReadonlyMap<string, readonly Provision[]> {
  const groups = new Map<string, Provision[]>();
  for (const member of members) {
    for (const [name, provision] of provisionsOf(member)) append(groups, name, provision);
  }
  for (const group of groups.values()) group.sort((a, b) => compareListed(a.member, b.member));
  return groups;
}

function append<Value>(groups: Map<string, Value[]>, name: string, value: Value): void {
  const group = groups.get(name);
  if (group === undefined) groups.set(name, [value]);
  else group.push(value);
}
