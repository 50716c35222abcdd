import { isBlankByte } from '../core/blanks.ts';
import { EspejoError } from '../core/errors.ts';
import { readSoleArmor } from './armor.ts';

/** The parts of a clearsigned document. */
export type Clearsigned = {
  /** The signed text, every line ended by LF; blanks at line ends are not signed and so not part of it. */
  readonly content: Buffer;
  /** Binary signature packets. */
  readonly signature: Buffer;
};

const lineFeed = 0x0a;
const dash = 0x2d;
const crlf = Buffer.from('\r\n');
const messageLine = '-----BEGIN PGP SIGNED MESSAGE-----';
const signatureLine = '-----BEGIN PGP SIGNATURE-----';
/** A dozen RSA-4096 signatures are 8 KiB. */
const maxSignatureBytes = 64 * 1024;

/**
 * Takes a clearsigned document apart (RFC 4880, 7) and refuses whatever two programs could read in two ways: text
 * outside the signed part, a second message, armour headers other than Hash, NUL bytes, unescaped dashes.
 * @throws E_SIGNATURE_MISSING when it is not clearsigned, E_SIGNATURE_INVALID when it is malformed
 */
export function splitClearsigned(document: Buffer): Clearsigned {
  if (!document.includes(messageLine)) {
    throw new EspejoError('E_SIGNATURE_MISSING', 'the file is not clearsigned');
  }
  if (document.includes(0)) throw malformed('it contains a NUL byte');
  const lines = new LineReader(document);
  if (lines.next() !== messageLine) throw malformed('there is text before the signed message');
  skipHeaders(lines);
  const content = readSignedText(lines, document.length);
  return { content, signature: readSignature(lines.rest()) };
}

/**
 * The bytes that a signature over text covers (RFC 4880, 7.1): CR LF between lines, no blanks at line ends, without
 * the last line ending.
 */
export function canonicalText(content: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (const line of signedLines(content)) {
    if (pieces.length > 0) pieces.push(crlf);
    pieces.push(line);
  }
  return Buffer.concat(pieces);
}

/** Puts a clearsigned document together; `signature` is armoured. A last line without LF gets one. */
export function joinClearsigned(content: Buffer, digests: readonly string[], signature: string): Buffer {
  const pieces: Buffer[] = [Buffer.from(`${messageLine}\nHash: ${digests.join(', ')}\n\n`)];
  for (const line of linesOf(content)) {
    if (line[0] === dash) pieces.push(Buffer.from('- '));
    pieces.push(line, Buffer.from('\n'));
  }
  pieces.push(Buffer.from(signature));
  return Buffer.concat(pieces);
}

class LineReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** The next line as it is signed: without its end and without blanks before it; undefined after the last one. */
  nextBytes(): Buffer | undefined {
    if (this.#at >= this.#bytes.length) return undefined;
    const feed = this.#bytes.indexOf(lineFeed, this.#at);
    const stop = feed === -1 ? this.#bytes.length : feed;
    const line = this.#bytes.subarray(this.#at, stop);
    this.#at = stop + 1;
    return withoutTrailingBlanks(line);
  }

  next(): string | undefined {
    return this.nextBytes()?.toString('latin1');
  }

  rest(): Buffer {
    return this.#bytes.subarray(this.#at);
  }
}

function skipHeaders(lines: LineReader): void {
  for (let line = lines.next(); line !== ''; line = lines.next()) {
    if (line === undefined) throw malformed('it ends within the armour headers');
    if (!/^Hash: *[A-Za-z0-9, /-]{1,100}$/.test(line))
      throw malformed('an armour header is not allowed there');
  }
}

/** Lines up to the signature, dash escapes undone; leaves the reader behind the signature's first line. */
function readSignedText(lines: LineReader, capacity: number): Buffer {
  const text = Buffer.allocUnsafe(capacity + 1);
  let length = 0;
  for (let line = lines.nextBytes(); line !== undefined; line = lines.nextBytes()) {
    let from = 0;
    if (line[0] === dash) {
      if (line.equals(signatureLineBytes)) return text.subarray(0, length);
      // "- " with nothing behind it has lost its blank above: an escaped empty line.
      if (line.length > 1 && line[1] !== 0x20) throw malformed('a line begins with an unescaped dash');
      from = Math.min(2, line.length);
    }
    length += line.copy(text, length, from);
    text[length] = lineFeed;
    length += 1;
  }
  throw malformed('its signature is missing');
}

const signatureLineBytes = Buffer.from(signatureLine);

function readSignature(rest: Buffer): Buffer {
  if (rest.length > maxSignatureBytes) throw malformed('its signature is too long, or text follows it');
  const reader = { code: 'E_SIGNATURE_INVALID', what: 'the end of the clearsigned file' } as const;
  return readSoleArmor(`${signatureLine}\n${rest.toString('latin1')}`, 'SIGNATURE', reader);
}

function* signedLines(content: Buffer): Generator<Buffer> {
  const lines = new LineReader(content);
  for (let line = lines.nextBytes(); line !== undefined; line = lines.nextBytes()) yield line;
}

function* linesOf(content: Buffer): Generator<Buffer> {
  for (let at = 0; at < content.length; ) {
    const feed = content.indexOf(lineFeed, at);
    const stop = feed === -1 ? content.length : feed;
    yield content.subarray(at, stop);
    at = stop + 1;
  }
}

function withoutTrailingBlanks(line: Buffer): Buffer {
  let stop = line.length;
  while (stop > 0 && isBlankByte(line[stop - 1])) stop -= 1;
  return line.subarray(0, stop);
}

function malformed(reason: string): EspejoError {
  return new EspejoError('E_SIGNATURE_INVALID', `the clearsigned file is malformed: ${reason}`);
}
