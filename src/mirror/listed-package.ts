import type { InstallerPackage } from '../deb/installer-package.ts';
import type { BinaryPackage, PackageFile, SourcePackage } from '../deb/package.ts';
import type { Job } from '../packages/events.ts';

/** A package as an index of the archive tells of it. */
export type ListedPackage = {
  /** aptly's key over what the index says of the files; it may lack digests that become known later. */
  readonly key: string;
  readonly package: BinaryPackage | SourcePackage | InstallerPackage;
  /** Of installer images: their directory relative to the archive root, with a slash at the end. */
  readonly directory?: string;
};

/** The files of a package, with paths relative to the archive root. */
export function listedFiles({
  package: pkg,
  directory = '',
}: Pick<ListedPackage, 'package' | 'directory'>): readonly PackageFile[] {
  switch (pkg.kind) {
    case 'source':
      return pkg.files;
    case 'installer':
      return pkg.files.map((file) => ({ ...file, path: directory + file.path }));
    default:
      return [pkg.file];
  }
}

/** Packages of which the indexes say several things, with other files: by what is used all of it, that included. */
export type Contested = ReadonlyMap<ListedPackage, readonly ListedPackage[]>;

/** What is said of one package is tried one after the other, so there is an end to it. */
const maxOffers = 9;

/**
 * The packages of all indexes by architecture, name and version. Of two with different files the first counts, as long as
 * nobody chooses another.
 */
export class ListedPackages {
  readonly #first = new Map<string, ListedPackage>();
  readonly #offers = new Map<ListedPackage, ListedPackage[]>();
  readonly #report: Job['report'];

  constructor({ report }: Pick<Job, 'report'>) {
    this.#report = report;
  }

  get packages(): readonly ListedPackage[] {
    return Array.from(this.#first.values());
  }

  get contested(): Contested {
    return this.#offers;
  }

  add(one: ListedPackage): void {
    const { architecture, name, version, label } = one.package;
    const place = `${architecture} ${name} ${version}`;
    const before = this.#first.get(place);
    if (before === undefined) {
      this.#first.set(place, one);
      return;
    }
    if (before.key === one.key) return;
    this.#report({ type: 'duplicate', package: label });
    const offers = this.#offers.get(before) ?? [before];
    if (offers.length < maxOffers && offers.every(({ key }) => key !== one.key)) offers.push(one);
    this.#offers.set(before, offers);
  }
}
