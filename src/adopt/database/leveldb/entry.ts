import { damaged } from './damage.ts';

/** One version of a key. The version with the highest sequence number counts; without a value the key is deleted. */
export type Entry = { readonly key: Buffer; readonly sequence: number; readonly value: Buffer | undefined };

/** The order of LevelDB: keys bytewise, the newest version of a key first. */
export function compareEntries(a: Position, b: Position): number {
  return Buffer.compare(a.key, b.key) || b.sequence - a.sequence;
}

export type Position = Pick<Entry, 'key' | 'sequence'>;

/**
 * Splits the keys of tables: user key, then 8 bytes with the type below the sequence number.
 * @throws E_CATALOG
 */
export function splitInternalKey(internal: Buffer, what: string): Position & { readonly deleted: boolean } {
  const end = internal.length - 8;
  if (end < 0) throw damaged(what, 'has a key without a sequence number');
  const type = internal.readUInt8(end);
  if (type > 1) throw damaged(what, `has a key of the unknown type ${type}`);
  const sequence = internal.readUIntLE(end + 1, 4) + internal.readUIntLE(end + 5, 3) * 2 ** 32;
  return { key: internal.subarray(0, end), sequence, deleted: type === 0 };
}
