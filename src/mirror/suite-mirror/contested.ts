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
