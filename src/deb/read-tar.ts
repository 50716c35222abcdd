import type { EspejoError } from '../core/errors.ts';
import { type ByteSource, readBytes } from './byte-source.ts';
import { malformed } from './package-format.ts';

/** One entry of a tar archive. */
export type TarEntry = {
  /** Its path as it is written: one character for each byte (latin1). */
  readonly path: string;
  /** `other`: links, devices, pipes, and what is not known. */
  readonly kind: 'file' | 'directory' | 'other';
  /** Of its content, in bytes. */
  readonly size: number;
  /**
   * The content, to be read before the next entry is asked for, or not at all.
   * @throws E_DEB_FORMAT when it is cut short
   */
  read(): Promise<Buffer>;
};

/**
 * Reads a tar archive: v7, ustar, GNU and pax (their long names and sizes). It stops at the first block of zeros as
 * dpkg does, and reads what is behind it to the end without looking at it. Nothing is written anywhere. Our own,
 * because tar-stream goes on behind the end of an archive and loses the bytes of names that are no UTF-8.
 * @throws E_DEB_FORMAT when the archive is malformed or cut short
 */
export async function* readTar(source: ByteSource, what: string): AsyncGenerator<TarEntry, void, undefined> {
  let extension: Extension = {};
  for (;;) {
    const place = { what, offset: source.offset };
    const block = await readBytes(source, blockBytes);
    if (block.length === 0 || isZero(block)) break;
    if (block.length < blockBytes) throw malformed(place, 'it ends within a tar header');
    const header = parseHeader(block, place);
    if (isExtension(header.type)) {
      const end = source.offset + padded(header.size);
      extension = { ...extension, ...(await readExtension(source, header, place)) };
      await skipTo(source, end, what);
    } else {
      const { path = header.path, size = header.size } = extension;
      extension = {};
      const entry = entryOf(source, { ...header, path, size: hasContent(header.type) ? size : 0 }, what);
      const end = source.offset + padded(entry.size);
      yield entry;
      await skipTo(source, end, what);
    }
  }
  await source.skip(Number.POSITIVE_INFINITY);
}

/** What headers before an entry say of it. */
type Extension = { readonly path?: string; readonly size?: number };

type Header = { readonly path: string; readonly size: number; readonly type: string };

type Place = { readonly what: string; readonly offset: number };

const blockBytes = 512;
/** No name and no pax header is longer in earnest: Linux allows paths of 4 KiB. */
const maxExtensionBytes = 64 * 1024;

function parseHeader(block: Buffer, place: Place): Header {
  if (checksum(block) !== number(block, 148, 8)) throw malformed(place, 'a tar header is damaged');
  const size = number(block, 124, 12);
  if (!Number.isSafeInteger(size) || size < 0) throw malformed(place, 'a tar header has an impossible size');
  const type = String.fromCharCode(block[156] ?? 0);
  // A sparse file of GNU tar: more headers follow, which hold no names.
  if (type === 'S' && block[482] !== 0) throw malformed(place, 'sparse files are not supported');
  const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? text(block, 345, 155) : '';
  const name = text(block, 0, 100);
  return { path: prefix === '' ? name : `${prefix}/${name}`, size, type };
}

/** The sum of all bytes, those of the sum itself taken as blanks. */
function checksum(block: Buffer): number {
  let sum = 8 * 0x20;
  for (let at = 0; at < blockBytes; at += 1) if (at < 148 || at >= 156) sum += block[at] ?? 0;
  return sum;
}

/** Octal digits, or, when the first bit is set, a big-endian number (GNU); NaN for anything else. */
function number(block: Buffer, start: number, length: number): number {
  const first = block[start] ?? 0;
  if (first >= 0x80) {
    let value = first & 0x7f;
    for (let at = start + 1; at < start + length; at += 1) value = value * 256 + (block[at] ?? 0);
    return value;
  }
  const digits = text(block, start, length).trim();
  return /^[0-7]*$/.test(digits) ? Number.parseInt(digits === '' ? '0' : digits, 8) : Number.NaN;
}

/** Up to the first NUL. */
function text(block: Buffer, start: number, length: number): string {
  const zero = block.indexOf(0, start);
  return block.toString('latin1', start, zero < 0 ? start + length : Math.min(zero, start + length));
}

/** Links, devices, directories and pipes have none whatever their header says, as for dpkg. */
function hasContent(type: string): boolean {
  return !'123456'.includes(type);
}

function isExtension(type: string): boolean {
  return 'LKxg'.includes(type);
}

async function readExtension(source: ByteSource, header: Header, place: Place): Promise<Extension> {
  if (header.size > maxExtensionBytes) {
    throw malformed(place, `a tar header extension has ${header.size} bytes`);
  }
  const content = await readBytes(source, header.size);
  if (content.length < header.size) throw malformed(place, 'it ends within a tar header extension');
  switch (header.type) {
    case 'L':
      return { path: text(content, 0, content.length) };
    case 'x':
      return readPax(content, place);
    default:
      // The target of a link, or what holds for all entries: neither has a name.
      return {};
  }
}

/** Records of `<their length> <key>=<value>\n`. */
function readPax(content: Buffer, place: Place): Extension {
  const found: { path?: string; size?: number } = {};
  for (let at = 0; at < content.length; ) {
    const blank = content.indexOf(0x20, at);
    const length = Number(blank < 0 ? Number.NaN : content.toString('latin1', at, blank));
    const end = at + length;
    const equals = content.indexOf(0x3d, blank);
    if (!(Number.isSafeInteger(length) && equals > blank && end > equals && content[end - 1] === 0x0a)) {
      throw malformed(place, 'a pax header is malformed');
    }
    const key = content.toString('latin1', blank + 1, equals);
    const value = content.toString('latin1', equals + 1, end - 1);
    if (key === 'path') found.path = value;
    if (key === 'size') found.size = paxSize(value, place);
    at = end;
  }
  return found;
}

function paxSize(value: string, place: Place): number {
  const size = /^[0-9]{1,15}$/.test(value) ? Number(value) : Number.NaN;
  if (Number.isNaN(size)) throw malformed(place, 'a pax header has an impossible size');
  return size;
}

function entryOf(source: ByteSource, { path, size, type }: Header, what: string): TarEntry {
  return {
    path,
    size,
    kind: kindOf(type, path),
    async read() {
      const content = await readBytes(source, size);
      if (content.length === size) return content;
      throw cut(what, source.offset);
    },
  };
}

/** Tar of old marks a directory by the slash at its end only. */
function kindOf(type: string, path: string): TarEntry['kind'] {
  if (type === '5' || (isFile(type) && path.endsWith('/'))) return 'directory';
  return isFile(type) ? 'file' : 'other';
}

function isFile(type: string): boolean {
  return type === '0' || type === '\0' || type === '7';
}

async function skipTo(source: ByteSource, end: number, what: string): Promise<void> {
  const missing = end - source.offset;
  if ((await source.skip(missing)) < missing) throw cut(what, source.offset);
}

function cut(what: string, offset: number): EspejoError {
  return malformed({ what, offset }, 'it ends within a tar entry');
}

function padded(size: number): number {
  return Math.ceil(size / blockBytes) * blockBytes;
}

function isZero(block: Buffer): boolean {
  return block.every((byte) => byte === 0);
}
