import { compareKeys, isSameSlot, type Member } from './member.ts';
import type { PackageSet } from './package-set.ts';

/** One row of a diff: a package only in the left list, only in the right one, or in another version there. */
export type DiffRow =
  | { readonly kind: 'removed'; readonly left: Member; readonly right?: undefined }
  | { readonly kind: 'added'; readonly left?: undefined; readonly right: Member }
  | { readonly kind: 'changed'; readonly left: Member; readonly right: Member };

export type DiffOptions = {
  /** Only rows of packages that both lists have. */
  readonly onlyMatching?: boolean;
  /** As aptly, leaves rows unpaired once one list has ended. Default false. */
  readonly aptlyTail?: boolean;
};

/**
 * The differences of two lists, in key order. A package of one list that follows one of the other list with the same
 * name and architecture is paired with it; with several versions of a name the pairs are by position, as in aptly.
 */
export function diffSets(left: PackageSet, right: PackageSet, options: DiffOptions = {}): readonly DiffRow[] {
  const { onlyMatching = false, aptlyTail = false } = options;
  const rows: DiffRow[] = [];
  for (const { row, isTail } of walkDifferences(left, right)) {
    const pair = isTail && aptlyTail ? undefined : paired(rows.at(-1), row);
    if (pair === undefined) rows.push(row);
    else rows.splice(-1, 1, pair);
  }
  return onlyMatching ? rows.filter(({ kind }) => kind === 'changed') : rows;
}

type OneSided = Exclude<DiffRow, { readonly kind: 'changed' }>;

/** Packages that only one list has; the tail begins where the other list has ended. */
function* walkDifferences(
  left: PackageSet,
  right: PackageSet,
): Generator<{ readonly row: OneSided; readonly isTail: boolean }> {
  let l = 0;
  let r = 0;
  for (;;) {
    const [ours, theirs] = [left.members[l], right.members[r]];
    if (ours === undefined && theirs === undefined) return;
    const isTail = ours === undefined || theirs === undefined;
    const order = orderOf(ours, theirs);
    if (order <= 0) l += 1;
    if (order >= 0) r += 1;
    if (order < 0 && ours !== undefined) yield { row: { kind: 'removed', left: ours }, isTail };
    if (order > 0 && theirs !== undefined) yield { row: { kind: 'added', right: theirs }, isTail };
  }
}

function orderOf(ours: Member | undefined, theirs: Member | undefined): number {
  if (ours === undefined) return 1;
  return theirs === undefined ? -1 : compareKeys(ours, theirs);
}

function paired(before: DiffRow | undefined, row: OneSided): DiffRow | undefined {
  const left = before?.kind === 'removed' ? before.left : row.left;
  const right = before?.kind === 'added' ? before.right : row.right;
  if (before === undefined || before.kind === 'changed' || left === undefined || right === undefined)
    return undefined;
  return isSameSlot(left, right) ? { kind: 'changed', left, right } : undefined;
}
