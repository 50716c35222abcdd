import { damaged } from './damage.ts';

/**
 * Decompresses one block of Snappy's raw format (format_description.txt of google/snappy).
 * The length that the block claims is believed only as far as its bytes can make it.
 * @param what names the block in errors
 * @throws E_CATALOG
 */
export function unsnappy(input: Buffer, what: string): Buffer {
  const header = readLength(input, what);
  if (header.length > input.length * maxRatio) throw damaged(what, 'claims more bytes than it can hold');
  const output = Buffer.allocUnsafe(header.length);
  let from = header.size;
  let to = 0;
  while (from < input.length) {
    const tag = byteAt(input, from, what);
    const element = (tag & 3) === 0 ? literalAt(input, from, what) : copyAt(input, from, what);
    from = element.next;
    if (to + element.length > output.length) throw damaged(what, 'is longer than it claims');
    if (element.offset === 0) {
      if (from + element.length > input.length) throw damaged(what, 'ends within a literal');
      input.copy(output, to, from, from + element.length);
      from += element.length;
    } else {
      if (element.offset > to) throw damaged(what, 'copies from before its start');
      copyWithin(output, to, element);
    }
    to += element.length;
  }
  if (to !== output.length) throw damaged(what, 'is shorter than it claims');
  return output;
}

/** The densest element is a copy: 64 bytes out of 3. */
const maxRatio = 32;

/** `offset` 0 is a literal whose bytes follow at `next`. */
type Element = { readonly length: number; readonly offset: number; readonly next: number };

function readLength(input: Buffer, what: string): { readonly length: number; readonly size: number } {
  let length = 0;
  for (let size = 0; size < 5; size += 1) {
    const byte = byteAt(input, size, what);
    length += (byte & 0x7f) * 2 ** (7 * size);
    if (byte < 0x80) return { length, size: size + 1 };
  }
  throw damaged(what, 'has a malformed length');
}

function literalAt(input: Buffer, at: number, what: string): Element {
  const short = byteAt(input, at, what) >>> 2;
  if (short < 60) return { length: short + 1, offset: 0, next: at + 1 };
  const width = short - 59;
  if (at + 1 + width > input.length) throw damaged(what, 'ends within a literal');
  return { length: input.readUIntLE(at + 1, width) + 1, offset: 0, next: at + 1 + width };
}

function copyAt(input: Buffer, at: number, what: string): Element {
  const tag = byteAt(input, at, what);
  const width = (tag & 3) === 3 ? 4 : tag & 3;
  if (at + 1 + width > input.length) throw damaged(what, 'ends within a copy');
  const low = input.readUIntLE(at + 1, width);
  const offset = width === 1 ? low + (tag >>> 5) * 256 : low;
  if (offset === 0) throw damaged(what, 'has a copy of offset 0');
  return { length: width === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1, offset, next: at + 1 + width };
}

/** A copy may reach into the bytes it writes: those repeat. */
function copyWithin(output: Buffer, to: number, { length, offset }: Element): void {
  if (offset >= length) {
    output.copyWithin(to, to - offset, to - offset + length);
    return;
  }
  for (let at = to; at < to + length; at += 1) output[at] = output[at - offset] as number;
}

function byteAt(input: Buffer, at: number, what: string): number {
  const byte = input[at];
  if (byte === undefined) throw damaged(what, 'ends early');
  return byte;
}
