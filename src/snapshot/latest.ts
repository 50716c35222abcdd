import { compareVersions } from '../deb/version.ts';
import { type Member, slotOf } from './member.ts';
import { PackageSet } from './package-set.ts';

/** Of each name and architecture the highest version; of versions that compare equal the first in key order. */
export function keepLatest(set: PackageSet): PackageSet {
  const latest = new Map<string, Member>();
  for (const member of set) {
    const slot = slotOf(member);
    const before = latest.get(slot);
    if (before === undefined || compareVersions(member.package.version, before.package.version) > 0) {
      latest.set(slot, member);
    }
  }
  return PackageSet.of(latest.values());
}
