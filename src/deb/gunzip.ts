import { crc32, createInflateRaw, type InflateRaw } from 'node:zlib';
import type { EspejoError } from '../core/errors.ts';
import { readBytes, StreamSource } from './byte-source.ts';
import { notAPackage } from './package-format.ts';

/**
 * Inflates gzip, one or more members one after the other. What follows the last one and is no member is passed over, as
 * zlib's own reader (apt's and dpkg's) does; Node's stops with an error, and loses what it had inflated of that piece.
 * @param what names the file in errors
 * @throws E_DEB_FORMAT when it is no gzip, damaged, or cut short
 */
export async function* gunzip(
  chunks: AsyncIterable<Uint8Array>,
  what: string,
): AsyncGenerator<Buffer, void, undefined> {
  const input = new StreamSource(chunks);
  if (!(await beginsMember(input))) throw notAPackage(what, 'cannot be decompressed (it is no gzip)');
  do {
    await passHeader(input, what);
    yield* readMember(input, what);
  } while (await beginsMember(input));
  while ((await input.chunk(pieceBytes)).length > 0);
}

/** Bytes of a piece: zlib's own 16 KiB cost twice the time, the whole chain counted. */
const pieceBytes = 256 * 1024;
const magic = Buffer.from([0x1f, 0x8b]);
const flagsOf = { headerChecksum: 2, extra: 4, name: 8, comment: 16, reserved: 0xe0 } as const;

async function beginsMember(input: StreamSource): Promise<boolean> {
  const begin = await readBytes(input, magic.length);
  input.unread(begin);
  return begin.equals(magic);
}

/** RFC 1952, 2.3. */
async function passHeader(input: StreamSource, what: string): Promise<void> {
  const fixed = await take(input, 10, what);
  const [method, flags = 0] = fixed.subarray(2);
  if (method !== 8 || (flags & flagsOf.reserved) !== 0)
    throw notAPackage(what, 'the header of a gzip member is not understood');
  if ((flags & flagsOf.extra) !== 0) await take(input, (await take(input, 2, what)).readUInt16LE(), what);
  for (const text of [flagsOf.name, flagsOf.comment]) {
    if ((flags & text) === 0) continue;
    for (let end = -1; end < 0; ) {
      const chunk = await input.chunk(pieceBytes);
      if (chunk.length === 0) throw cutShort(what);
      end = chunk.indexOf(0);
      if (end >= 0) input.unread(chunk.subarray(end + 1));
    }
  }
  if ((flags & flagsOf.headerChecksum) !== 0) await take(input, 2, what);
}

async function* readMember(input: StreamSource, what: string): AsyncGenerator<Buffer, void, undefined> {
  const engine = createInflateRaw({ chunkSize: pieceBytes });
  const fed = feed(engine, input);
  let checksum = 0;
  let size = 0;
  try {
    for await (const piece of engine as AsyncIterable<Buffer>) {
      checksum = crc32(piece, checksum);
      size += piece.length;
      yield piece;
    }
    await fed;
  } finally {
    engine.destroy();
  }
  const trailer = await take(input, 8, what);
  if (trailer.readUInt32LE() !== checksum || trailer.readUInt32LE(4) !== size % 2 ** 32)
    throw notAPackage(what, 'the checksum of a gzip member is wrong');
}

/** Writes to an engine until it has what it needs, one piece at a time, and gives the rest back. */
async function feed(engine: InflateRaw, input: StreamSource): Promise<void> {
  try {
    for (let written = 0; !engine.destroyed; ) {
      const piece = await input.chunk(pieceBytes);
      if (piece.length === 0) {
        engine.end();
        return;
      }
      await new Promise<void>((resolve) => engine.write(piece, () => resolve()));
      written += piece.length;
      const left = written - engine.bytesWritten;
      if (left === 0) continue;
      input.unread(piece.subarray(-left));
      return;
    }
  } catch (error) {
    engine.destroy(error as Error);
  }
}

async function take(input: StreamSource, size: number, what: string): Promise<Buffer> {
  const bytes = await readBytes(input, size);
  if (bytes.length < size) throw cutShort(what);
  return bytes;
}

function cutShort(what: string): EspejoError {
  return notAPackage(what, 'its gzip data are cut short');
}
