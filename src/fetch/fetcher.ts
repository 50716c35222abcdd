import type { DigestName, Digests, FileFacts } from '../core/digest.ts';
import type { Job } from '../core/progress.ts';

/** One file to get. No byte beyond `maxBytes`, or beyond `expected.size` where known, is taken. */
export type FetchTarget = {
  /** Candidates, http or https, tried in order; user information becomes Basic authorization. */
  readonly urls: readonly string[];
  readonly maxBytes: number;
  readonly expected?: { readonly size?: number; readonly digests?: Digests };
  /** How often each URL is tried at least, where trying again can help; the fetcher's own number may be higher. */
  readonly tries?: number;
};

/** What a server said of a document's version; given back to it on the next request. */
export type Validators = { readonly etag?: string; readonly lastModified?: string };

export type FetchedDocument =
  | { readonly kind: 'unmodified' }
  | {
      readonly kind: 'document';
      /** The candidate that answered. */
      readonly url: string;
      readonly bytes: Buffer;
      readonly validators: Validators;
    };

export type Downloaded = {
  readonly path: string;
  /** Over the network in this call. */
  readonly bytesFetched: number;
  /** Size and the digests that were expected or asked for. */
  readonly facts: FileFacts;
};

/**
 * Gets files from upstreams that are slow, broken or hostile. Owns all retrying: callers try nothing again.
 *
 * Errors of every method: E_ABORTED; when all candidates failed, the error of the last that is not a "not found", or
 * E_FETCH_NOT_FOUND when every candidate answered 404 or 410. Its `context.attempts` lists each URL with its failure.
 */
export interface Fetcher {
  /** A small file in memory; `unmodified` only when validators were given. */
  document(target: FetchTarget & { readonly validators?: Validators }, job: Job): Promise<FetchedDocument>;

  /**
   * Hands the body to `consume`, afresh on each attempt; its result counts only once the whole body, also the part that
   * it left unread, is verified. An error of `consume` is final, unless the body proves to be wrong: then that is the error.
   */
  stream<Result>(
    target: FetchTarget,
    job: Job,
    consume: (body: AsyncIterable<Uint8Array>, url: string) => Promise<Result>,
  ): Promise<Result>;

  /**
   * Completes `partialPath`: what is there is hashed and the rest asked for with Range (only when a digest is expected),
   * the whole is verified; it is not durable yet. On failure or abort the partial file stays for the next call; bytes proven wrong go.
   * Two calls for one path at the same time are the caller's fault.
   * @param target.measure digests that are wanted of the whole besides those that are expected
   * @throws also E_DISK_FULL, E_PERMISSION, E_IO
   */
  download(
    target: FetchTarget & { readonly partialPath: string; readonly measure?: readonly DigestName[] },
    job: Job,
  ): Promise<Downloaded>;

  /** The size in bytes that a server tells of a file without sending it. @throws also E_FETCH_STATUS when it does not */
  size(target: Pick<FetchTarget, 'urls' | 'tries'>, job: Job): Promise<number>;

  /** Requests sent (redirects count) and body bytes received since the start. */
  readonly counters: { readonly requests: number; readonly bytes: number };

  /** Ends all connections; whatever is under way fails. */
  close(): Promise<void>;
}
