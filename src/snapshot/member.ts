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

/** What a new version of a package replaces: equal for packages of one name and architecture. */
export function slotOf({ package: { architecture, name } }: Member): string {
  return `${architecture} ${name}`;
}

/** Whether a package is installed on an architecture: `all` is on every one but `source`. */
export function isFor({ package: { architecture: own } }: Member, architecture: string): boolean {
  return own === architecture || (own === 'all' && architecture !== 'source');
}
