import { sleep as realSleep } from '../core/abort.ts';
import { assertFacts } from '../core/digest.ts';
import { EspejoError } from '../core/errors.ts';
import type { Job } from '../core/progress.ts';
import { redactUrl } from '../core/redact.ts';
import { type AttemptOptions, FinalError, tryAll } from './attempts.ts';
import { boundedBody, meterFor, promised } from './body.ts';
import type { ProxyEnvironment } from './dispatchers.ts';
import { type DownloadLine, type DownloadTarget, download } from './download.ts';
import { statusError } from './failures.ts';
import type { Downloaded, FetchedDocument, Fetcher, FetchTarget, Validators } from './fetcher.ts';
import { FileDeadline } from './file-deadline.ts';
import type { AuthEntry } from './logins.ts';
import { OriginHealth } from './origin-health.ts';
import { parseRetryAfter } from './retry-policy.ts';
import { TokenBucket } from './token-bucket.ts';
import { TransferProgress } from './transfer-progress.ts';
import { type Answer, discard, type Headers, release, Transport } from './transport.ts';
import { UnbreakableBody } from './unbreakable-body.ts';

const maxValidatorLength = 512;
const rateWindowMs = 60_000;
/** For the time limit of a file where any rate is slow enough. */
const assumedBytesPerSecond = 1024;

export type FetcherOptions = {
  /** How often each URL is tried again after its first failure. */
  readonly retries: number;
  /** Longest wait for a connection, for the headers, and between two pieces of a body. */
  readonly timeoutSeconds: number;
  /** Slowest transfer that is waited for, over a minute; 0 for any. */
  readonly minimumBytesPerSecond: number;
  /** For one file, all URLs, attempts and waits, besides the time that its size takes at the slowest rate; 0 for no limit. */
  readonly fileTimeoutSeconds: number;
  /** Shared by all transfers; absent for no limit. */
  readonly bandwidthBytesPerSecond?: number;
  /** At most this many per upstream. */
  readonly connections: number;
  readonly userAgent: string;
  readonly env: ProxyEnvironment;
  /** Users and passwords for URLs that have none. */
  readonly logins?: readonly AuthEntry[];
  /** 0 to 1; spreads the waits between attempts. */
  readonly random?: () => number;
  readonly sleep?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
};

/** A {@link Fetcher} over HTTP. Throws E_CONFIG_INVALID for a malformed proxy. */
export function createFetcher(options: FetcherOptions): Fetcher {
  return new HttpFetcher(options);
}

class HttpFetcher implements Fetcher {
  readonly #transport: Transport;
  readonly #attempts: Omit<AttemptOptions, 'deadline'>;
  readonly #options: FetcherOptions;
  readonly #bucket: TokenBucket | undefined;
  readonly #now: () => number;
  #bytes = 0;

