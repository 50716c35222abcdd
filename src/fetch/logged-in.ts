import { joinLogin, type Login } from '../core/login.ts';
import type { Fetcher } from './fetcher.ts';

/**
 * The fetcher for one archive that wants a user and a password: they go with each URL below its root, and to its host
 * alone. To be closed by closing `fetcher`.
 * @param archive.credentials absent or null: `fetcher` itself
 */
export function loggedIn(
  fetcher: Fetcher,
  { archiveRoot, credentials }: { readonly archiveRoot: string; readonly credentials?: Login | null },
): Fetcher {
  if (credentials === undefined || credentials === null) return fetcher;
  const root = new URL(archiveRoot).href;
  const signed = <Target extends { readonly urls: readonly string[] }>(target: Target): Target => ({
    ...target,
    urls: target.urls.map((url) => (url.startsWith(root) ? joinLogin(url, credentials) : url)),
  });
  return {
    get counters() {
      return fetcher.counters;
    },
    document: (target, job) => fetcher.document(signed(target), job),
    stream: (target, job, consume) => fetcher.stream(signed(target), job, consume),
    size: (target, job) => fetcher.size(signed(target), job),
    download: (target, job) => fetcher.download(signed(target), job),
    close: () => fetcher.close(),
  };
}
