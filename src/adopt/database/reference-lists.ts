import type { Reporter } from '../../core/progress.ts';
import type { LevelDb } from './leveldb/database.ts';
import { prefixRange } from './packages.ts';
import { readReferenceList } from './records.ts';

/** Packages by their positions in the sorted keys of all packages; ascending, each once. */
export type PackageList = Uint32Array;

export type ReferenceLists = {
  /** By what follows the `E` of the key: a UUID, or a UUID and a component. */
  readonly lists: ReadonlyMap<string, PackageList>;
  readonly dangling: readonly DanglingReference[];
  /** By position: 1 where a list refers to the package. */
  readonly referenced: Uint8Array;
};

/** A package key of a list that the database has no package for. */
export type DanglingReference = { readonly list: string; readonly key: string };

/**
 * Reads the lists of the owners; what lists of dropped objects are left is not read.
 * @param packageKeys sorted bytewise
 * @throws E_CATALOG
 */
export async function readReferenceLists(
  db: LevelDb,
  packageKeys: readonly string[],
  { owners, report }: { readonly owners: ReadonlySet<string>; readonly report: Reporter },
): Promise<ReferenceLists> {
  const lists = new Map<string, PackageList>();
  const dangling: DanglingReference[] = [];
  const referenced = new Uint8Array(packageKeys.length);
  for await (const batch of db.entries(prefixRange('E'))) {
    for (const { key, value } of batch) {
      const list = key.toString('utf8', 1);
      if (!owners.has(list)) continue;
      const { positions, missing } = locate(readReferenceList(value, `E${list}`), packageKeys);
      for (const position of positions) referenced[position] = 1;
      for (const missed of missing) dangling.push({ list, key: missed });
      if (missing.length > 0) report({ type: 'warning', message: danglingMessage(list, missing) });
      lists.set(list, positions);
    }
  }
  return { lists, dangling, referenced };
}

function danglingMessage(list: string, missing: readonly string[]): string {
  const count = missing.length === 1 ? 'one package is' : `${missing.length} packages are`;
  return `E${list}: ${count} not in the database and left out, the first is ${missing[0]}`;
}

/** Both sides are sorted, so each step looks near the last find first. */
function locate(
  references: readonly string[],
  keys: readonly string[],
): { readonly positions: PackageList; readonly missing: readonly string[] } {
  const found: number[] = [];
  const missing: string[] = [];
  let position = 0;
  let previous = '';
  for (const reference of references) {
    position = lowerBound(keys, reference, reference < previous ? 0 : position);
    previous = reference;
    if (keys[position] === reference) found.push(position);
    else missing.push(reference);
  }
  const positions = Uint32Array.from(found).sort();
  return { positions: positions.filter((value, at) => at === 0 || value !== positions[at - 1]), missing };
}

/** The first position from `start` on whose key is not below `wanted`: steps of double width, then halving. */
function lowerBound(keys: readonly string[], wanted: string, start: number): number {
  let low = start;
  let step = 1;
  while (low + step <= keys.length && isBelow(keys[low + step - 1], wanted)) {
    low += step;
    step *= 2;
  }
  let high = Math.min(low + step, keys.length);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBelow(keys[middle], wanted)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isBelow(key: string | undefined, wanted: string): boolean {
  return key !== undefined && key < wanted;
}
