import { EspejoError } from '../core/errors.ts';
import { redactUrl } from '../core/redact.ts';
import { formatBytes } from '../core/units.ts';

export type RateLimit = {
  /** 0 for none. */
  readonly bytesPerSecond: number;
  readonly windowMs: number;
};

/**
 * Hands on the chunks of a body as long as they come fast enough. Only time spent in waiting for the upstream counts: a slow
 * disk, and the wait for a share of our own bandwidth, are not its fault.
 * @throws E_FETCH_TIMEOUT when over a whole window of such waiting too few bytes came
 */
export async function* atMinimumRate(
  body: AsyncIterable<Uint8Array>,
  url: string,
  { bytesPerSecond, windowMs }: RateLimit,
  now: () => number,
): AsyncGenerator<Uint8Array, void> {
  let waitedMs = 0;
  let bytes = 0;
  let askedAt = now();
  for await (const chunk of body) {
    waitedMs += Math.max(0, now() - askedAt);
    bytes += chunk.byteLength;
    if (waitedMs >= windowMs) {
      const rate = (bytes / waitedMs) * 1000;
      if (rate < bytesPerSecond) throw tooSlow(url, rate, bytesPerSecond);
      waitedMs = 0;
      bytes = 0;
    }
    yield chunk;
    askedAt = now();
  }
}

function tooSlow(url: string, rate: number, least: number): EspejoError {
  const what = redactUrl(url);
  return new EspejoError(
    'E_FETCH_TIMEOUT',
    `${what}: comes at ${formatBytes(Math.round(rate))} a second, less than ${formatBytes(least)}`,
    {
      context: { url: what, rate, least },
      hint: 'the upstream is too slow; lower limits.minimum_rate when the line is, or try another mirror',
    },
  );
}
