import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { maskedCrc32c } from '../../src/adopt/database/leveldb/crc32c.ts';
import { compareEntries, type Entry } from '../../src/adopt/database/leveldb/entry.ts';
import { logFormat } from '../../src/adopt/database/leveldb/log.ts';

/** A database to be written as LevelDB would: sequence numbers decide, wherever an entry is. */
export type LevelDbSpec = {
  readonly tables?: readonly (readonly Entry[])[];
  readonly log?: readonly Entry[];
  /** Snappy with literals only. Default true. */
  readonly compressed?: boolean;
  /** Extension of the table files. Default `ldb`. */
  readonly extension?: 'ldb' | 'sst';
};

export function put(sequence: number, key: string, value: Uint8Array | string): Entry {
  return { key: Buffer.from(key, 'latin1'), sequence, value: Buffer.from(value) };
}

export function remove(sequence: number, key: string): Entry {
  return { key: Buffer.from(key, 'latin1'), sequence, value: undefined };
}

/** Writes a complete database directory with log 7 and MANIFEST-000008. */
export async function writeLevelDb(directory: string, spec: LevelDbSpec): Promise<void> {
  const { tables = [], log = [], compressed = true, extension = 'ldb' } = spec;
  await mkdir(directory, { recursive: true });
  const edits = [
    Buffer.concat([varint(1), text('leveldb.BytewiseComparator')]),
    Buffer.from([2, 7, 9, 0, 3, 99, 4, 77]),
  ];
  for (const [position, entries] of tables.entries()) {
    const number = 100 + position;
    const table = tableOf(entries.toSorted(compareEntries), compressed);
    await writeFile(join(directory, `${String(number).padStart(6, '0')}.${extension}`), table.bytes);
    edits.push(
      Buffer.concat([
        varint(7),
        varint(0),
        varint(number),
        varint(table.bytes.length),
        ...table.range.map(text),
      ]),
    );
  }
  await writeFile(join(directory, 'MANIFEST-000008'), logOf(edits));
  await writeFile(join(directory, '000007.log'), logOf(log.map(batchOf)));
  await writeFile(join(directory, 'LOCK'), '');
  await writeFile(join(directory, 'CURRENT'), 'MANIFEST-000008\n');
}

/** Records in the form of a log. */
export function logOf(records: readonly Uint8Array[]): Buffer {
  const { blockBytes, headerBytes } = logFormat;
  const parts: Buffer[] = [];
  let at = 0;
  for (const record of records) {
    let rest = record;
    let begun = false;
    for (;;) {
      const left = blockBytes - (at % blockBytes);
      if (left < headerBytes) {
        parts.push(Buffer.alloc(left));
        at += left;
        continue;
      }
      const data = rest.subarray(0, left - headerBytes);
      rest = rest.subarray(data.length);
      const ends = rest.length === 0;
      const type = ends
        ? begun
          ? logFormat.last
          : logFormat.full
        : begun
          ? logFormat.middle
          : logFormat.first;
      parts.push(fragment(type, data));
      at += headerBytes + data.length;
      begun = true;
      if (ends) break;
    }
  }
  return Buffer.concat(parts);
}

function fragment(type: number, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from([type]), data]);
  const header = Buffer.alloc(6);
  header.writeUInt32LE(maskedCrc32c(body), 0);
  header.writeUInt16LE(data.length, 4);
  return Buffer.concat([header, body]);
}

function batchOf({ key, sequence, value }: Entry): Buffer {
  const header = Buffer.alloc(12);
  header.writeBigUInt64LE(BigInt(sequence), 0);
  header.writeUInt32LE(1, 8);
  const body =
    value === undefined ? [Buffer.from([0]), text(key)] : [Buffer.from([1]), text(key), text(value)];
  return Buffer.concat([header, ...body]);
}

const blockLimit = 4096;

function tableOf(
  entries: readonly Entry[],
  compressed: boolean,
): { bytes: Buffer; range: readonly Buffer[] } {
  const parts: Buffer[] = [];
  let at = 0;
  const add = (block: Buffer): Buffer => {
    const handle = Buffer.concat([varint(at), varint(block.length)]);
    const body = Buffer.concat([block, Buffer.from([compressed ? 1 : 0])]);
    const crc = Buffer.alloc(4);
    crc.writeUInt32LE(maskedCrc32c(body));
    parts.push(body, crc);
    at += body.length + 4;
    return handle;
  };
  const store = (pairs: readonly Pair[]): Buffer =>
    add(compressed ? literals(blockOf(pairs)) : blockOf(pairs));
  const index: Pair[] = [];
  const pairs = entries.map((entry) => ({ key: internalKey(entry), value: entry.value ?? Buffer.alloc(0) }));
  for (const group of grouped(pairs))
    index.push({ key: group.at(-1)?.key ?? Buffer.alloc(0), value: store(group) });
  const metaIndex = store([]);
  const footer = Buffer.alloc(48);
  Buffer.concat([metaIndex, store(index)]).copy(footer);
  footer.writeBigUInt64LE(0xdb4775248b80fb57n, 40);
  const range = [pairs.at(0), pairs.at(-1)].map((pair) => pair?.key ?? Buffer.alloc(8));
  return { bytes: Buffer.concat([...parts, footer]), range };
}

type Pair = { readonly key: Buffer; readonly value: Buffer };

function grouped(pairs: readonly Pair[]): readonly (readonly Pair[])[] {
  const groups: Pair[][] = [];
  let bytes = blockLimit;
  for (const pair of pairs) {
    if (bytes >= blockLimit) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1)?.push(pair);
    bytes += pair.key.length + pair.value.length;
  }
  return groups;
}

function blockOf(pairs: readonly Pair[]): Buffer {
  const parts: Buffer[] = [];
  let previous: Buffer = Buffer.alloc(0);
  for (const { key, value } of pairs) {
    let shared = 0;
    while (shared < previous.length && shared < key.length && previous[shared] === key[shared]) shared += 1;
    parts.push(
      varint(shared),
      varint(key.length - shared),
      varint(value.length),
      key.subarray(shared),
      value,
    );
    previous = key;
  }
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(1, 4);
  return Buffer.concat([...parts, trailer]);
}

function internalKey({ key, sequence, value }: Entry): Buffer {
  const tag = Buffer.alloc(8);
  tag.writeBigUInt64LE((BigInt(sequence) << 8n) | (value === undefined ? 0n : 1n));
  return Buffer.concat([key, tag]);
}

function literals(block: Buffer): Buffer {
  const head = Buffer.alloc(5, 63 << 2);
  head.writeUInt32LE(block.length - 1, 1);
  return Buffer.concat([varint(block.length), head, block]);
}

function text(bytes: Uint8Array | string): Buffer {
  const content = Buffer.from(bytes);
  return Buffer.concat([varint(content.length), content]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, rest]);
}
