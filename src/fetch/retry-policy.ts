import { type EspejoError, isEspejoError } from '../core/errors.ts';

/** Longest wait between two attempts, unless the server asks for more. */
const maxBackoffMs = 60_000;
/** A `Retry-After` beyond this is not obeyed: the file is worth two more minutes, not an hour. */
const maxRetryAfterMs = 120_000;

const passingStatuses: ReadonlySet<unknown> = new Set([408, 425, 429, 500, 502, 503, 504]);

export type Failure = {
  readonly error: unknown;
  /** Attempts made on this URL so far, from 1. */
  readonly attempt: number;
  /** How many of them ended with a wrong size or digest. */
  readonly mismatches: number;
  /** How often a URL may be tried again. */
  readonly retries: number;
  /** 0 to 1. */
  readonly random: number;
  /** How much of the wait that a server asks for it gets; default: all, up to the cap. */
  readonly grant?: (askedMs: number) => number;
};

export type Verdict =
  | { readonly kind: 'retry'; readonly delayMs: number }
  | { readonly kind: 'next-url' }
  | { readonly kind: 'give-up' };

/** What to do after an attempt failed: the same URL again where that can help, else the next, or stop at once. */
export function decide(failure: Failure): Verdict {
  const { error, attempt, retries } = failure;
  if (!isEspejoError(error)) return { kind: 'give-up' };
  const hope = prospects(error, failure.mismatches);
  if (hope !== 'may-pass') return { kind: hope };
  if (attempt > retries) return { kind: 'next-url' };
  return { kind: 'retry', delayMs: Math.max(backoffMs(attempt, failure.random), serverWaitMs(failure)) };
}

/**
 * The value of a `Retry-After` header (RFC 9110 10.2.3: seconds or a date) in milliseconds; undefined when unusable.
 * @param now milliseconds since 1970
 */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  if (!/^[A-Z][a-z]{2}[a-z]*, /.test(text)) return undefined;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** 1 s, 2 s, 4 s, … up to a minute, of which a random half is left out so that clients do not come back in step. */
function backoffMs(attempt: number, random: number): number {
  const full = Math.min(maxBackoffMs, 1000 * 2 ** Math.min(attempt - 1, 16));
  return Math.round(full * (0.5 + random / 2));
}

function serverWaitMs({ error, grant = (askedMs) => askedMs }: Failure): number {
  const asked = isEspejoError(error) ? error.context['retryAfterMs'] : undefined;
  return typeof asked === 'number' ? grant(Math.min(asked, maxRetryAfterMs)) : 0;
}

function prospects(error: EspejoError, mismatches: number): 'may-pass' | 'next-url' | 'give-up' {
  switch (error.code) {
    case 'E_FETCH_NETWORK':
    case 'E_FETCH_TIMEOUT':
      return 'may-pass';
    case 'E_FETCH_STATUS':
      return passingStatuses.has(error.context['status']) ? 'may-pass' : 'next-url';
    case 'E_SIZE_MISMATCH':
    case 'E_DIGEST_MISMATCH':
      return mismatches <= 1 ? 'may-pass' : 'next-url';
    case 'E_FETCH_NOT_FOUND':
    case 'E_FETCH_REDIRECT':
    case 'E_FETCH_UNSUPPORTED':
    case 'E_SIZE_LIMIT':
      return 'next-url';
    default:
      return 'give-up';
  }
}
