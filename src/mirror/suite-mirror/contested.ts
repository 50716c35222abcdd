import { fileId } from './download-queue.ts';
import { filesOf, type ListedPackage } from './listed-package.ts';

/** Packages of which the indexes say several things, with other files: by what is used all of it, that included. */
export type Contested = ReadonlyMap<ListedPackage, readonly ListedPackage[]>;

type Choice = {
  readonly packages: readonly ListedPackage[];
  readonly contested: Contested;
  /** What is used now and was not before. */
  readonly taken: readonly ListedPackage[];
};

/**
 * Decides what is used of packages of which indexes say several things. Pure.
 * @param fits whether something can be used, by the ids of its files; if nothing does, all stays as it is
 */
export function choose(
  packages: readonly ListedPackage[],
  contested: Contested,
  fits: (fileIds: readonly string[]) => boolean,
): Choice {
  if (contested.size === 0) return { packages, contested, taken: [] };
  const taken: ListedPackage[] = [];
  const rekeyed = new Map<ListedPackage, readonly ListedPackage[]>();
  const chosen = packages.map((one) => {
    const offers = contested.get(one);
    if (offers === undefined) return one;
    const isFit = (offer: ListedPackage): boolean => fits(filesOf(offer).map(fileId));
    const pick = isFit(one) ? one : (offers.find(isFit) ?? one);
    if (pick !== one) taken.push(pick);
    rekeyed.set(pick, offers);
    return pick;
  });
  return { packages: chosen, contested: rekeyed, taken };
}

/** The ids of files that no package needs but those of which indexes say several things. */
export function contestedFiles(
  packages: readonly ListedPackage[],
  contested: Contested,
): ReadonlySet<string> {
  if (contested.size === 0) return new Set();
  const all = (some: readonly ListedPackage[]): Set<string> => new Set(some.flatMap(filesOf).map(fileId));
  return all([...contested.keys()]).difference(all(packages.filter((one) => !contested.has(one))));
}

/** Says what a mirror takes of what is listed. */
export type Select = (listed: readonly ListedPackage[]) => readonly ListedPackage[];

/**
 * Packages that are not taken, but would be if something else that is said of them were true: which is, their files tell. Pure.
 * @param fits whether something may be true, by the ids of its files
 */
export function inQuestion(
  listed: readonly ListedPackage[],
  {
    contested,
    taken,
    select,
  }: {
    readonly contested: Contested;
    readonly taken: readonly ListedPackage[];
    readonly select: Select;
  },
  fits: (fileIds: readonly string[]) => boolean,
): readonly ListedPackage[] {
  const isTaken = new Set(taken);
  const open = new Map<ListedPackage, readonly ListedPackage[]>();
  for (const [pick, offers] of contested) {
    const others = offers.filter((one) => one !== pick && fits(filesOf(one).map(fileId)));
    if (!isTaken.has(pick) && others.length > 0) open.set(pick, others);
  }
  const found = new Set<ListedPackage>();
  const turns = Math.max(0, ...Array.from(open.values(), (others) => others.length));
  for (let turn = 0; turn < turns; turn += 1) {
    const then = new Set(select(listed.map((one) => open.get(one)?.[turn] ?? one)));
    for (const [pick, others] of open) {
      const other = others[turn];
      if (other !== undefined && then.has(other)) found.add(pick);
    }
  }
  return Array.from(found);
}
