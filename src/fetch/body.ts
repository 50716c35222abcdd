import { DigestMeter, digestNames, type FileFacts, overrun } from '../core/digest.ts';
import { EspejoError } from '../core/errors.ts';
import { redactUrl } from '../core/redact.ts';
import { transportError } from './failures.ts';
import type { FetchTarget } from './fetcher.ts';
import { atMinimumRate, type RateLimit } from './minimum-rate.ts';
import { type Answer, discard } from './transport.ts';

/** What every body passes: bandwidth limit, counters, progress. */
export type Tap = (bytes: number, signal: AbortSignal) => Promise<void>;

export type BodyLimits = {
  readonly url: string;
  readonly target: Pick<FetchTarget, 'maxBytes' | 'expected'>;
  /** Bytes that are already there (a resumed download). */
  readonly offset: number;
  readonly signal: AbortSignal;
  readonly tap: Tap;
  readonly rate: RateLimit;
  readonly now: () => number;
};

/** A meter for the digests that are promised. */
export function meterFor(target: Pick<FetchTarget, 'expected'>): DigestMeter {
  return new DigestMeter(digestNames.filter((name) => target.expected?.digests?.[name] !== undefined));
}

/** What was promised, in the shape that {@link assertFacts} compares with. */
export function promised(target: Pick<FetchTarget, 'expected'>): Partial<FileFacts> {
  return target.expected ?? {};
}

/**
 * The chunks of a body. A length that cannot be right is refused before the first; the chunk that goes too far is not
 * handed out and ends the connection. Leaving the loop early ends the connection, too.
 * @throws E_SIZE_MISMATCH, E_SIZE_LIMIT, E_FETCH_NETWORK, E_FETCH_TIMEOUT, E_ABORTED
 */
export async function* boundedBody(answer: Answer, limits: BodyLimits): AsyncGenerator<Uint8Array, void> {
  assertAnnounced(answer, limits);
  const { url, target, signal } = limits;
  const bounds = {
    what: redactUrl(url),
    maxBytes: target.maxBytes,
    ...(target.expected?.size === undefined ? {} : { size: target.expected.size }),
  };
  let seen = limits.offset;
  answer.body.on('error', () => undefined);
  try {
    for await (const chunk of atMinimumRate(answer.body, url, limits.rate, limits.now)) {
      seen += chunk.byteLength;
      const error = overrun(bounds, seen);
      if (error !== undefined) throw error;
      await limits.tap(chunk.byteLength, signal);
      yield chunk;
    }
  } catch (cause) {
    throw transportError(cause, url, signal);
  }
}

/** Refuses a body by its Content-Length, before a byte of it is read. */
function assertAnnounced(answer: Answer, { url, target, offset }: BodyLimits): void {
  const header = answer.header('content-length');
  if (header === undefined || !/^\d{1,15}$/.test(header)) return;
  const whole = offset + Number(header);
  const size = target.expected?.size;
  if (size !== undefined && whole !== size) {
    discard(answer);
    throw new EspejoError(
      'E_SIZE_MISMATCH',
      `${redactUrl(url)}: the server announces ${whole} bytes, its index says ${size}`,
      {
        context: { what: redactUrl(url), expected: size, found: whole },
        hint: 'the upstream may be in the middle of an update; try again later',
      },
    );
  }
  if (whole > target.maxBytes) {
    discard(answer);
    throw new EspejoError(
      'E_SIZE_LIMIT',
      `${redactUrl(url)}: has ${whole} bytes, more than ${target.maxBytes}`,
      {
        context: { what: redactUrl(url), maxBytes: target.maxBytes, found: whole },
        hint: 'raise the matching size under "limits" when a file of that size is expected',
      },
    );
  }
}