  constructor(options: FetcherOptions) {
    const { userAgent, connections, env, logins = [], bandwidthBytesPerSecond } = options;
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#transport = new Transport({
      userAgent,
      connections,
      env,
      logins,
      timeoutMs: options.timeoutSeconds * 1000,
    });
    this.#attempts = {
      retries: options.retries,
      random: options.random ?? Math.random,
      sleep: options.sleep ?? realSleep,
      health: new OriginHealth(this.#now),
      now: this.#now,
    };
    this.#bucket =
      bandwidthBytesPerSecond === undefined ? undefined : new TokenBucket(bandwidthBytesPerSecond, this.#now);
  }

  get counters(): { readonly requests: number; readonly bytes: number } {
    return { requests: this.#transport.requests, bytes: this.#bytes };
  }

  document(target: FetchTarget & { readonly validators?: Validators }, outer: Job): Promise<FetchedDocument> {
    const conditions = conditionalHeaders(target.validators);
    const conditional = Object.keys(conditions).length > 0;
    return this.#tryAll(target, outer, async (url, job) => {
      const answer = await this.#get(url, conditions, job);
      if (answer.status === 304 && conditional) {
        discard(answer);
        return { kind: 'unmodified' };
      }
      this.#demand(answer, [200], url);
      const chunks: Uint8Array[] = [];
      for await (const chunk of this.#verifiedBody(answer, { url, target, job })) chunks.push(chunk);
      return { kind: 'document', url, bytes: Buffer.concat(chunks), validators: validatorsOf(answer) };
    });
  }

  stream<Result>(
    target: FetchTarget,
    outer: Job,
    consume: (body: AsyncIterable<Uint8Array>, url: string) => Promise<Result>,
  ): Promise<Result> {
    return this.#tryAll(target, outer, async (url, job) => {
      const answer = await this.#get(url, {}, job);
      this.#demand(answer, [200], url);
      const body = new UnbreakableBody(this.#verifiedBody(answer, { url, target, job }), () =>
        release(answer),
      );
      const worthDraining = (): boolean => target.expected !== undefined && !job.signal.aborted;
      return await consumeAll(body, { worthDraining }, () => consume(body, url));
    });
  }

  size(target: Pick<FetchTarget, 'urls' | 'tries'>, outer: Job): Promise<number> {
    return this.#tryAll(target, outer, async (url, job) => {
      const answer = await this.#transport.head(url, job.signal);
      this.#demand(answer, [200], url);
      discard(answer);
      const length = answer.header('content-length') ?? '';
      if (/^\d{1,15}$/.test(length)) return Number(length);
      throw new EspejoError('E_FETCH_UNSUPPORTED', `${redactUrl(url)}: the server does not tell its size`);
    });
  }

  async download(target: DownloadTarget, outer: Job): Promise<Downloaded> {
    using deadline = this.#deadlineOf(target, outer);
    const job: FileJob = { ...outer, signal: deadline.signal, deadline };
    const line: DownloadLine = {
      tryAll: (attempt) => this.#tryWithin(target, job, attempt),
      get: async (url, headers) => {
        const answer = await this.#get(url, headers, job);
        this.#demand(answer, 'range' in headers ? [200, 206, 416] : [200], url);
        return answer;
      },
      body: (answer, passage) => this.#body(answer, { ...passage, target, job }),
      drop: discard,
      signal: job.signal,
    };
    return await download(target, line);
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  async #tryAll<Result>(
    target: Pick<FetchTarget, 'urls' | 'tries' | 'expected'>,
    outer: Job,
    attempt: (url: string, job: FileJob) => Promise<Result>,
  ): Promise<Result> {
    using deadline = this.#deadlineOf(target, outer);
    const job: FileJob = { ...outer, signal: deadline.signal, deadline };
    return await this.#tryWithin(target, job, (url) => attempt(url, job));
  }

  #tryWithin<Result>(
    target: Pick<FetchTarget, 'urls' | 'tries'>,
    job: FileJob,
    attempt: (url: string) => Promise<Result>,
  ): Promise<Result> {
    const retries = Math.max(this.#attempts.retries, (target.tries ?? 1) - 1);
    const options = { ...this.#attempts, retries, deadline: job.deadline };
    return tryAll(target.urls, { job, options }, attempt);
  }

  #deadlineOf({ urls, expected }: Pick<FetchTarget, 'urls' | 'expected'>, { signal }: Job): FileDeadline {
    const { fileTimeoutSeconds, minimumBytesPerSecond } = this.#options;
    const slowest = minimumBytesPerSecond === 0 ? assumedBytesPerSecond : minimumBytesPerSecond;
    const limitMs = (fileTimeoutSeconds + (expected?.size ?? 0) / slowest) * 1000;
    return new FileDeadline(redactUrl(urls[0] ?? ''), fileTimeoutSeconds === 0 ? undefined : limitMs, signal);
  }

  async #get(url: string, headers: Headers, job: Job): Promise<Answer> {
    const answer = await this.#transport.get(url, headers, job.signal);
    this.#attempts.health.heard(url);
    return answer;
  }

  /** @throws E_FETCH_STATUS, E_FETCH_NOT_FOUND */
  #demand(answer: Answer, wanted: readonly number[], url: string): void {
    if (wanted.includes(answer.status)) return;
    discard(answer);
    throw statusError(answer.status, url, parseRetryAfter(answer.header('retry-after'), this.#now()));
  }

  async *#verifiedBody(
    answer: Answer,
    passage: Pick<Passage, 'url' | 'target' | 'job'>,
  ): AsyncGenerator<Uint8Array, void> {
    const meter = meterFor(passage.target);
    const settle = async (): Promise<void> =>
      assertFacts(redactUrl(passage.url), promised(passage.target), meter.finish());
    for await (const chunk of this.#body(answer, { ...passage, offset: 0, settle })) {
      meter.update(chunk);
      yield chunk;
    }
  }

  async *#body(answer: Answer, passage: Passage): AsyncGenerator<Uint8Array, void> {
    const { url, target, offset, job } = passage;
    const size = target.expected?.size;
    const progress = new TransferProgress(url, job.report, this.#now, { size, offset });
    const tap = async (bytes: number, signal: AbortSignal): Promise<void> => {
      this.#bytes += bytes;
      progress.add(bytes);
      const waitMs = this.#bucket?.take(bytes) ?? 0;
      if (waitMs < 1) return;
      job.deadline.extend(waitMs);
      await this.#attempts.sleep(waitMs, signal);
    };
    const rate = { bytesPerSecond: this.#options.minimumBytesPerSecond, windowMs: rateWindowMs };
    yield* boundedBody(answer, { url, target, offset, signal: job.signal, tap, rate, now: this.#now });
    await passage.settle();
    progress.end();
  }
}

/** The caller's job, ended by the time limit of the file too. */
type FileJob = Job & { readonly deadline: FileDeadline };

type Passage = {
  readonly url: string;
  readonly target: FetchTarget;
  readonly job: FileJob;
  /** Bytes that are already there. */
  readonly offset: number;
  /** Called after the last chunk; throws when the whole is not what was promised. */
  readonly settle: () => Promise<void>;
};

/** Runs a consumer, then reads what it left, so that its result or its error is judged by the whole body. */
async function consumeAll<Result>(
  body: UnbreakableBody,
  { worthDraining }: { readonly worthDraining: () => boolean },
  consume: () => Promise<Result>,
): Promise<Result> {
  try {
    const result = await consume();
    await body.drain();
    return result;
  } catch (error) {
    body.throwIfBroken();
    if (worthDraining()) await body.drain();
    throw new FinalError(error);
  } finally {
    await body.close();
  }
}

function conditionalHeaders(validators: Validators | undefined): Headers {
  return {
    ...(validators?.etag === undefined ? {} : { 'if-none-match': validators.etag }),
    ...(validators?.lastModified === undefined ? {} : { 'if-modified-since': validators.lastModified }),
  };
}

/** Validators are kept and sent back, so only short ones of plain visible characters are taken. */
function validatorsOf(answer: Answer): Validators {
  const etag = visible(answer.header('etag'));
  const lastModified = visible(answer.header('last-modified'));
  return {
    ...(etag === undefined ? {} : { etag }),
    ...(lastModified === undefined ? {} : { lastModified }),
  };
}

function visible(value: string | undefined): string | undefined {
  return value !== undefined && value.length <= maxValidatorLength && /^[\u0020-\u007e]+$/.test(value)
    ? value
    : undefined;
}
