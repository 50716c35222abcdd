import { damaged } from './damage.ts';

/** Reads LevelDB's little-endian numbers, varints and length-prefixed strings forward; never beyond the end. */
export class ByteCursor {
  readonly #bytes: Buffer;
  readonly #what: string;
  #at = 0;

  /** @param what names the bytes in errors */
  constructor(bytes: Buffer, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** A base-128 number, lowest digits first. @throws E_CATALOG when it ends early or is above 2^53 */
  varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) throw damaged(this.#what, 'ends within a number');
      this.#at += 1;
      value += (byte & 0x7f) * factor;
      if (value > Number.MAX_SAFE_INTEGER) throw damaged(this.#what, 'has a number that is too large');
      if (byte < 0x80) return value;
      if (factor >= 128 ** 7) throw damaged(this.#what, 'has a number that does not end');
    }
  }

  byte(): number {
    return this.take(1).readUInt8(0);
  }

  uint32(): number {
    return this.take(4).readUInt32LE(0);
  }

  uint64(): number {
    const value = this.take(8).readBigUInt64LE(0);
    if (value > Number.MAX_SAFE_INTEGER) throw damaged(this.#what, 'has a number that is too large');
    return Number(value);
  }

  /** A view of the next bytes, not a copy. */
  take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw damaged(this.#what, `ends ${end - this.#bytes.length} bytes early`);
    const bytes = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }

  /** A string after its length. */
  string(): Buffer {
    return this.take(this.varint());
  }
}
