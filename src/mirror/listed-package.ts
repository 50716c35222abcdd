import type { InstallerPackage } from '../deb/installer-package.ts';
import type { BinaryPackage, PackageFile, SourcePackage } from '../deb/package.ts';

/** A package as an index of the archive tells of it. */
export type ListedPackage = {
  /** aptly's key over what the index says of the files; it may lack digests that become known later. */
  readonly key: string;
  readonly package: BinaryPackage | SourcePackage | InstallerPackage;
  /** Of installer images: their directory relative to the archive root, with a slash at the end. */
  readonly directory?: string;
};

/** The files of a package, with paths relative to the archive root. */
export function listedFiles({ package: pkg, directory = '' }: ListedPackage): readonly PackageFile[] {
  switch (pkg.kind) {
    case 'source':
      return pkg.files;
    case 'installer':
      return pkg.files.map((file) => ({ ...file, path: directory + file.path }));
    default:
      return [pkg.file];
  }
}
