import type { BinaryPackage, SourcePackage } from '../deb/package.ts';
import type { Relation } from '../deb/relations.ts';
import { compareVersions, satisfiesVersion } from '../deb/version.ts';
import { filesOf, holdSameFiles } from './same-files.ts';

/** Where a package is listed. */
export type Origin<Package> = {
  /** Position of the suite in the configuration of the mirror. */
  readonly suite: number;
  readonly component: string;
  /** The package as that suite describes it. */
  readonly package: Package;
  /** What else the place says of it, with other files; absent when it says one thing, as it should. */
  readonly alternatives?: readonly Package[];
};

/** One name, version and architecture, with all places that list it. */
export type Candidate = {
  /** As the first place describes it; others may have different files, see {@link variantsOf}. */
  readonly package: BinaryPackage;
  readonly origins: readonly Origin<BinaryPackage>[];
};

export type SourceCandidate = {
  readonly package: SourcePackage;
  readonly origins: readonly Origin<SourcePackage>[];
};

type Provider = { readonly candidate: Candidate; readonly version: string | undefined };

/** Everything that the indexes of one mirror offer, over all its suites and components together. */
export class Universe {
  readonly #byName = new Map<string, Candidate[]>();
  readonly #providers = new Map<string, Provider[]>();
  readonly #sources = new Map<string, SourceCandidate>();
  readonly #sorted = new Map<string, readonly Candidate[]>();
  readonly #contested = new Set<Candidate | SourceCandidate>();
  #size = 0;

  /** Number of distinct binary packages. */
  get size(): number {
    return this.#size;
  }

  /** Whether one place lists it several times with different files; {@link Universe.choose} says which are used. */
  isConflicting(one: Candidate | SourceCandidate): boolean {
    return this.#contested.has(one);
  }

  /** All that is said of packages that one place lists several times with different files. */
  *contested(): Generator<BinaryPackage | SourcePackage> {
    for (const { origins } of this.#contested)
      for (const origin of origins) yield* offersOf<BinaryPackage | SourcePackage>(origin);
  }

  /**
   * Decides what is used of packages that one place lists several times with different files; before that the first is.
   * @param pick the position among what the place says of the package, what is in use first; -1 leaves it
   * @returns whether something else is used now
   */
  choose(pick: (offers: readonly (BinaryPackage | SourcePackage)[]) => number): boolean {
    let hasChanged = false;
    for (const one of this.#contested) {
      const before = one.package;
      const isChanged =
        before.kind === 'source' ? repick(one as SourceCandidate, pick) : repick(one as Candidate, pick);
      hasChanged ||= isChanged;
      if (!isChanged || before.kind === 'source') continue;
      this.#forgetProvided(one as Candidate, before);
      this.#indexProvided(one as Candidate);
    }
    return hasChanged;
  }

  names(): IterableIterator<string> {
    return this.#byName.keys();
  }

  providedNames(): IterableIterator<string> {
    return this.#providers.keys();
  }

  add(origin: Origin<BinaryPackage>): void {
    const added = origin.package;
    const namesakes = this.#byName.get(added.name);
    const same = namesakes?.find(
      (one) => one.package.version === added.version && one.package.architecture === added.architecture,
    );
    if (same !== undefined) {
      if (isContestedBy(same, origin)) this.#contested.add(same);
      return;
    }
    const candidate: Candidate = { package: added, origins: [origin] };
    if (namesakes === undefined) this.#byName.set(added.name, [candidate]);
    else namesakes.push(candidate);
    this.#sorted.delete(added.name);
    this.#size += 1;
    this.#indexProvided(candidate);
  }

  addSource(origin: Origin<SourcePackage>): void {
    const key = sourceKey(origin.package.name, origin.package.version);
    const same = this.#sources.get(key);
    if (same === undefined) {
      this.#sources.set(key, { package: origin.package, origins: [origin] });
      return;
    }
    if (isContestedBy(same, origin)) this.#contested.add(same);
  }

  #indexProvided(candidate: Candidate): void {
    for (const { name, version } of candidate.package.provides) {
      const providers = this.#providers.get(name);
      if (providers === undefined) this.#providers.set(name, [{ candidate, version }]);
      else providers.push({ candidate, version });
    }
  }

  #forgetProvided(candidate: Candidate, before: BinaryPackage): void {
    for (const { name } of before.provides) {
      const others = (this.#providers.get(name) ?? []).filter((one) => one.candidate !== candidate);
      if (others.length > 0) this.#providers.set(name, others);
      else this.#providers.delete(name);
    }
  }

