import type { InstallerPackage } from '../deb/installer-package.ts';
import type { BinaryPackage, SourcePackage } from '../deb/package.ts';
import { comparePackages } from '../deb/render-index.ts';

/** A package of a list, with what names it across lists. */
export type Member = {
  /** aptly's package key; equal keys mean equal packages. */
  readonly key: string;
  readonly package: BinaryPackage | SourcePackage | InstallerPackage;
};

/** The order in which lists are printed: name, version descending, architecture; the key decides a tie. */
export function compareListed(a: Member, b: Member): number {
  return comparePackages(a.package, b.package) || compareKeys(a, b);
}

/** Keys are ASCII, so the order of code units is the order of bytes. */
export function compareKeys(a: Member, b: Member): number {
  if (a.key === b.key) return 0;
  return a.key < b.key ? -1 : 1;
}

/** Whether one can be a new version of the other: the same name and architecture. */
export function isSameSlot({ package: a }: Member, { package: b }: Member): boolean {
  return a.name === b.name && a.architecture === b.architecture;
}

export function isSameVersion(a: Member, b: Member): boolean {
  return isSameSlot(a, b) && a.package.version === b.package.version;
}

/** Something for each name and architecture. */
export class SlotMap<Value> {
  readonly #byArchitecture = new Map<string, Map<string, Value>>();

  get({ package: { architecture, name } }: Member): Value | undefined {
    return this.#byArchitecture.get(architecture)?.get(name);
  }

  set({ package: { architecture, name } }: Member, value: Value): void {
    const names = this.#byArchitecture.get(architecture);
    if (names === undefined) this.#byArchitecture.set(architecture, new Map([[name, value]]));
    else names.set(name, value);
  }
}

/** Whether a package is installed on an architecture: `all` is on every one but `source`. */
export function isFor({ package: { architecture: own } }: Member, architecture: string): boolean {
  return own === architecture || (own === 'all' && architecture !== 'source');
}
