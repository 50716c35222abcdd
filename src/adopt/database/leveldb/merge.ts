import { throwIfAborted } from '../../../core/abort.ts';
import { compareEntries, type Entry, type Position } from './entry.ts';

/** A sorted run of entries: a table, or what the logs hold. */
export type EntrySource = {
  readonly smallest: Position;
  readonly largest: Position;
  /** Batches of the entries from the key `start` on, in LevelDB's order. */
  entries(start: Buffer): AsyncIterableIterator<readonly Entry[]>;
};

/** From `start` on, up to but not including `end`. */
export type KeyRange = { readonly start: Buffer; readonly end: Buffer };

export type KeyValue = { readonly key: Buffer; readonly value: Buffer };

/**
 * The keys of a range with their newest values, in batches; deleted ones are left out. A source is read only when its
 * range is reached, so few are read at a time however many there are.
 */
export async function* mergeSources(
  sources: readonly EntrySource[],
  range: KeyRange,
  signal: AbortSignal,
): AsyncGenerator<readonly KeyValue[], void> {
  const waiting = sources
    .filter((source) => overlaps(source, range))
    .sort((a, b) => compareEntries(b.smallest, a.smallest));
  const cursors: Cursor[] = [];
  let batch: KeyValue[] = [];
  let previous: Buffer | undefined;
  for (;;) {
    let lowest = lowestOf(cursors);
    for (let next = waiting.at(-1); next !== undefined; next = waiting.at(-1)) {
      if (lowest !== undefined && compareEntries(lowest.current, next.smallest) <= 0) break;
      waiting.pop();
      const cursor = await openCursor(next, range.start);
      if (cursor !== undefined) cursors.push(cursor);
      lowest = lowestOf(cursors);
    }
    if (lowest === undefined || Buffer.compare(lowest.current.key, range.end) >= 0) break;
    const { key, value } = lowest.current;
    if (previous === undefined || !previous.equals(key)) {
      previous = key;
      if (value !== undefined) batch.push({ key, value });
    }
    if (lowest.next()) continue;
    if (batch.length > 0) {
      throwIfAborted(signal);
      yield batch;
      batch = [];
    }
    if (!(await lowest.load())) cursors.splice(cursors.indexOf(lowest), 1);
  }
  if (batch.length > 0) yield batch;
}

function overlaps({ smallest, largest }: EntrySource, { start, end }: KeyRange): boolean {
  return Buffer.compare(largest.key, start) >= 0 && Buffer.compare(smallest.key, end) < 0;
}

function lowestOf(cursors: readonly Cursor[]): Cursor | undefined {
  let [lowest] = cursors;
  for (const cursor of cursors) {
    if (lowest !== undefined && cursor !== lowest && compareEntries(cursor.current, lowest.current) < 0) {
      lowest = cursor;
    }
  }
  return lowest;
}

async function openCursor(source: EntrySource, start: Buffer): Promise<Cursor | undefined> {
  const batches = source.entries(start);
  const first = await nextBatch(batches);
  return first === undefined ? undefined : new Cursor(batches, first);
}

/** A place in one source. Moves without waiting inside a batch. */
class Cursor {
  current: Entry;
  readonly #batches: AsyncIterator<readonly Entry[]>;
  #batch: readonly Entry[];
  #at = 0;

  constructor(batches: AsyncIterator<readonly Entry[]>, first: Batch) {
    this.#batches = batches;
    this.#batch = first;
    this.current = first[0];
  }

  /** False at the end of the batch. */
  next(): boolean {
    const entry = this.#batch[this.#at + 1];
    if (entry === undefined) return false;
    this.#at += 1;
    this.current = entry;
    return true;
  }

  /** False at the end of the source. */
  async load(): Promise<boolean> {
    const batch = await nextBatch(this.#batches);
    if (batch === undefined) return false;
    this.#batch = batch;
    this.#at = 0;
    this.current = batch[0];
    return true;
  }
}

type Batch = readonly [Entry, ...Entry[]];

async function nextBatch(batches: AsyncIterator<readonly Entry[]>): Promise<Batch | undefined> {
  for (;;) {
    const { done, value } = await batches.next();
    if (done) return undefined;
    if (isBatch(value)) return value;
  }
}

function isBatch(entries: readonly Entry[]): entries is Batch {
  return entries.length > 0;
}
