import type { Relation } from '../deb/relations.ts';
import { satisfiesVersion } from '../deb/version.ts';
import { isFor, type Member } from './member.ts';

/** A relation that is asked for one architecture: what {@link Relation} becomes when its package is looked at there. */
export type Dependency = Pick<Relation, 'name' | 'constraint'> & { readonly architecture: string };

/** A package that provides a name, and the version under which it does. */
export type Provision = { readonly member: Member; readonly version: string };

/** Where packages are found that may satisfy a dependency. */
export type PackageLookup = {
  named(name: string): readonly Member[];
  providing(name: string): readonly Provision[];
};

/**
 * A name that is provided without version is provided in the version of the package, as in aptly: so it satisfies
 * versioned relations too, which it does not for dpkg and apt. Lists made with aptly rely on it.
 */
export function provisionsOf(member: Member): readonly (readonly [name: string, provision: Provision])[] {
  const { package: pkg } = member;
  if (pkg.kind === 'source' || pkg.kind === 'installer') return [];
  return pkg.provides.map(({ name, version = pkg.version }) => [name, { member, version }]);
}

export function isSatisfied(lookup: PackageLookup, dependency: Dependency): boolean {
  return (
    lookup.named(dependency.name).some((member) => isMet(dependency, member, member.package.version)) ||
    lookup.providing(dependency.name).some(({ member, version }) => isMet(dependency, member, version))
  );
}

/** What satisfies a dependency: packages of that name first, then those that provide it, each once. */
export function satisfying(lookup: PackageLookup, dependency: Dependency): readonly Member[] {
  const found = new Set<Member>();
  for (const member of lookup.named(dependency.name)) {
    if (isMet(dependency, member, member.package.version)) found.add(member);
  }
  for (const { member, version } of lookup.providing(dependency.name)) {
    if (isMet(dependency, member, version)) found.add(member);
  }
  return Array.from(found);
}

/** `name (op version) [architecture]`, as `snapshot verify` prints it; equal texts are equal dependencies. */
export function printDependency({ name, constraint, architecture }: Dependency): string {
  const condition = constraint === undefined ? '' : ` (${constraint.operator} ${constraint.version})`;
  return `${name}${condition} [${architecture}]`;
}

function isMet({ constraint, architecture }: Dependency, member: Member, version: string): boolean {
  if (!isFor(member, architecture)) return false;
  return constraint === undefined || satisfiesVersion(version, constraint.operator, constraint.version);
}
