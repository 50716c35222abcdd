import { compareVersions } from '../deb/version.ts';
import { isSameSlot, type Member } from './member.ts';
import { PackageSet } from './package-set.ts';

/** Of each name and architecture the highest version; of versions that compare equal the first in key order. */
export function keepLatest(set: PackageSet): PackageSet {
  const latest: Member[] = [];
  // Keys begin with architecture and name, so the versions of a package are neighbours.
  for (const member of set) {
    const before = latest.at(-1);
    if (before === undefined || !isSameSlot(before, member)) latest.push(member);
    else if (compareVersions(member.package.version, before.package.version) > 0)
      latest[latest.length - 1] = member;
  }
  return PackageSet.of(latest);
}
