import type { ErrorCode } from '../core/error-codes.ts';
import { EspejoError } from '../core/errors.ts';

/** One armoured block; `label` is `SIGNATURE`, `PUBLIC KEY BLOCK`, … */
export type ArmorBlock = { readonly label: string; readonly data: Buffer };

/** Who reads: names the file in errors. */
type Reader = { readonly code: ErrorCode; readonly what: string };

const begin = '-----BEGIN PGP ';
const end = '-----END PGP ';
const dashes = '-----';

/** Whether a file is armoured text rather than binary packets, which begin with a byte above 0x7f. */
export function isArmored(bytes: Uint8Array): boolean {
  return bytes.length > 0 && (bytes[0] ?? 0) < 0x80;
}

/**
 * Reads all armoured blocks of a text (RFC 4880, 6.2). Text between blocks is passed over, the inside of a block is
 * read strictly; the checksum is not looked at (RFC 9580, 6.1), the signatures inside say more.
 * @throws the reader's code when a block is malformed
 */
export function readArmor(text: string, reader: Reader): readonly ArmorBlock[] {
  const blocks: ArmorBlock[] = [];
  const lines = linesOf(text);
  for (let at = 0; at < lines.length; at += 1) {
    const label = labelOf(lines[at] ?? '', begin);
    if (label === undefined) continue;
    const stop = lines.indexOf(`${end}${label}${dashes}`, at);
    if (stop === -1) throw malformed(reader, `its ${label} armour has no end`);
    blocks.push({ label, data: readBlock(lines.slice(at + 1, stop), reader) });
    at = stop;
  }
  return blocks;
}

/**
 * Reads a text that must be one armoured block and nothing else.
 * @throws the reader's code
 */
export function readSoleArmor(text: string, label: string, reader: Reader): Buffer {
  const lines = linesOf(text);
  while (lines.at(-1) === '') lines.pop();
  const opens = lines[0] === `${begin}${label}${dashes}`;
  const closes = lines.indexOf(`${end}${label}${dashes}`) === lines.length - 1;
  if (!opens || !closes) throw malformed(reader, `it is not one armoured ${label} and nothing else`);
  return readBlock(lines.slice(1, -1), reader);
}

/**
 * Reads a text that must be armoured blocks of one label, one after the other, and nothing else: archives that several sign
 * append their signatures, and gpgv reads them all.
 * @throws the reader's code
 */
export function readArmorSequence(text: string, label: string, reader: Reader): Buffer {
  const blocks: Buffer[] = [];
  let lines = linesOf(text);
  do {
    const stop = lines.indexOf(`${end}${label}${dashes}`);
    const block = lines.slice(0, stop + 1).join('\n');
    blocks.push(readSoleArmor(block, label, reader));
    lines = lines.slice(stop + 1);
    while (lines[0] === '') lines.shift();
  } while (lines.length > 0);
  return Buffer.concat(blocks);
}

function labelOf(line: string, marker: string): string | undefined {
  if (!line.startsWith(marker) || !line.endsWith(dashes)) return undefined;
  return line.slice(marker.length, -dashes.length);
}

/** Headers, a blank line, base64, an optional checksum. */
function readBlock(lines: readonly string[], reader: Reader): Buffer {
  const blank = lines.indexOf('');
  if (blank === -1) throw malformed(reader, 'a blank line is missing in its armour');
  if (!lines.slice(0, blank).every((line) => /^[A-Za-z]+: /.test(line))) {
    throw malformed(reader, 'an armour header is malformed');
  }
  const body = lines.slice(blank + 1).filter((line) => line !== '');
  if (body.at(-1)?.startsWith('=') === true) body.pop();
  const base64 = body.join('');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(base64) || base64.length % 4 !== 0) {
    throw malformed(reader, 'its armour is not base64');
  }
  return Buffer.from(base64, 'base64');
}

function linesOf(text: string): string[] {
  return text.split('\n').map(withoutTrailingBlanks);
}

/** Armour lines may end in blanks (RFC 4880, 6.2); other white space is text. */
function withoutTrailingBlanks(line: string): string {
  let stop = line.length;
  while (stop > 0 && ' \t\r'.includes(line[stop - 1] ?? '?')) stop -= 1;
  return line.slice(0, stop);
}

function malformed(reader: Reader, reason: string): EspejoError {
  return new EspejoError(reader.code, `${reader.what}: ${reason}`);
}
