import { setImmediate } from 'node:timers/promises';
import type { EspejoError } from '../core/errors.ts';
import { readBytes, StreamSource } from './byte-source.ts';
import { notAPackage } from './package-format.ts';
import { Xxh32 } from './xxh32.ts';

/**
 * Inflates LZ4 frames, one or more one after the other, and passes over skippable ones. The old format without frames is
 * refused, as liblz4 (apt's reader) does. Holds two blocks, of 4 MiB at most; what a block becomes is one piece.
 * @param what names the file in errors
 * @throws E_DEB_FORMAT when it is no LZ4 frame, damaged, or cut short
 */
export async function* unlz4(
  chunks: AsyncIterable<Uint8Array>,
  what: string,
): AsyncGenerator<Buffer, void, undefined> {
  const input = new Input(new StreamSource(chunks), what);
  do {
    const magic = (await input.take(4)).readUInt32LE();
    if (magic >>> 4 === skippableMagic) await input.skip((await input.take(4)).readUInt32LE());
    else if (magic === frameMagic) yield* readFrame(input);
    else throw input.broken('it is no LZ4 frame');
  } while (!(await input.isAtEnd()));
}

const frameMagic = 0x184d2204;
const skippableMagic = 0x184d2a5;
/** How far back a block may refer. */
const historyBytes = 64 * 1024;

type Frame = {
  readonly maxBlock: number;
  /** Blocks do not refer to those before. */
  readonly independent: boolean;
  readonly blockChecksums: boolean;
  readonly contentChecksum: boolean;
  readonly contentSize: number | undefined;
};

async function* readFrame(input: Input): AsyncGenerator<Buffer, void, undefined> {
  const frame = await readHeader(input);
  const decoder = new BlockDecoder(frame, input);
  const checksum = new Xxh32();
  let size = 0;
  for (;;) {
    const word = (await input.take(4)).readUInt32LE();
    if (word === 0) break;
    const length = word & 0x7fffffff;
    if (length > frame.maxBlock) throw input.broken('an LZ4 block is larger than its frame allows');
    const stored = await input.take(length);
    if (frame.blockChecksums) await input.check(new Xxh32().update(stored), 'block');
    const plain = decoder.decode(stored, word >>> 31 === 1);
    if (frame.contentChecksum) checksum.update(plain);
    size += plain.length;
    // A block takes a while; others want their turn, and a signal could not fire otherwise.
    await setImmediate();
    yield plain;
  }
  if (frame.contentChecksum) await input.check(checksum, 'frame');
  if (frame.contentSize !== undefined && frame.contentSize !== size)
    throw input.broken('an LZ4 frame has another size than it says');
}

async function readHeader(input: Input): Promise<Frame> {
  const fixed = await input.take(2);
  const [flags = 0, block = 0] = fixed;
  const sizeCode = (block >> 4) & 7;
  if (flags >> 6 !== 1 || (flags & 2) !== 0 || (block & 0x8f) !== 0 || sizeCode < 4)
    throw input.broken('the header of an LZ4 frame is not understood');
  if ((flags & 1) !== 0) throw input.broken('an LZ4 frame needs a dictionary');
  const size = (flags & 8) === 0 ? Buffer.alloc(0) : await input.take(8);
  const [expected] = await input.take(1);
  const found = new Xxh32().update(Buffer.concat([fixed, size])).digest();
  if (((found >>> 8) & 0xff) !== expected) throw input.broken('the checksum of an LZ4 header is wrong');
  return {
    maxBlock: 2 ** (8 + 2 * sizeCode),
    independent: (flags & 32) !== 0,
    blockChecksums: (flags & 16) !== 0,
    contentChecksum: (flags & 4) !== 0,
    contentSize: size.length === 0 ? undefined : Number(size.readBigUInt64LE()),
  };
}

class BlockDecoder {
  readonly #frame: Frame;
  readonly #input: Input;
  /** What blocks may refer to, and room for one block behind it. */
  readonly #window: Buffer;
  #history = 0;

  constructor(frame: Frame, input: Input) {
    this.#frame = frame;
    this.#input = input;
    this.#window = Buffer.allocUnsafeSlow(historyBytes + frame.maxBlock);
  }

  /** @returns a copy */
  decode(stored: Buffer, isPlain: boolean): Buffer {
    const start = this.#history;
    const end = isPlain ? start + stored.copy(this.#window, start) : this.#expand(stored, start);
    const plain = Buffer.from(this.#window.subarray(start, end));
    if (!this.#frame.independent) {
      const from = Math.max(0, end - historyBytes);
      this.#window.copyWithin(0, from, end);
      this.#history = end - from;
    }
    return plain;
  }

  #expand(stored: Buffer, start: number): number {
    const window = this.#window;
    const limit = start + this.#frame.maxBlock;
    let out = start;
    let at = 0;
    const lengthFrom = (nibble: number): number => {
      let length = nibble;
      for (let byte = 255; nibble === 15 && byte === 255; length += byte) {
        byte = this.#byte(stored, at);
        at += 1;
      }
      return length;
    };
    for (;;) {
      const token = this.#byte(stored, at);
      at += 1;
      const literals = lengthFrom(token >> 4);
      if (at + literals > stored.length || out + literals > limit) throw this.#damaged();
      out += stored.copy(window, out, at, at + literals);
      at += literals;
      if (at === stored.length) return out;
      const offset = this.#byte(stored, at) | (this.#byte(stored, at + 1) << 8);
      at += 2;
      const length = lengthFrom(token & 15) + minMatch;
      if (offset === 0 || offset > out || out + length > limit) throw this.#damaged();
      out = repeat(window, out, offset, length);
    }
  }

  #byte(stored: Buffer, at: number): number {
    const byte = stored[at];
    if (byte === undefined) throw this.#damaged();
    return byte;
  }

  #damaged(): EspejoError {
    return this.#input.broken('an LZ4 block is damaged');
  }
}

const minMatch = 4;

/** Copies what lies `offset` before, which may overlap with what is written. @returns the new end */
function repeat(window: Buffer, out: number, offset: number, length: number): number {
  if (offset >= length) window.copyWithin(out, out - offset, out - offset + length);
  else for (let at = out; at < out + length; at += 1) window[at] = window[at - offset] ?? 0;
  return out + length;
}

/** Bytes that have to be there. */
class Input {
  readonly #source: StreamSource;
  readonly #what: string;

  constructor(source: StreamSource, what: string) {
    this.#source = source;
    this.#what = what;
  }

  async take(size: number): Promise<Buffer> {
    const bytes = await readBytes(this.#source, size);
    if (bytes.length < size) throw this.broken('its LZ4 data are cut short');
    return bytes;
  }

  async skip(size: number): Promise<void> {
    if ((await this.#source.skip(size)) < size) throw this.broken('its LZ4 data are cut short');
  }

  async isAtEnd(): Promise<boolean> {
    return await this.#source.isAtEnd();
  }

  /** Compares a checksum with the next four bytes. */
  async check(checksum: Xxh32, what: 'block' | 'frame'): Promise<void> {
    if ((await this.take(4)).readUInt32LE() !== checksum.digest())
      throw this.broken(`the checksum of an LZ4 ${what} is wrong`);
  }

  broken(reason: string): EspejoError {
    return notAPackage(this.#what, `${reason} (at byte ${this.#source.offset})`);
  }
}
