import { ByteCursor } from './byte-cursor.ts';
import { maskedCrc32c } from './crc32c.ts';
import { damaged } from './damage.ts';
import { unsnappy } from './snappy.ts';

/** Where a block is in its table file; the trailer of 5 bytes follows it. */
export type BlockHandle = { readonly offset: number; readonly size: number };

export const blockTrailerBytes = 5;

/**
 * Checks and decompresses a block.
 * @param stored its bytes with the trailer: compression type, masked CRC-32C
 * @throws E_CATALOG
 */
export function openBlock(stored: Buffer, what: string): Buffer {
  const end = stored.length - blockTrailerBytes;
  if (stored.readUInt32LE(end + 1) !== maskedCrc32c(stored.subarray(0, end + 1))) {
    throw damaged(what, 'its checksum is wrong');
  }
  const content = stored.subarray(0, end);
  const compression = stored.readUInt8(end);
  if (compression === 0) return content;
  if (compression === 1) return unsnappy(content, what);
  throw damaged(what, `is compressed in the unknown way ${compression}`);
}

/**
 * The keys and values of a decompressed block in their order. Keys share prefixes with the key before; the restart
 * points after the entries serve binary search only and are skipped.
 * @throws E_CATALOG
 */
export function readBlock(
  block: Buffer,
  what: string,
): readonly { readonly key: Buffer; readonly value: Buffer }[] {
  const restarts = block.length < 4 ? 0 : block.readUInt32LE(block.length - 4);
  const end = block.length - 4 - restarts * 4;
  if (end < 0) throw damaged(what, 'is too short');
  const cursor = new ByteCursor(block.subarray(0, end), what);
  const entries: { key: Buffer; value: Buffer }[] = [];
  let previous = Buffer.alloc(0);
  while (!cursor.done) {
    const shared = cursor.varint();
    const unshared = cursor.varint();
    const valueLength = cursor.varint();
    if (shared > previous.length) throw damaged(what, 'has a key that shares more than there is');
    const tail = cursor.take(unshared);
    const key = Buffer.allocUnsafe(shared + unshared);
    previous.copy(key, 0, 0, shared);
    tail.copy(key, shared);
    entries.push({ key, value: cursor.take(valueLength) });
    previous = key;
  }
  return entries;
}

/** @throws E_CATALOG */
export function readHandle(cursor: ByteCursor): BlockHandle {
  return { offset: cursor.varint(), size: cursor.varint() };
}
