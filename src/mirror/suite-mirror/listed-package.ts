import type { PackageFileRecord, PackageRecord } from '../../catalog/packages.ts';
import { filesHash } from '../../deb/files-hash.ts';
import { type InstallerPackage, renderInstallerParagraph } from '../../deb/installer-package.ts';
import { BinaryPackage, type PackageFile, type SourcePackage } from '../../deb/package.ts';
import { withFields } from '../../deb/package-of-deb.ts';
import { baseName } from '../../deb/paths.ts';
import { renderPackageStanza, renderSourceStanza } from '../../deb/render-index.ts';

/** A package as an index of the archive tells of it. */
export type ListedPackage = {
  /** aptly's key over what the index says of the files; it may lack digests that become known later. */
  readonly key: string;
  readonly package: BinaryPackage | SourcePackage | InstallerPackage;
  /** Of installer images: their directory relative to the archive root, with a slash at the end. */
  readonly directory?: string;
};

/** The files of a package, with paths relative to the archive root. */
export function filesOf({ package: pkg, directory = '' }: ListedPackage): readonly PackageFile[] {
  switch (pkg.kind) {
    case 'source':
      return pkg.files;
    case 'installer':
      return pkg.files.map((file) => ({ ...file, path: directory + file.path }));
    default:
      return [pkg.file];
  }
}

/** The name of a file in the pool: the last part of it. */
export function poolName({ name }: Pick<PackageFile, 'name'>): string {
  return baseName(name);
}

/**
 * A package as the catalog keeps it, in the form that aptly gives it: fields in canonical order, base names, and size and
 * all digests of the files as they are.
 * @param files in the order of {@link filesOf}
 */
export function storedPackage(
  { package: pkg }: ListedPackage,
  files: readonly PackageFileRecord[],
): PackageRecord {
  const { kind, name, version, architecture } = pkg;
  const stanza = stanzaOf(pkg, files);
  const named = pkg.kind === 'installer' ? listedNames(pkg, files) : files.map(withFacts);
  const key = `P${architecture} ${name} ${version} ${filesHash(named)}`;
  return { key, kind, name, version, architecture, stanza, files };
}

function stanzaOf(pkg: ListedPackage['package'], files: readonly PackageFileRecord[]): Buffer {
  switch (pkg.kind) {
    case 'source':
      return renderSourceStanza(pkg, pkg.directory, files);
    case 'installer': {
      const paragraph = renderInstallerParagraph(pkg.architecture, listedNames(pkg, files));
      return Buffer.concat([paragraph, Buffer.from('\n')]);
    }
    default: {
      const [file] = files;
      return file === undefined
        ? pkg.stanza.raw
        : renderPackageStanza(ofSize(pkg, file), file.name, file.digests);
    }
  }
}

/** The package with the size that its file has, should the index be wrong. */
function ofSize(pkg: BinaryPackage, { size }: PackageFileRecord): BinaryPackage {
  if (pkg.file.facts.size === size) return pkg;
  const raw = withFields(pkg.stanza, new Set(['size']), [`Size: ${size}`]);
  return BinaryPackage.fromParagraph(raw, { what: pkg.label, kind: pkg.kind, anyVersion: true });
}

type Named = { readonly name: string; readonly facts: PackageFile['facts'] };

function withFacts({ name, size, digests }: PackageFileRecord): Named {
  return { name, facts: { size, digests } };
}

/** Keys are over the names as `SHA256SUMS` has them. */
function listedNames(pkg: InstallerPackage, files: readonly PackageFileRecord[]): readonly Named[] {
  return pkg.listed.map((image, position) => {
    const file = files[position];
    return file === undefined ? image : { name: image.name, facts: withFacts(file).facts };
  });
}
