import { digestNames, type FileFacts, strongestDigest } from '../core/digest.ts';
import type { BinaryPackage, PackageFile, SourcePackage } from '../deb/package.ts';
import { baseName } from '../deb/paths.ts';

/** Whether two descriptions of one package name the same content; paths and file names may differ. */
export function holdSameFiles(some: readonly PackageFile[], others: readonly PackageFile[]): boolean {
  if (some.length !== others.length) return false;
  return some.every((one) => others.some((other) => isSameContent(one.facts, other.facts)));
}

/** Only digests that both sides know are compared; there must be one. */
function isSameContent(a: FileFacts, b: FileFacts): boolean {
  const shared = digestNames.filter((name) => a.digests[name] !== undefined && b.digests[name] !== undefined);
  return (
    a.size === b.size && shared.length > 0 && shared.every((name) => a.digests[name] === b.digests[name])
  );
}

export function filesOf(one: BinaryPackage | SourcePackage): readonly PackageFile[] {
  return one.kind === 'source' ? one.files : [one.file];
}

/**
 * Equal for files that need be fetched once: of one content and name, as indexes list them. Digests that prove nothing
 * count for one path.
 */
export function fileId({ name, path, facts: { digests } }: PackageFile): string {
  const { sha256, sha512 } = digests;
  if (sha256 !== undefined) return `${sha256} ${baseName(name)}`;
  if (sha512 !== undefined) return `sha512:${sha512} ${baseName(name)}`;
  return `${strongestDigest(digests)?.hex ?? ''} ${path}`;
}
