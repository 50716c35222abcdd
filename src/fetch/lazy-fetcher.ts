import type { Fetcher } from './fetcher.ts';

/**
 * A {@link Fetcher} that is made when something is fetched: most commands fetch nothing, and to load an HTTP client takes
 * longer than all that they do.
 */
export function lazyFetcher(make: () => Promise<Fetcher>): Fetcher {
  let made: Promise<Fetcher> | undefined;
  let fetcher: Fetcher | undefined;
  const ready = async (): Promise<Fetcher> => {
    made ??= make();
    fetcher = await made;
    return fetcher;
  };
  return {
    document: async (target, job) => await (await ready()).document(target, job),
    stream: async (target, job, consume) => await (await ready()).stream(target, job, consume),
    download: async (target, job) => await (await ready()).download(target, job),
    size: async (target, job) => await (await ready()).size(target, job),
    get counters() {
      return fetcher?.counters ?? { requests: 0, bytes: 0 };
    },
    async close() {
      await (await made)?.close();
    },
  };
}
