import { EspejoError, isEspejoError } from '../core/errors.ts';
import { redactUrl } from '../core/redact.ts';

const minute = 60_000;
/** How long an origin is left alone; doubled each time that it is still down afterwards. */
const firstRestMs = minute;
const longestRestMs = 10 * minute;
/** After so many files in a row that failed although the origin answered, it counts as down. */
const strikesOut = 3;
/** `Retry-After` is obeyed so long for all files of an origin together. */
const maxRetryAfterTotalMs = 10 * minute;

type Origin = {
  /** The last whole file, and the last head of an answer. */
  servedAt: number;
  heardAt: number;
  strikes: number;
  restMs: number;
  restingUntil: number;
  reason: string;
  obeyedMs: number;
  obeyingUntil: number;
};

export type Admission =
  | { readonly kind: 'ask'; readonly mayRetry: boolean }
  | { readonly kind: 'leave'; readonly error: EspejoError };

/**
 * What a fetcher knows of its upstreams. One that stayed unreachable through all attempts for one file is left alone by
 * all other files for a while, then asked once; and how long `Retry-After` may delay a run is one budget for each.
 */
export class OriginHealth {
  readonly #now: () => number;
  readonly #origins = new Map<string, Origin>();

  /** @param now clock in milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The URLs in their order, those of resting upstreams last. */
  order(urls: readonly string[]): readonly string[] {
    const resting = urls.filter((url) => this.#rests(url));
    return resting.length === 0 ? urls : [...urls.filter((url) => !resting.includes(url)), ...resting];
  }

  /** Whether a URL may be asked for now. After a rest the first one that asks is the probe, and the others go on waiting. */
  admit(url: string): Admission {
    const origin = this.#origins.get(originOf(url));
    if (origin === undefined || origin.restingUntil === 0) return { kind: 'ask', mayRetry: true };
    if (!this.#rests(url)) {
      origin.restingUntil = this.#now() + firstRestMs;
      return { kind: 'ask', mayRetry: false };
    }
    const what = `${redactUrl(url)}: not asked for, because ${redactUrl(originOf(url))} is down`;
    const error = new EspejoError('E_FETCH_NETWORK', `${what} (${origin.reason})`, {
      context: { url: redactUrl(url) },
      hint: 'try again later, or add another mirror',
    });
    return { kind: 'leave', error };
  }

  /** The head of an answer has come. */
  heard(url: string): void {
    this.#of(url).heardAt = this.#now();
  }

  /** A whole file has come, or an answer that is as good as one: the origin works. */
  served(url: string): void {
    const origin = this.#of(url);
    origin.servedAt = this.#now();
    origin.strikes = 0;
    origin.restMs = firstRestMs;
    origin.restingUntil = 0;
  }

  /** All attempts for one file have failed. @param since when the first of them began */
  failed(url: string, error: EspejoError, since: number): void {
    const origin = this.#of(url);
    if (origin.servedAt > since) return;
    if (!isEspejoError(error, 'E_FETCH_NETWORK', 'E_FETCH_TIMEOUT') && !isOverloaded(error)) {
      this.served(url);
      return;
    }
    const mute = isEspejoError(error, 'E_FETCH_TIMEOUT') || (origin.heardAt < since && !isOverloaded(error));
    origin.strikes += 1;
    if (!mute && origin.strikes < strikesOut) return;
    origin.restingUntil = this.#now() + origin.restMs;
    origin.restMs = Math.min(longestRestMs, origin.restMs * 2);
    origin.reason = error.message.replace(`${redactUrl(url)}: `, '');
  }

  /** How many of the milliseconds that a server asks for are granted to it; waits of several files at once count once. */
  grant(url: string, askedMs: number): number {
    const origin = this.#of(url);
    const now = this.#now();
    const left = maxRetryAfterTotalMs - origin.obeyedMs;
    const from = Math.max(now, origin.obeyingUntil);
    const until = Math.min(now + askedMs, from + left);
    origin.obeyedMs += Math.max(0, until - from);
    origin.obeyingUntil = Math.max(origin.obeyingUntil, until);
    return Math.max(0, until - now);
  }

  #rests(url: string): boolean {
    return (this.#origins.get(originOf(url))?.restingUntil ?? 0) > this.#now();
  }

  #of(url: string): Origin {
    const name = originOf(url);
    const known = this.#origins.get(name);
    if (known !== undefined) return known;
    const never = Number.NEGATIVE_INFINITY;
    const times = { servedAt: never, heardAt: never, obeyingUntil: never };
    const origin = { ...times, strikes: 0, restMs: firstRestMs, restingUntil: 0, reason: '', obeyedMs: 0 };
    this.#origins.set(name, origin);
    return origin;
  }
}

function isOverloaded({ code, context }: EspejoError): boolean {
  const status = context['status'];
  return code === 'E_FETCH_STATUS' && typeof status === 'number' && (status === 429 || status >= 500);
}

function originOf(url: string): string {
  return URL.parse(url)?.origin ?? url;
}
