import type { Catalog, MirrorState } from '../catalog/contract.ts';
import { invariant } from '../core/errors.ts';
import { BinaryPackage, type PackageFile, SourcePackage } from '../deb/package.ts';
import { withFields } from '../deb/package-of-deb.ts';
import { fileKey, type PlannedFile } from './plan.ts';
import { filesOf } from './same-files.ts';

/**
 * The SHA-256 of files that their index lists by SHA-512 alone, by {@link fileKey}: the pool and what is published need
 * it. It is measured when a file comes, and known from the last sync after that.
 */
export type PoolDigests = ReadonlyMap<string, string>;

/** What the last sync measured of the files of a plan. The lists are read only when the plan needs them. */
export async function knownDigests(
  catalog: Pick<Catalog, 'packages'>,
  known: MirrorState | undefined,
  files: readonly PlannedFile[],
): Promise<PoolDigests> {
  const digests = new Map<string, string>();
  if (files.every(({ file }) => file.facts.digests.sha256 !== undefined)) return digests;
  for (const { list } of (known?.suites ?? []).flatMap(({ components }) => components)) {
    for (const { name, digests: measured } of (await catalog.packages(list)).flatMap((one) => one.files)) {
      const { sha256, sha512 } = measured;
      if (sha256 === undefined || sha512 === undefined) continue;
      digests.set(fileKey({ name, path: name, facts: { size: 0, digests: { sha512 } } }), sha256);
    }
  }
  return digests;
}

/** A planned file with its SHA-256, if that is known. */
export function withDigest(planned: PlannedFile, digests: PoolDigests): PlannedFile {
  return { ...planned, file: fileWith(planned.file, digests) };
}

/** A package of which all files are known by SHA-256, its stanza included. */
export function completed<Package extends BinaryPackage | SourcePackage>(
  one: Package,
  digests: PoolDigests,
): BinaryPackage | SourcePackage {
  const listed = filesOf(one);
  if (listed.every(({ facts }) => facts.digests.sha256 !== undefined)) return one;
  const files = listed.map((file) => fileWith(file, digests));
  const what = { what: one.label };
  if (one.kind === 'source') {
    const lines = files.map(({ name, facts }) => ` ${sha256Of(facts)} ${facts.size} ${name}`);
    const raw = withFields(one.stanza, new Set(['checksums-sha256']), ['Checksums-Sha256:', ...lines, '']);
    return SourcePackage.fromParagraph(raw, what);
  }
  const [file] = files;
  invariant(file !== undefined, 'a binary package has one file');
  const raw = withFields(one.stanza, new Set(['sha256']), [`SHA256: ${sha256Of(file.facts)}`, '']);
  return BinaryPackage.fromParagraph(raw, { ...what, kind: one.kind });
}

function fileWith(file: PackageFile, digests: PoolDigests): PackageFile {
  const sha256 = file.facts.digests.sha256 ?? digests.get(fileKey(file));
  if (sha256 === undefined) return file;
  return { ...file, facts: { ...file.facts, digests: { ...file.facts.digests, sha256 } } };
}

function sha256Of({ digests: { sha256 } }: PackageFile['facts']): string {
  invariant(sha256 !== undefined, 'what is committed was measured');
  return sha256;
}
