import type { PackageFileRecord, PackageRecord } from '../catalog/packages.ts';
import { type Digests, digestNames, type FileFacts } from '../core/digest.ts';
import { invariant } from '../core/errors.ts';
import { filesHash } from '../deb/files-hash.ts';
import { type InstallerPackage, renderInstallerParagraph } from '../deb/installer-package.ts';
import type { BinaryPackage, SourcePackage } from '../deb/package.ts';

/** A file of a package as it lies in the pool, with every digest that keys and indexes need. */
export type WholeFile = PackageFileRecord & { readonly digests: Required<Digests> };

/** A file of which every digest was measured. */
export function wholeFile(name: string, { size, digests }: FileFacts, poolPath: string): WholeFile {
  invariant(
    digestNames.every((digest) => digests[digest] !== undefined),
    `${name} was measured whole`,
  );
  return { name, size, digests: digests as Required<Digests>, poolPath };
}

/**
 * A package as the catalog keeps it: its stanza as it was written, and aptly's key over its files as they are. The key
 * needs more digests than most indexes list; all are known here, so the same files are the same package whatever was listed
 * of them.
 * @param files in the order of the package
 */
export function packageRecord(
  pkg: BinaryPackage | SourcePackage | InstallerPackage,
  files: readonly WholeFile[],
): PackageRecord {
  const { kind, name, version, architecture } = pkg;
  if (pkg.kind !== 'installer')
    return recordNamed(
      { kind, name, version, architecture, stanza: pkg.stanza.raw, filesHash: hashOf(files) },
      files,
    );
  // The paragraph of images is made here; keys are over the names that SHA256SUMS has.
  const listed = files.map((file, position) => ({ ...file, name: pkg.listed[position]?.name ?? file.name }));
  const images = listed.map(({ name, size, digests }) => ({ name, facts: { size, digests } }));
  const paragraph = renderInstallerParagraph(architecture, images);
  const stanza = Buffer.concat([paragraph, Buffer.from('\n')]);
  return recordNamed({ kind, name, version, architecture, stanza, filesHash: hashOf(listed) }, files);
}

/**
 * A package that has its name from elsewhere: what is adopted stays what aptly calls it.
 * @param named.filesHash the last part of aptly's key
 */
export function recordNamed(
  {
    filesHash: hash,
    ...named
  }: Omit<PackageRecord, 'key' | 'files' | 'provides'> & { readonly filesHash: string },
  files: readonly PackageFileRecord[],
): PackageRecord {
  const { kind, name, version, architecture, stanza } = named;
  return {
    key: `P${architecture} ${name} ${version} ${hash}`,
    kind,
    name,
    version,
    architecture,
    stanza,
    files,
  };
}

/** Whether two records are one package: of one key, or of the same files, whatever an older catalog called them. */
export function isSamePackage(a: PackageRecord, b: PackageRecord): boolean {
  return a.key === b.key || contentOf(a) === contentOf(b);
}

function contentOf({ architecture, name, version, files, key }: PackageRecord): string {
  // Without a SHA-256 nothing says that files are the same.
  if (files.some(({ digests }) => digests.sha256 === undefined)) return key;
  const lines = files.map((file) => `${file.name} ${file.size} ${file.digests.sha256}`);
  return [architecture, name, version, ...lines.sort()].join('\n');
}

function hashOf(files: readonly PackageFileRecord[]): string {
  return filesHash(files.map(({ name, size, digests }) => ({ name, facts: { size, digests } })));
}