  *candidates(): Generator<Candidate> {
    for (const namesakes of this.#byName.values()) yield* namesakes;
  }

  /** All versions and architectures of a name, newest first. */
  named(name: string): readonly Candidate[] {
    const known = this.#sorted.get(name);
    if (known !== undefined) return known;
    const sorted = (this.#byName.get(name) ?? []).toSorted(newestFirst);
    if (sorted.length > 0) this.#sorted.set(name, sorted);
    return sorted;
  }

  /** The packages that provide a name. */
  providersOf(name: string): readonly Candidate[] {
    return (this.#providers.get(name) ?? []).map(({ candidate }) => candidate);
  }

  source(name: string, version: string): SourceCandidate | undefined {
    return this.#sources.get(sourceKey(name, version));
  }

  /**
   * The packages that satisfy one relation of a package that is installed on `architecture`, best first: real
   * packages before providers, the own architecture before foreign ones, the newest first; providers by
   * priority and name. Debian policy 7.1, 7.5; multiarch specification.
   */
  satisfying(relation: Relation, architecture: string): readonly Candidate[] {
    const ownFirst = preferArchitecture(architecture);
    const real = this.named(relation.name)
      .filter(
        (one) =>
          fitsArchitecture(one.package, relation, architecture) && fitsVersion(one.package.version, relation),
      )
      .toSorted((a, b) => ownFirst(a, b) || newestFirst(a, b));
    const providers = (this.#providers.get(relation.name) ?? [])
      .filter(
        (one) =>
          fitsArchitecture(one.candidate.package, relation, architecture) && providesFit(one, relation),
      )
      .map(({ candidate }) => candidate)
      .toSorted(
        (a, b) =>
          byPriority(a, b) ||
          compareText(a.package.name, b.package.name) ||
          ownFirst(a, b) ||
          newestFirst(a, b),
      );
    return [...new Set([...real, ...providers])];
  }
}

/**
 * The package with each content under which places list it: archives that build the same version anew for each suite
 * (Docker, HashiCorp, packagecloud) have several, which may need different things.
 */
export function variantsOf({ package: first, origins }: Candidate): readonly BinaryPackage[] {
  const variants = [first];
  if (origins.length === 1) return variants;
  for (const { package: other } of origins) {
    if (!variants.some((one) => one === other || holdSameFiles([one.file], [other.file])))
      variants.push(other);
  }
  return variants;
}

/** Whether a package satisfies a relation of a package on `architecture`. */
export function satisfies(one: BinaryPackage, relation: Relation, architecture: string): boolean {
  if (!fitsArchitecture(one, relation, architecture)) return false;
  if (one.name === relation.name && fitsVersion(one.version, relation)) return true;
  return one.provides.some(({ name, version }) => name === relation.name && fitsVersion(version, relation));
}

/** What one place says of one package are tried one after the other, so there is an end to it. */
const maxAlternatives = 8;

/** Adds what another place says, or the same place once more; true when that has different files. */
function isContestedBy<Package extends BinaryPackage | SourcePackage>(
  { origins }: { readonly origins: readonly Origin<Package>[] },
  added: Origin<Package>,
): boolean {
  const position = origins.findIndex((one) => isSamePlace(one, added));
  const here = origins[position];
  const mutable = origins as Origin<Package>[];
  if (here === undefined) {
    mutable.push(added);
    return false;
  }
  const files = filesOf(added.package);
  if (offersOf(here).some((one) => holdSameFiles(filesOf(one), files))) return false;
  const alternatives = [...(here.alternatives ?? []), added.package].slice(0, maxAlternatives);
  mutable[position] = { ...here, alternatives };
  return true;
}

/** Sets what is used of a package at each place that is of several minds; true when that was something else before. */
function repick<Package extends BinaryPackage | SourcePackage>(
  one: { readonly package: Package; readonly origins: readonly Origin<Package>[] },
  pick: (offers: readonly Package[]) => number,
): boolean {
  const origins = one.origins.map((origin) => {
    const offers = offersOf(origin);
    const chosen = offers.length === 1 ? undefined : offers[pick(offers)];
    if (chosen === undefined || chosen === origin.package) return origin;
    return { ...origin, package: chosen, alternatives: offers.filter((other) => other !== chosen) };
  });
  const isChanged = origins.some((origin, position) => origin !== one.origins[position]);
  if (isChanged) Object.assign(one, { origins, package: origins[0]?.package });
  return isChanged;
}

function offersOf<Package>({ package: one, alternatives = [] }: Origin<Package>): readonly Package[] {
  return [one, ...alternatives];
}

function isSamePlace(a: Origin<unknown>, b: Origin<unknown>): boolean {
  return a.suite === b.suite && a.component === b.component;
}

function sourceKey(name: string, version: string): string {
  return `${name} ${version}`;
}

function fitsArchitecture(one: BinaryPackage, { qualifier }: Relation, architecture: string): boolean {
  const own = one.architecture === architecture || one.architecture === 'all';
  switch (qualifier) {
    case undefined:
    case 'native':
      return own || one.multiArch === 'foreign';
    case 'any':
      return one.multiArch === 'allowed';
    default:
      return one.architecture === qualifier || (one.architecture === 'all' && qualifier === architecture);
  }
}

/** A provided name without a version satisfies no versioned relation (policy 7.5). */
function providesFit({ version }: Provider, relation: Relation): boolean {
  return fitsVersion(version, relation);
}

function fitsVersion(version: string | undefined, { constraint }: Relation): boolean {
  if (constraint === undefined) return true;
  return version !== undefined && satisfiesVersion(version, constraint.operator, constraint.version);
}

/** The newest first; equal versions may be spelled differently, and the order must not depend on the indexes. */
function newestFirst(a: Candidate, b: Candidate): number {
  return (
    compareVersions(b.package.version, a.package.version) ||
    compareText(a.package.architecture, b.package.architecture) ||
    compareText(a.package.version, b.package.version)
  );
}

/** By name, the newest first: an order that does not depend on that of the indexes. */
export function byNameNewestFirst(a: Candidate, b: Candidate): number {
  return compareText(a.package.name, b.package.name) || newestFirst(a, b);
}

function preferArchitecture(architecture: string): (a: Candidate, b: Candidate) => number {
  const rank = ({ package: { architecture: own } }: Candidate): number =>
    own === architecture ? 0 : own === 'all' ? 0 : 1;
  return (a, b) => rank(a) - rank(b);
}

const priorities: readonly string[] = ['required', 'important', 'standard', 'optional', 'extra'];

function byPriority(a: Candidate, b: Candidate): number {
  return priorityRank(a) - priorityRank(b);
}

function priorityRank({ package: { priority } }: Candidate): number {
  const rank = priorities.indexOf(priority);
  return rank === -1 ? priorities.length : rank;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
