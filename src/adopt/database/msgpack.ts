import { EspejoError } from '../../core/errors.ts';

/** Strings stay bytes, because aptly writes byte arrays and text of any encoding alike. */
export type MsgValue =
  | null
  | boolean
  | number
  | bigint
  | Buffer
  | readonly MsgValue[]
  | MsgMap
  | MsgExtension;

export type MsgMap = ReadonlyMap<string, MsgValue>;

/** A value of the extension types; the timestamp is type -1. */
export class MsgExtension {
  readonly type: number;
  readonly data: Buffer;

  constructor(type: number, data: Buffer) {
    this.type = type;
    this.data = data;
  }
}

/**
 * Decodes one MessagePack value of the old and the new specification. Integers above 2^53 are bigint. What is claimed
 * is believed only as far as there are bytes, and nesting ends at 32.
 * @param what names the value in errors
 * @throws E_CATALOG when it is malformed or something follows it
 */
export function decodeMsgpack(bytes: Buffer, what: string): MsgValue {
  const decoder = new Decoder(bytes, what);
  const value = decoder.value(0);
  if (!decoder.done) throw decoder.malformed('something follows the value');
  return value;
}

const maxDepth = 32;

class Decoder {
  readonly #bytes: Buffer;
  readonly #what: string;
  #at = 0;

  constructor(bytes: Buffer, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  get done(): boolean {
    return this.#at === this.#bytes.length;
  }

  value(depth: number): MsgValue {
    if (depth > maxDepth) throw this.malformed('it is nested too deeply');
    const head = this.#unsigned(1);
    if (head <= 0x7f) return head;
    if (head <= 0x8f) return this.#map(head & 0x0f, depth);
    if (head <= 0x9f) return this.#list(head & 0x0f, depth);
    if (head <= 0xbf) return this.#take(head & 0x1f);
    if (head >= 0xe0) return head - 0x100;
    return this.#longForm(head, depth);
  }

  malformed(problem: string): EspejoError {
    const context = { what: this.#what, position: this.#at };
    return new EspejoError('E_CATALOG', `${this.#what}: malformed record: ${problem}`, { context });
  }

  #longForm(head: number, depth: number): MsgValue {
    switch (head) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xca:
        return this.#take(4).readFloatBE(0);
      case 0xcb:
        return this.#take(8).readDoubleBE(0);
      case 0xcf:
        return plain(this.#take(8).readBigUInt64BE(0));
      case 0xd3:
        return plain(this.#take(8).readBigInt64BE(0));
      case 0xdc:
      case 0xdd:
        return this.#list(this.#unsigned(head === 0xdc ? 2 : 4), depth);
      case 0xde:
      case 0xdf:
        return this.#map(this.#unsigned(head === 0xde ? 2 : 4), depth);
      default:
        return this.#sized(head);
    }
  }

  /** The forms whose size is a power of two in the low bits of their first byte. */
  #sized(head: number): MsgValue {
    if (head >= 0xc4 && head <= 0xc6) return this.#take(this.#unsigned(2 ** (head - 0xc4)));
    if (head >= 0xc7 && head <= 0xc9) return this.#extension(this.#unsigned(2 ** (head - 0xc7)));
    if (head >= 0xcc && head <= 0xce) return this.#unsigned(2 ** (head - 0xcc));
    if (head >= 0xd0 && head <= 0xd2) {
      const width = 2 ** (head - 0xd0);
      return this.#take(width).readIntBE(0, width);
    }
    if (head >= 0xd4 && head <= 0xd8) return this.#extension(2 ** (head - 0xd4));
    if (head >= 0xd9 && head <= 0xdb) return this.#take(this.#unsigned(2 ** (head - 0xd9)));
    throw this.malformed(`0x${head.toString(16)} starts no value`);
  }

  #list(length: number, depth: number): readonly MsgValue[] {
    this.#assertLeft(length);
    const values: MsgValue[] = [];
    for (let at = 0; at < length; at += 1) values.push(this.value(depth + 1));
    return values;
  }

  #map(length: number, depth: number): MsgMap {
    this.#assertLeft(length * 2);
    const values = new Map<string, MsgValue>();
    for (let at = 0; at < length; at += 1) {
      const key = this.value(depth + 1);
      if (!Buffer.isBuffer(key)) throw this.malformed('a key is no text');
      values.set(key.toString('utf8'), this.value(depth + 1));
    }
    return values;
  }

  #extension(length: number): MsgExtension {
    const type = this.#take(1).readInt8(0);
    return new MsgExtension(type, this.#take(length));
  }

  #unsigned(width: number): number {
    return this.#take(width).readUIntBE(0, width);
  }

  #take(length: number): Buffer {
    this.#assertLeft(length);
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  #assertLeft(bytes: number): void {
    if (this.#at + bytes > this.#bytes.length) throw this.malformed('it ends early');
  }
}

function plain(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
