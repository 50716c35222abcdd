import type { FieldCursor } from './field-cursor.ts';

/**
 * What a look in passing has told of the fields of a paragraph, as bits: enough for nearly all paragraphs, so that
 * nobody needs to look again. It may call a good one odd, never a bad one plain.
 */
export type Plainness = number;

const isOdd = 1;
const hasSize = 2;
const hasPath = 4;
const hasDigest = 8;
const hasList = 16;

/** No field is repeated, and size, path and digests, SHA-256 among them, can be taken as they are. */
export function isPlainBinary(plainness: Plainness): boolean {
  return (plainness & (isOdd | hasSize | hasPath | hasDigest)) === (hasSize | hasPath | hasDigest);
}

/** No field is repeated, and files are listed, also with their SHA-256. */
export function isPlainSource(plainness: Plainness): boolean {
  return (plainness & (isOdd | hasList | hasDigest)) === (hasList | hasDigest);
}

/** Begins a paragraph: what {@link lookAtField} marks its fields with. */
export function newMark(): number {
  if (lastMark === maxMark) {
    marks.fill(0);
    lastMark = 0;
  }
  lastMark += 1;
  return lastMark;
}

/**
 * The {@link Plainness} of one field, to be joined with that of the others; `length` is that of its name, `mark` that of its
 * paragraph.
 */
export function lookAtField(raw: Buffer, cursor: FieldCursor, length: number, mark: number): Plainness {
  const start = cursor.nameStart;
  const first = raw[start] ?? 0;
  const last = raw[start + length - 1] ?? 0;
  const middle = raw[start + (length >> 1)] ?? 0;
  // A place in a table that few names share; each paragraph has a mark of its own, so that nothing is cleared.
  const place = (first & 0x1f) | ((last & 0x1f) << 5) | (((middle & 0x1f) ^ (length & 0x3f)) << 10);
  const odd = marks[place] === mark ? isOdd : 0;
  marks[place] = mark;
  return length < 4 || length > 8 || length === 7
    ? odd
    : odd | lookAtFiles(raw, cursor, length, first | caseBit);
}

function lookAtFiles(raw: Buffer, cursor: FieldCursor, length: number, first: number): Plainness {
  if (first === letterS) {
    if (length === 4) {
      if (cursor.named('size')) return isSize(raw, cursor) ? hasSize : isOdd;
      return cursor.named('sha1') && !isHex(raw, cursor, 40) ? isOdd : 0;
    }
    if (length !== 6) return 0;
    if (cursor.named('sha256')) return isHex(raw, cursor, 64) ? hasDigest : isOdd;
    return cursor.named('sha512') && !isHex(raw, cursor, 128) ? isOdd : 0;
  }
  if (first === letterF) {
    if (length === 8 && cursor.named('filename')) return isSimplePath(raw, cursor) ? hasPath : isOdd;
    return length === 5 && cursor.named('files') ? hasList : 0;
  }
  return first === letterM && length === 6 && cursor.named('md5sum') && !isHex(raw, cursor, 32) ? isOdd : 0;
}

function isSize(raw: Buffer, cursor: FieldCursor): boolean {
  const { valueEnd } = cursor;
  const start = textStart(raw, cursor);
  if (valueEnd <= start || valueEnd - start > 15 || raw[start] === zero) return false;
  for (let at = start; at < valueEnd; at += 1) {
    const byte = raw[at] ?? 0;
    if (byte < zero || byte > nine) return false;
  }
  return true;
}

function isHex(raw: Buffer, cursor: FieldCursor, digits: number): boolean {
  const { valueEnd } = cursor;
  const start = textStart(raw, cursor);
  if (valueEnd - start !== digits) return false;
  let kinds = 1;
  for (let at = start; at < valueEnd; at += 1) kinds &= byteKinds[raw[at] ?? 0] ?? 0;
  return kinds === 1;
}

/** Parts of simple characters that begin with a letter or digit, but for one `./` at the beginning. */
function isSimplePath(raw: Buffer, cursor: FieldCursor): boolean {
  const { valueEnd } = cursor;
  let at = textStart(raw, cursor);
  if (raw[at] === dot && raw[at + 1] === slash) at += 2;
  if (valueEnd <= at || valueEnd - at > 255) return false;
  let starts = true;
  for (; at < valueEnd; at += 1) {
    const byte = raw[at] ?? 0;
    const kind = byteKinds[byte] ?? 0;
    if ((kind & (starts ? alphanumeric : inPath)) === 0) return false;
    starts = byte === slash;
  }
  return !starts;
}

/** Behind the one blank that follows a colon. */
function textStart(raw: Buffer, { valueStart }: FieldCursor): number {
  return raw[valueStart] === space ? valueStart + 1 : valueStart;
}

const space = 0x20;
const dot = 0x2e;
const slash = 0x2f;
const zero = 0x30;
const nine = 0x39;
const letterF = 0x66;
const letterM = 0x6d;
const letterS = 0x73;
const caseBit = 0x20;

const maxMark = 0xffffffff;
const tableMask = 0xffff;
const marks = new Uint32Array(tableMask + 1);
let lastMark = 0;

const hex = 1;
const alphanumeric = 2;
const inPath = 4;
const byteKinds = kindsOfBytes();

function kindsOfBytes(): Uint8Array {
  const kinds = new Uint8Array(256);
  for (let byte = 0; byte < kinds.length; byte += 1) {
    const character = String.fromCharCode(byte);
    if (/[0-9a-fA-F]/.test(character)) kinds[byte] = hex;
    if (/[0-9a-zA-Z]/.test(character)) kinds[byte] = (kinds[byte] ?? 0) | alphanumeric | inPath;
    if (/[-+._~:%=@,/]/.test(character)) kinds[byte] = inPath;
  }
  return kinds;
}
