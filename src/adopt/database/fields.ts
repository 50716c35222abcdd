import type { DigestName, FileFacts } from '../../core/digest.ts';
import { EspejoError } from '../../core/errors.ts';
import { decodeMsgpack, type MsgMap, type MsgValue } from './msgpack.ts';
import { type AptlyTime, readTime } from './time.ts';

/**
 * A record with typed access to its fields. A missing field and nil are the zero value of the type, as in Go.
 * Every method throws E_CATALOG, with the key of the record and the field, when the field is of another type.
 */
export class Fields {
  readonly #map: MsgMap;
  readonly #what: string;

  /** @param what names the record in errors: its key */
  constructor(map: MsgMap, what: string) {
    this.#map = map;
    this.#what = what;
  }

  /** @throws E_CATALOG when the bytes are no map */
  static decode(bytes: Buffer, what: string): Fields {
    return Fields.of(decodeMsgpack(bytes, what), what);
  }

  /** Nil is the empty record. @throws E_CATALOG when the value is no map */
  static of(value: MsgValue, what: string): Fields {
    if (value === null) return new Fields(new Map(), what);
    if (!(value instanceof Map))
      throw new EspejoError('E_CATALOG', `${what}: malformed record: it is no map`);
    return new Fields(value, what);
  }

  get names(): readonly string[] {
    return Array.from(this.#map.keys());
  }

  text(name: string): string {
    return this.#bytes(name).toString('utf8');
  }

  /** Text as bytes, one character each: for what goes into stanzas, in whatever encoding it is. */
  latin1(name: string): string {
    return this.#bytes(name).toString('latin1');
  }

  texts(name: string): readonly string[] {
    return this.#raws(name).map((raw) => raw.toString('utf8'));
  }

  latin1s(name: string): readonly string[] {
    return this.#raws(name).map((raw) => raw.toString('latin1'));
  }

  textMap(name: string): ReadonlyMap<string, string> {
    const fields = this.record(name);
    return new Map(fields.names.map((key) => [key, fields.text(key)]));
  }

  flag(name: string): boolean {
    const value = this.#value(name);
    if (value === null || typeof value === 'boolean') return value ?? false;
    throw this.wrong(name, 'a boolean');
  }

  integer(name: string): number {
    const value = this.#value(name);
    if (value === null || Number.isSafeInteger(value)) return Number(value ?? 0);
    throw this.wrong(name, 'an integer');
  }

  /** An unsigned number of 64 bits. */
  unsigned64(name: string): bigint {
    const value = this.#value(name);
    if (value === null) return 0n;
    if (typeof value === 'bigint' || Number.isSafeInteger(value))
      return BigInt.asUintN(64, BigInt(value as number));
    throw this.wrong(name, 'an integer');
  }

  time(name: string): AptlyTime | undefined {
    return readTime(this.#value(name));
  }

  record(name: string): Fields {
    return Fields.of(this.#value(name), `${this.#what}: ${name}`);
  }

  has(name: string): boolean {
    return this.#value(name) !== null;
  }

  records(name: string): readonly Fields[] {
    return this.#list(name).map((value) => Fields.of(value, `${this.#what}: ${name}`));
  }

  /**
   * Size and checksums of a file, an empty checksum being unknown.
   * @param odd told of a size or checksum that is none, which then counts as 0 or unknown; without it, E_CATALOG
   */
  facts(odd: (error: EspejoError) => void = raise): FileFacts {
    const claimed = this.integer('Size');
    const size = Math.max(claimed, 0);
    if (claimed < 0) odd(this.wrong('Size', 'a size'));
    const digests: { [Name in DigestName]?: string } = {};
    for (const { field, name, length } of checksums) {
      const hex = this.text(field).toLowerCase();
      if (hex === '') continue;
      if (hex.length === length && /^[0-9a-f]+$/.test(hex)) digests[name] = hex;
      else odd(this.wrong(field, `a ${field} checksum`));
    }
    return { size, digests };
  }

  wrong(name: string, expected: string): EspejoError {
    const context = { key: this.#what, field: name };
    return new EspejoError('E_CATALOG', `${this.#what}: malformed record: ${name} is not ${expected}`, {
      context,
    });
  }

  #value(name: string): MsgValue {
    return this.#map.get(name) ?? null;
  }

  #bytes(name: string): Buffer {
    const value = this.#value(name);
    if (value === null) return Buffer.alloc(0);
    if (Buffer.isBuffer(value)) return value;
    throw this.wrong(name, 'a text');
  }

  #raws(name: string): readonly Buffer[] {
    return this.#list(name).map((value) => {
      if (Buffer.isBuffer(value)) return value;
      throw this.wrong(name, 'a list of texts');
    });
  }

  #list(name: string): readonly MsgValue[] {
    const value = this.#value(name);
    if (value === null) return [];
    if (Array.isArray(value)) return value;
    throw this.wrong(name, 'a list');
  }
}

function raise(error: EspejoError): never {
  throw error;
}

const checksums = [
  { field: 'MD5', name: 'md5', length: 32 },
  { field: 'SHA1', name: 'sha1', length: 40 },
  { field: 'SHA256', name: 'sha256', length: 64 },
  { field: 'SHA512', name: 'sha512', length: 128 },
] as const satisfies readonly { field: string; name: DigestName; length: number }[];
