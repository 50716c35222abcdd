import { Xxh32 } from '../../src/deb/xxh32.ts';

/** An LZ4 frame whose blocks, of 64 KiB, are stored as they are. */
export function lz4Frame(content: Uint8Array | string): Buffer {
  const bytes = Buffer.from(content);
  const descriptor = Buffer.from([0x60, 0x40]);
  const check = (new Xxh32().update(descriptor).digest() >>> 8) & 0xff;
  const parts = [Buffer.from('04224d18', 'hex'), descriptor, Buffer.from([check])];
  for (let at = 0; at < bytes.length; at += 65_536) {
    const block = bytes.subarray(at, at + 65_536);
    const head = Buffer.alloc(4);
    head.writeUInt32LE((block.length | 0x80000000) >>> 0);
    parts.push(head, block);
  }
  return Buffer.concat([...parts, Buffer.alloc(4)]);
}
