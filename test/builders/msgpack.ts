/** A value in MessagePack as aptly writes it: the old specification, text and bytes as raw. Undefined is nil. */
export type Packable =
  | undefined
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly Packable[]
  | { readonly [field: string]: Packable };

/** Encodes a value in the shortest forms that Go's codec has without the new specification. */
export function packed(value: Packable): Buffer {
  if (value === undefined) return Buffer.from([0xc0]);
  if (typeof value === 'boolean') return Buffer.from([value ? 0xc3 : 0xc2]);
  if (typeof value === 'bigint') return withHead(0xcf, 8, value);
  if (typeof value === 'number') return packedNumber(value);
  if (typeof value === 'string') return packedRaw(Buffer.from(value));
  if (value instanceof Uint8Array) return packedRaw(value);
  if (isList(value)) return Buffer.concat([head(value.length, 0x90, 0xdc), ...value.map(packed)]);
  const fields = Object.entries(value);
  const parts = fields.map(([name, field]) => Buffer.concat([packed(name), packed(field)]));
  return Buffer.concat([head(fields.length, 0x80, 0xde), ...parts]);
}

function isList(value: Packable): value is readonly Packable[] {
  return Array.isArray(value);
}

function packedNumber(value: number): Buffer {
  if (value >= 0 && value < 128) return Buffer.from([value]);
  if (value < 0) return withHead(0xd3, 8, BigInt.asUintN(64, BigInt(value)));
  return value < 65_536 ? withHead(0xd1, 2, BigInt(value)) : withHead(0xcf, 8, BigInt(value));
}

function packedRaw(bytes: Uint8Array): Buffer {
  const length =
    bytes.length < 32 ? Buffer.from([0xa0 + bytes.length]) : withHead(0xda, 2, BigInt(bytes.length));
  return Buffer.concat([length, bytes]);
}

function head(length: number, fixed: number, long: number): Buffer {
  return length < 16 ? Buffer.from([fixed + length]) : withHead(long, 2, BigInt(length));
}

function withHead(first: number, width: number, value: bigint): Buffer {
  const bytes = Buffer.alloc(9);
  bytes.writeBigUInt64BE(value, 1);
  return Buffer.concat([Buffer.from([first]), bytes.subarray(9 - width)]);
}
