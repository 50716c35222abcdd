import { comparePackages } from '../deb/render-index.ts';
import type { NamedPackage } from '../packages/named-package.ts';

export type { NamedPackage };

/** `<name>_<version>_<architecture>`, the version with its epoch (spec/cli.md 1.5). */
export function packageLabel({ name, version, architecture }: NamedPackage): string {
  return `${name}_${version}_${architecture}`;
}

/** Packages in the order of listings: name by bytes, version descending, architecture (spec/cli.md 1.5). */
export function inListingOrder<Package extends NamedPackage>(
  packages: readonly Package[],
): readonly Package[] {
  return packages.toSorted(comparePackages);
}

/** The `Packages` of JSON objects: labels in plain byte order (they are ASCII), unlike listings. */
export function packageLabelsByBytes(packages: readonly NamedPackage[]): readonly string[] {
  return packages.map(packageLabel).toSorted();
}

/** `Packages:` and the labels of the text form of objects. */
export function packageSection(packages: readonly NamedPackage[]): readonly string[] {
  return ['Packages:', ...inListingOrder(packages).map((one) => `  ${packageLabel(one)}`)];
}
