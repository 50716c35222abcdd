import { setImmediate } from 'node:timers/promises';
import { malformed } from './package-format.ts';

/**
 * Inflates bzip2, one or more streams one after the other; what follows and is none is passed over, as bzip2, apt and dpkg do. Our own, because unbzip2-stream gives a whole input chunk at
 * once (a bomb of 1 MB fills the memory), and a run of more than 2^31 bytes keeps it busy for ever.
 * Holds some 10 MiB; yields pieces of at most 64 KiB.
 * @param what names the file in errors
 * @throws E_DEB_FORMAT when it is no bzip2, damaged, or cut short
 */
export async function* bunzip2(
  source: AsyncIterable<Uint8Array>,
  what: string,
): AsyncGenerator<Buffer, void, undefined> {
  const bits = new BitReader(source, what);
  do {
    let combined = 0;
    await bits.fill();
    const blockSize = streamHeader(bits);
    for (;;) {
      await bits.fill();
      // A block takes a while; others want their turn, and a signal could not fire otherwise.
      await setImmediate();
      const magic = bits.take(24) * 2 ** 24 + bits.take(24);
      if (magic === endMagic) break;
      if (magic !== blockMagic) throw bits.broken('a bzip2 block is missing');
      const expected = bits.take32();
      const crc = yield* readBlock(bits, blockSize);
      if (crc !== expected) throw bits.broken('the checksum of a bzip2 block is wrong');
      combined = ((combined << 1) | (combined >>> 31)) ^ crc;
    }
    if (bits.take32() !== combined >>> 0) throw bits.broken('the checksum of a bzip2 stream is wrong');
    bits.align();
    await bits.fill();
  } while (bits.beginsStream());
  await bits.drain();
}

const streamMagic = Buffer.from('BZh');
const blockMagic = 0x314159265359;
const endMagic = 0x177245385090;
const maxOutput = 64 * 1024;
/** A block has 900,001 symbols of 20 bits, and tables: less than this. */
const maxBlockInput = 2_500_000;
const maxCodeBits = 20;
const groupSize = 50;
/** What bzip2 itself reads at most; more selectors than symbols need are legal. */
const maxSelectors = 18_002;

