import { type FileHandle, open } from 'node:fs/promises';
import { fileError } from '../../../core/files.ts';
import { type BlockHandle, blockTrailerBytes, openBlock, readBlock, readHandle } from './block.ts';
import { ByteCursor } from './byte-cursor.ts';
import { damaged } from './damage.ts';
import { type Entry, type Position, splitInternalKey } from './entry.ts';
import type { TableFacts } from './manifest.ts';
import type { EntrySource } from './merge.ts';

/** One immutable table file, held open: that it is deleted by a compaction later does not hurt its reader. */
export class Table implements EntrySource {
  readonly smallest: Position;
  readonly largest: Position;
  readonly #file: FileHandle;
  readonly #facts: TableFacts;
  readonly #what: string;
  #index: Promise<readonly IndexEntry[]> | undefined;

  private constructor(file: FileHandle, facts: TableFacts, what: string) {
    this.#file = file;
    this.#facts = facts;
    this.#what = what;
    this.smallest = facts.smallest;
    this.largest = facts.largest;
  }

  /** @throws E_CATALOG when the file has another size than the MANIFEST says; E_IO, E_PERMISSION */
  static async open(path: string, facts: TableFacts): Promise<Table> {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      if (size !== facts.bytes || size < footerBytes) {
        throw damaged(path, `has ${size} bytes and not the ${facts.bytes} it should have`);
      }
      return new Table(file, facts, path);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Batches of the entries from the key `start` on. @throws E_CATALOG */
  async *entries(start: Buffer): AsyncGenerator<readonly Entry[], void> {
    this.#index ??= this.#readIndex();
    const index = await this.#index;
    let next = index.findIndex(({ lastKey }) => Buffer.compare(lastKey, start) >= 0);
    if (next < 0) return;
    let budget = firstReadBytes;
    while (next < index.length) {
      const run = contiguous(index, next, budget);
      const entries = await this.#readRun(run);
      yield fromKey(entries, start);
      next += run.length;
      budget = Math.min(budget * 4, maxReadBytes);
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async #readIndex(): Promise<readonly IndexEntry[]> {
    const footer = await this.#read(this.#facts.bytes - footerBytes, footerBytes);
    if (footer.readBigUInt64LE(footerBytes - 8) !== magic)
      throw damaged(this.#what, 'is no table of LevelDB');
    const cursor = new ByteCursor(footer, this.#what);
    readHandle(cursor);
    const handle = readHandle(cursor);
    const stored = await this.#read(handle.offset, handle.size + blockTrailerBytes);
    return readBlock(openBlock(stored, this.#what), this.#what).map(({ key, value }) => ({
      lastKey: splitInternalKey(key, this.#what).key,
      handle: readHandle(new ByteCursor(value, this.#what)),
    }));
  }

  async #readRun(run: readonly BlockHandle[]): Promise<readonly Entry[]> {
    const [{ offset: start } = { offset: 0 }] = run;
    const last = run.at(-1) ?? { offset: start, size: 0 };
    const bytes = await this.#read(start, last.offset + last.size + blockTrailerBytes - start);
    const entries: Entry[] = [];
    for (const { offset, size } of run) {
      const stored = bytes.subarray(offset - start, offset - start + size + blockTrailerBytes);
      for (const { key: internal, value } of readBlock(openBlock(stored, this.#what), this.#what)) {
        const { key, sequence, deleted } = splitInternalKey(internal, this.#what);
        entries.push({ key, sequence, value: deleted ? undefined : value });
      }
    }
    return entries;
  }

  async #read(position: number, length: number): Promise<Buffer> {
    if (position + length > this.#facts.bytes) throw damaged(this.#what, 'points beyond its end');
    const buffer = Buffer.allocUnsafe(length);
    try {
      for (let filled = 0; filled < length; ) {
        const { bytesRead } = await this.#file.read(buffer, filled, length - filled, position + filled);
        if (bytesRead === 0) throw damaged(this.#what, 'became shorter');
        filled += bytesRead;
      }
    } catch (cause) {
      throw fileError(cause, `cannot read ${this.#what}`);
    }
    return buffer;
  }
}

type IndexEntry = { readonly lastKey: Buffer; readonly handle: BlockHandle };

const footerBytes = 48;
const magic = 0xdb4775248b80fb57n;

/** The first read is one block, which is all that a lookup needs; a scan reads on in ever larger pieces. */
const firstReadBytes = 4096;
const maxReadBytes = 1 << 20;

/** The blocks from `start` on that lie one behind the other, up to `budget` bytes, at least one. */
function contiguous(index: readonly IndexEntry[], start: number, budget: number): readonly BlockHandle[] {
  const run: BlockHandle[] = [];
  let bytes = 0;
  let expected: number | undefined;
  for (let at = start; at < index.length; at += 1) {
    const handle = index[at]?.handle;
    if (handle === undefined || (expected !== undefined && handle.offset !== expected)) break;
    if (run.length > 0 && bytes + handle.size > budget) break;
    run.push(handle);
    bytes += handle.size + blockTrailerBytes;
    expected = handle.offset + handle.size + blockTrailerBytes;
  }
  return run;
}

function fromKey(entries: readonly Entry[], start: Buffer): readonly Entry[] {
  const first = entries.findIndex(({ key }) => Buffer.compare(key, start) >= 0);
  if (first < 0) return [];
  return first === 0 ? entries : entries.slice(first);
}
