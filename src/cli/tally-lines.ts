import type { Tally } from '../core/tally.ts';

/** How many warnings there were, and how many packages were left out for what; nothing when there were none. */
export function tallyLines({ warnings, leftOut }: Tally): readonly string[] {
  if (warnings === 0) return [];
  const reasons = Object.entries(leftOut.reasons).map(([reason, number]) => `${reason} ${number}`);
  const left =
    leftOut.packages === 0 ? '' : `; left out: ${count(leftOut.packages, 'package')} (${reasons.join(', ')})`;
  return [`${count(warnings, 'warning')}${left}`];
}

/** `1 file`, `2 files`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
