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

/**
 * Runs `first` and `second` at once; the second may wait for the first. What fails first stops the other one through its
 * signal, and is thrown once both have ended.
 */
export async function bothAtOnce(
  outer: AbortSignal,
  first: (signal: AbortSignal) => Promise<void>,
  second: (signal: AbortSignal, first: Promise<void>) => Promise<void>,
): Promise<void> {
  const failure = new AbortController();
  const signal = AbortSignal.any([outer, failure.signal]);
  const failures: unknown[] = [];
  const watched = async (work: Promise<void>): Promise<void> => {
    try {
      await work;
    } catch (error) {
      failures.push(error);
      failure.abort();
    }
  };
  const running = first(signal);
  await Promise.all([watched(running), watched(second(signal, running))]);
  if (failures.length > 0) throw failures[0];
}
