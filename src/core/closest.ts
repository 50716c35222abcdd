/** Words longer than this are never compared letter by letter. */
const maxLength = 100;

/**
 * The candidates most like `word`, nearest first: what "did you mean" offers. Letter case does not count; a swap of two
 * neighbours is one mistake; a third of the word may be wrong. Fit for 100,000 candidates (some tens of milliseconds).
 * @param most how many to return at most
 */
export function closest(word: string, candidates: Iterable<string>, most = 1): readonly string[] {
  const wanted = word.toLowerCase().slice(0, maxLength);
  let limit = Math.max(1, Math.floor(wanted.length / 3));
  const nearest: { readonly candidate: string; readonly distance: number }[] = [];
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - wanted.length) > limit) continue;
    const distance = editDistance(wanted, candidate.toLowerCase(), limit);
    if (distance > limit) continue;
    const place = nearest.findIndex((other) => other.distance > distance);
    nearest.splice(place < 0 ? nearest.length : place, 0, { candidate, distance });
    if (nearest.length > most) nearest.pop();
    if (nearest.length === most) limit = Math.min(limit, (nearest.at(-1)?.distance ?? 0) - 1);
    if (limit < 0) break;
  }
  return nearest.map(({ candidate }) => candidate);
}

/** ` (did you mean "x"?)` for the end of a message, or nothing when no candidate is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const [nearest] = closest(word, candidates);
  return nearest === undefined ? '' : ` (did you mean "${nearest}"?)`;
}

/**
 * Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment), exact up to `limit`; any
 * number above it stands for "more". Only the diagonal band of that width is computed.
 */
function editDistance(a: string, b: string, limit: number): number {
  let start = 0;
  while (start < a.length && a.charCodeAt(start) === b.charCodeAt(start)) start += 1;
  const rows = b.length - start;
  const columns = a.length - start;
  if (rows <= 0 || columns <= 0) return Math.abs(rows - columns);
  let [before, previous, current] = [
    new Uint16Array(columns + 2),
    new Uint16Array(columns + 2),
    new Uint16Array(columns + 2),
  ];
  for (let column = 0; column <= columns; column += 1) previous[column] = column;
  for (let row = 1; row <= rows; row += 1) {
    const from = Math.max(1, row - limit);
    const to = Math.min(columns, row + limit);
    current[from - 1] = from === 1 ? row : limit + 1;
    let best = limit + 1;
    for (let column = from; column <= to; column += 1) {
      const same = a.charCodeAt(start + column - 1) === b.charCodeAt(start + row - 1);
      let cost = Math.min(
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
        (current[column - 1] ?? 0) + 1,
        column < row + limit ? (previous[column] ?? 0) + 1 : limit + 1,
      );
      if (isSwap(a, b, start + column - 1, start + row - 1, start)) {
        cost = Math.min(cost, (before[column - 2] ?? 0) + 1);
      }
      current[column] = cost;
      if (cost < best) best = cost;
    }
    if (best > limit) return limit + 1;
    [before, previous, current] = [previous, current, before];
  }
  return previous[columns] ?? 0;
}

function isSwap(a: string, b: string, inA: number, inB: number, start: number): boolean {
  return (
    inA > start &&
    inB > start &&
    a.charCodeAt(inA) === b.charCodeAt(inB - 1) &&
    a.charCodeAt(inA - 1) === b.charCodeAt(inB)
  );
}
