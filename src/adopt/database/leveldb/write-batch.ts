import { ByteCursor } from './byte-cursor.ts';
import { damaged } from './damage.ts';
import type { Entry } from './entry.ts';

/**
 * The entries of one record of a database log: first sequence number, count, then puts and deletions.
 * @throws E_CATALOG
 */
export function readWriteBatch(record: Buffer, what: string): readonly Entry[] {
  const cursor = new ByteCursor(record, what);
  const start = cursor.uint64();
  const count = cursor.uint32();
  const entries: Entry[] = [];
  while (!cursor.done) {
    const type = cursor.byte();
    if (type > 1) throw damaged(what, `has an entry of the unknown type ${type}`);
    const key = cursor.string();
    const value = type === 1 ? cursor.string() : undefined;
    entries.push({ key, sequence: start + entries.length, value });
  }
  if (entries.length !== count) throw damaged(what, `has ${entries.length} entries and not ${count}`);
  return entries;
}
