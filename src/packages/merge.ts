import { invariant } from '../core/errors.ts';
import { keepLatest } from './latest.ts';
import { compareKeys, isSameSlot, isSameVersion, type Member, SlotMap } from './member.ts';
import { PackageSet } from './package-set.ts';

export type MergeOptions = {
  /**
   * - `override` (default): the last source that has a name of an architecture decides all its versions
   * - `all`: every version of every source (`-no-remove`)
   * - `latest`: of every name and architecture the highest version (`-latest`)
   */
  readonly keep?: 'override' | 'all' | 'latest';
  /**
   * With `override`, exactly aptly's walk: versions of a left source survive beside the overriding ones when the right
   * source ends there, or when both have the same version. Default false.
   */
  readonly aptlyTail?: boolean;
};

/** Merges lists; of two packages of one architecture, name and version with different content the later one stays. */
export function mergeSets(sources: readonly PackageSet[], options: MergeOptions = {}): PackageSet {
  const { keep = 'override', aptlyTail = false } = options;
  switch (keep) {
    case 'all':
      return uniteSets(sources);
    case 'latest':
      return keepLatest(uniteSets(sources));
    case 'override':
      return aptlyTail ? sources.reduce(walkAsAptly, PackageSet.empty) : overrideSets(sources);
  }
}

function uniteSets(sources: readonly PackageSet[]): PackageSet {
  const united: Member[] = [];
  // Equal keys and different packages of one version come as neighbours.
  for (const member of sources.flatMap(({ members }) => members).sort(compareKeys)) {
    const before = united.at(-1);
    if (before === undefined || !isSameVersion(before, member)) united.push(member);
    else if (before.key === member.key || rankOf(member, sources) > rankOf(before, sources))
      united[united.length - 1] = member;
  }
  return PackageSet.of(united);
}

/** The position of the last source that has a package. */
function rankOf(member: Member, sources: readonly PackageSet[]): number {
  return sources.findLastIndex((source) => source.has(member));
}

function overrideSets(sources: readonly PackageSet[]): PackageSet {
  const owners = new SlotMap<PackageSet>();
  for (const source of sources) {
    for (const member of source) owners.set(member, source);
  }
  return PackageSet.of(
    // A source that is given twice owns its slots once.
    Array.from(new Set(sources)).flatMap((source) =>
      source.members.filter((member) => owners.get(member) === source),
    ),
  );
}

/** The walk of two lists in key order of spec/semantics.md 5.1, row by row. */
function walkAsAptly(left: PackageSet, right: PackageSet): PackageSet {
  const merged = new Map<string, Member>();
  const emit = (member: Member): void => void merged.set(member.package.label, member);
  let l = 0;
  let r = 0;
  let overridden: Member | undefined;
  while (l < left.size && r < right.size) {
    const [ours, theirs] = [left.members[l], right.members[r]];
    invariant(ours !== undefined && theirs !== undefined, 'both lists have more');
    const sameSlot = isSameSlot(ours, theirs);
    if (isSameVersion(ours, theirs)) {
      emit(theirs);
      l += 1;
      r += 1;
      overridden = undefined;
    } else if (overridden !== undefined && isSameSlot(ours, overridden)) {
      l += 1;
    } else if (sameSlot) {
      emit(theirs);
      l += 1;
      r += 1;
      overridden = ours;
    } else if (compareKeys(ours, theirs) < 0) {
      emit(ours);
      l += 1;
    } else {
      emit(theirs);
      r += 1;
      overridden = undefined;
    }
  }
  // aptly would list a version twice when it is in both; the later source's stays.
  for (const member of left.members.slice(l)) if (!merged.has(member.package.label)) emit(member);
  for (const member of right.members.slice(r)) emit(member);
  return PackageSet.of(merged.values());
}
