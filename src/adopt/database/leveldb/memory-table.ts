import { compareEntries, type Entry, type Position } from './entry.ts';
import type { EntrySource } from './merge.ts';

/** What the logs hold and no table does yet. Undefined when they hold nothing. */
export function memoryTable(entries: readonly Entry[]): EntrySource | undefined {
  const sorted = entries.toSorted(compareEntries);
  const [smallest] = sorted;
  const largest: Position | undefined = sorted.at(-1);
  if (smallest === undefined || largest === undefined) return undefined;
  return {
    smallest,
    largest,
    async *entries(start) {
      const first = sorted.findIndex(({ key }) => Buffer.compare(key, start) >= 0);
      if (first >= 0) yield sorted.slice(first);
    },
  };
}