/** Bits, most significant first, over a window that {@link BitReader.fill} moves on. */
class BitReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #what: string;
  #window: Buffer = Buffer.alloc(0);
  #at = 0;
  #before = 0;
  #held = 0;
  #count = 0;

  constructor(source: AsyncIterable<Uint8Array>, what: string) {
    this.#chunks = source[Symbol.asyncIterator]();
    this.#what = what;
  }

  /** Makes sure that a whole block, or all that is left, can be taken. */
  async fill(): Promise<void> {
    const rest = this.#window.subarray(this.#at);
    if (rest.length >= maxBlockInput) return;
    const parts: Uint8Array[] = [rest];
    let length = rest.length;
    while (length < 2 * maxBlockInput) {
      const { done, value } = await this.#chunks.next();
      if (done === true) break;
      parts.push(value);
      length += value.byteLength;
    }
    if (parts.length === 1) return;
    this.#before += this.#at;
    this.#window = Buffer.concat(parts);
    this.#at = 0;
  }

  /** @param size at most 24 */
  take(size: number): number {
    while (this.#count < size) {
      const byte = this.#window[this.#at];
      if (byte === undefined) throw this.broken('its bzip2 data are cut short');
      this.#at += 1;
      this.#held = (this.#held << 8) | byte;
      this.#count += 8;
    }
    this.#count -= size;
    return (this.#held >>> this.#count) & ((1 << size) - 1);
  }

  take32(): number {
    return this.take(16) * 2 ** 16 + this.take(16);
  }

  align(): void {
    this.#count -= this.#count % 8;
  }

  beginsStream(): boolean {
    return this.#window.subarray(this.#at, this.#at + 3).equals(streamMagic);
  }

  /** Passes over what is left. */
  async drain(): Promise<void> {
    while ((await this.#chunks.next()).done !== true);
  }

  broken(problem: string): Error {
    return malformed({ what: this.#what, offset: this.#before + this.#at }, problem);
  }
}

function streamHeader(bits: BitReader): number {
  const magic = bits.take(24);
  const level = bits.take(8) - 0x30;
  if (magic !== streamMagic.readUIntBE(0, 3) || level < 1 || level > 9) throw bits.broken('it is not bzip2');
  return level * 100_000;
}

/** Yields what a block inflates to and returns the checksum of that. */
function* readBlock(bits: BitReader, blockSize: number): Generator<Buffer, number, undefined> {
  if (bits.take(1) === 1) throw bits.broken('a bzip2 block is randomised, which no bzip2 since 1998 does');
  const origin = bits.take(24);
  const symbols = readAlphabet(bits);
  const { selectors, tables } = readTables(bits, symbols.length + 2);
  const block = readSymbols(bits, { blockSize, symbols, selectors, tables });
  if (origin >= block.length) throw bits.broken('a bzip2 block begins nowhere');
  return yield* expandRuns(block, chain(block, origin));
}

/** The bytes that occur in the block. */
function readAlphabet(bits: BitReader): Uint8Array {
  const rows = bits.take(16);
  const found: number[] = [];
  for (let row = 0; row < 16; row += 1) {
    if (((rows >> (15 - row)) & 1) === 0) continue;
    const used = bits.take(16);
    for (let column = 0; column < 16; column += 1) {
      if (((used >> (15 - column)) & 1) === 1) found.push(row * 16 + column);
    }
  }
  if (found.length === 0) throw bits.broken('a bzip2 block uses no bytes');
  return Uint8Array.from(found);
}

type CodeTable = {
  readonly minBits: number;
  readonly maxBits: number;
  /** By length: the largest code, or -1. */
  readonly limits: Int32Array;
  /** By length: what is taken from a code to get a place in `order`. */
  readonly bases: Int32Array;
  /** Symbols by code. */
  readonly order: Uint16Array;
};

function readTables(
  bits: BitReader,
  symbolCount: number,
): { readonly selectors: Uint8Array; readonly tables: readonly CodeTable[] } {
  const groups = bits.take(3);
  const count = bits.take(15);
  if (groups < 2 || groups > 6 || count === 0) throw bits.broken('a bzip2 block has impossible tables');
  const selectors = new Uint8Array(Math.min(count, maxSelectors));
  const recent = Array.from({ length: groups }, (_, group) => group);
  for (let at = 0; at < count; at += 1) {
    let place = 0;
    while (bits.take(1) === 1) {
      place += 1;
      if (place >= groups) throw bits.broken('a bzip2 block has an impossible selector');
    }
    const [group = 0] = recent.splice(place, 1);
    recent.unshift(group);
    if (at < selectors.length) selectors[at] = group;
  }
  const tables = Array.from({ length: groups }, () => codeTable(readLengths(bits, symbolCount)));
  return { selectors, tables };
}

function readLengths(bits: BitReader, symbolCount: number): Uint8Array {
  const lengths = new Uint8Array(symbolCount);
  let length = bits.take(5);
  for (let symbol = 0; symbol < symbolCount; symbol += 1) {
    for (;;) {
      if (length < 1 || length > maxCodeBits) throw bits.broken('a bzip2 code has an impossible length');
      if (bits.take(1) === 0) break;
      length += bits.take(1) === 0 ? 1 : -1;
    }
    lengths[symbol] = length;
  }
  return lengths;
}

/** Canonical Huffman codes: shorter ones first, symbols of one length in order. */
function codeTable(lengths: Uint8Array): CodeTable {
  const counts = new Int32Array(maxCodeBits + 2);
  for (const length of lengths) counts[length] = (counts[length] ?? 0) + 1;
  const limits = new Int32Array(maxCodeBits + 1).fill(-1);
  const bases = new Int32Array(maxCodeBits + 1);
  const order = new Uint16Array(lengths.length);
  let code = 0;
  let placed = 0;
  for (let length = 1; length <= maxCodeBits; length += 1) {
    const count = counts[length] ?? 0;
    bases[length] = code - placed;
    if (count > 0) limits[length] = code + count - 1;
    for (let symbol = 0; symbol < lengths.length; symbol += 1) {
      if (lengths[symbol] !== length) continue;
      order[placed] = symbol;
      placed += 1;
    }
    code = (code + count) << 1;
  }
  return { minBits: Math.min(...lengths), maxBits: Math.max(...lengths), limits, bases, order };
}

function readSymbol(bits: BitReader, table: CodeTable): number {
  let length = table.minBits;
  let code = bits.take(length);
  for (;;) {
    if (code <= (table.limits[length] ?? -1)) {
      const symbol = table.order[code - (table.bases[length] ?? 0)];
      if (symbol !== undefined) return symbol;
    }
    if (length >= table.maxBits) throw bits.broken('a bzip2 code is unknown');
    length += 1;
    code = (code << 1) | bits.take(1);
  }
}

type BlockShape = {
  readonly blockSize: number;
  readonly symbols: Uint8Array;
  readonly selectors: Uint8Array;
  readonly tables: readonly CodeTable[];
};

/** Undoes the Huffman codes, the runs of the most recent byte and the move to the front. */
function readSymbols(bits: BitReader, { blockSize, symbols, selectors, tables }: BlockShape): Uint32Array {
  const block = new Uint32Array(blockSize);
  const recent = Uint8Array.from(symbols);
  const end = symbols.length + 1;
  let length = 0;
  let run = 0;
  let weight = 1;
  for (let position = 0; ; position += 1) {
    const table = tables[selectors[Math.floor(position / groupSize)] ?? -1];
    if (table === undefined) throw bits.broken('a bzip2 block has too few selectors');
    const symbol = readSymbol(bits, table);
    if (symbol < 2) {
      run += weight << symbol;
      weight <<= 1;
      if (run > blockSize) throw bits.broken('a bzip2 block is too long');
      continue;
    }
    if (run > 0) {
      if (length + run > blockSize) throw bits.broken('a bzip2 block is too long');
      block.fill(recent[0] ?? 0, length, length + run);
      length += run;
      run = 0;
      weight = 1;
    }
    if (symbol === end) return block.subarray(0, length);
    if (length >= blockSize) throw bits.broken('a bzip2 block is too long');
    const byte = recent[symbol - 1] ?? 0;
    recent.copyWithin(1, 0, symbol - 1);
    recent[0] = byte;
    block[length] = byte;
    length += 1;
  }
}

/**
 * Undoes the Burrows-Wheeler transformation: the upper 24 bits of each place get the place of the byte that follows.
 * @returns where the text begins
 */
function chain(block: Uint32Array, origin: number): number {
  const starts = new Uint32Array(256);
  for (const byte of block) starts[byte] = (starts[byte] ?? 0) + 1;
  let total = 0;
  for (let byte = 0; byte < 256; byte += 1) {
    const count = starts[byte] ?? 0;
    starts[byte] = total;
    total += count;
  }
  for (let at = 0; at < block.length; at += 1) {
    const byte = (block[at] ?? 0) & 0xff;
    const place = starts[byte] ?? 0;
    starts[byte] = place + 1;
    block[place] = (block[place] ?? 0) | (at << 8);
  }
  return (block[origin] ?? 0) >>> 8;
}

/** Follows the chain; four equal bytes are followed by the number of further ones. */
function* expandRuns(block: Uint32Array, start: number): Generator<Buffer, number, undefined> {
  let output = Buffer.allocUnsafeSlow(maxOutput);
  let filled = 0;
  let crc = 0xffffffff;
  let equal = 0;
  let previous = -1;
  let place = start;
  for (let left = block.length; left > 0; left -= 1) {
    const entry = block[place] ?? 0;
    const byte = entry & 0xff;
    place = entry >>> 8;
    const isCount = equal === 4;
    const copies = isCount ? byte : 1;
    if (!isCount) {
      equal = byte === previous ? equal + 1 : 1;
      previous = byte;
    } else equal = 0;
    for (let copy = 0; copy < copies; copy += 1) {
      crc = (crc << 8) ^ (crcTable[(crc >>> 24) ^ previous] ?? 0);
      output[filled] = previous;
      filled += 1;
      if (filled < maxOutput) continue;
      yield output;
      output = Buffer.allocUnsafeSlow(maxOutput);
      filled = 0;
    }
    if (isCount) previous = -1;
  }
  if (filled > 0) yield output.subarray(0, filled);
  return ~crc >>> 0;
}

const crcTable = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit += 1) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc;
});
