import { invariant } from '../core/errors.ts';

/**
 * Codes ascending unique integers as LEB128 differences: 60,000 neighbouring ids take about 60 KB.
 * The inverse of {@link decodeIds}.
 */
export function encodeIds(ids: readonly number[]): Buffer {
  const bytes: number[] = [];
  let previous = -1;
  for (const id of ids) {
    invariant(id > previous, 'a list of ids ascends');
    let difference = id - previous;
    while (difference >= 0x80) {
      bytes.push((difference % 0x80) | 0x80);
      difference = Math.floor(difference / 0x80);
    }
    bytes.push(difference);
    previous = id;
  }
  return Buffer.from(bytes);
}

/** The ids that {@link encodeIds} coded. */
export function decodeIds(bytes: Uint8Array): number[] {
  const ids: number[] = [];
  let previous = -1;
  let difference = 0;
  let factor = 1;
  for (const byte of bytes) {
    difference += (byte & 0x7f) * factor;
    if (byte >= 0x80) {
      factor *= 0x80;
      continue;
    }
    previous += difference;
    ids.push(previous);
    difference = 0;
    factor = 1;
  }
  invariant(factor === 1, 'a coded list of ids ends with a whole number');
  return ids;
}
