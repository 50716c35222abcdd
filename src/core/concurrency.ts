import { throwIfAborted } from './abort.ts';

/**
 * Runs `work` over all items, at most `width` at a time, and returns the results in the order of the items.
 * The first failure stops the start of further items and is thrown once those under way have ended.
 */
export async function mapConcurrently<Item, Result>(
  items: readonly Item[],
  { width, signal }: { readonly width: number; readonly signal: AbortSignal },
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  const queue = items.entries();
  let failed = false;
  const lane = async (): Promise<void> => {
    for (const [position, item] of queue) {
      if (failed) return;
      try {
        throwIfAborted(signal);
        results[position] = await work(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const lanes = Array.from({ length: Math.min(width, items.length) }, lane);
  const ends = await Promise.allSettled(lanes);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return results;
}
