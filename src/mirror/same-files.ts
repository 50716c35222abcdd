import { digestNames, type FileFacts } from '../core/digest.ts';
import type { BinaryPackage, PackageFile, SourcePackage } from '../deb/package.ts';

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
