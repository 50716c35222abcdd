import type { GoJson } from '../../go/go-json.ts';
import { type NamedPackage, packageLabelsByBytes, packageSection } from '../package-text.ts';

/** What the text forms of an object say of its packages. */
export type PackageFacts = {
  readonly packageCount: number;
  /** Only for `-with-packages`. */
  readonly packages?: readonly NamedPackage[] | undefined;
};

/** `Packages:` and its lines, when they were asked for. */
export function packageLines(packages: readonly NamedPackage[] | undefined): readonly string[] {
  return packages === undefined ? [] : packageSection(packages);
}

/** The `Packages` of a JSON object; Go leaves an empty list out here. */
export function packageMember(packages: readonly NamedPackage[] | undefined): GoJson | undefined {
  return packages === undefined || packages.length === 0 ? undefined : packageLabelsByBytes(packages);
}

/** Lists that are empty are nil in aptly's database. */
export function nilList(items: readonly string[]): readonly string[] | null {
  return items.length === 0 ? null : items;
}

export function yesNo(value: boolean): 'yes' | 'no' {
  return value ? 'yes' : 'no';
}

export type Listing = {
  readonly title: string;
  /** One line an object, in the order of the list. */
  readonly items: readonly string[];
  readonly hint: string;
  /** What is said instead when there is nothing. */
  readonly none: string;
};

/** The plain form of `mirror list`, `repo list` and `snapshot list`. */
export function listing({ title, items, hint, none }: Listing): readonly string[] {
  if (items.length === 0) return [none];
  return [title, ...items.map((item) => ` * ${item}`), '', hint];
}
