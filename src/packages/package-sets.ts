import type { Catalog } from '../catalog/contract.ts';
import type { ListId, PackageRecord } from '../catalog/packages.ts';
import { invariant } from '../core/errors.ts';
import { InstallerPackage } from '../deb/installer-package.ts';
import { BinaryPackage, SourcePackage } from '../deb/package.ts';
import type { Member } from './member.ts';
import { PackageSet } from './package-set.ts';

/** A member of a set with what the catalog keeps of it. */
class StoredMember implements Member {
  readonly key: string;
  readonly package: Member['package'];
  readonly record: PackageRecord;

  constructor(record: PackageRecord) {
    this.key = record.key;
    this.package = packageOf(record);
    this.record = record;
  }
}

type Lists = { readonly catalog: Pick<Catalog, 'packages' | 'keepList'> };

/**
 * The packages of a kept list; of an object that has none yet (null) no packages.
 * @throws E_CATALOG; E_PACKAGE_CONFLICT when the list holds a version twice with different content
 */
export async function loadPackageSet({ catalog }: Lists, list: ListId | null): Promise<PackageSet> {
  if (list === null) return PackageSet.empty;
  return PackageSet.of((await catalog.packages(list)).map(memberOf));
}

/** Keeps a set as a list; its members come from {@link loadPackageSet} or {@link memberOf}. */
export async function keepPackageSet({ catalog }: Lists, set: PackageSet): Promise<ListId> {
  return await catalog.keepList(set.members.map(recordOf));
}

/** A package of the catalog as a member of sets. @throws E_INDEX_SYNTAX */
export function memberOf(record: PackageRecord): Member {
  return new StoredMember(record);
}

/** The record that a member was made from. */
export function recordOf(member: Member): PackageRecord {
  invariant(member instanceof StoredMember, 'the member comes from the catalog');
  return member.record;
}

const what = 'the catalog';

function packageOf(record: PackageRecord): Member['package'] {
  const { kind } = record;
  switch (kind) {
    case 'source':
      return SourcePackage.kept(record, { what });
    case 'installer':
      return InstallerPackage.fromParagraph(record.stanza, { what });
    default:
      return BinaryPackage.kept(record, kind, { what });
  }
}
