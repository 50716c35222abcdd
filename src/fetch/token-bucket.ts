/**
 * A bandwidth limit shared by all transfers: bytes are taken first and paid for by waiting, so that every caller waits
 * its share and the sum never exceeds the rate plus one burst (a second's worth).
 */
export class TokenBucket {
  readonly #bytesPerSecond: number;
  readonly #now: () => number;
  #tokens: number;
  #filledAt: number;

  /** @param now clock in milliseconds */
  constructor(bytesPerSecond: number, now: () => number) {
    this.#bytesPerSecond = bytesPerSecond;
    this.#now = now;
    this.#tokens = bytesPerSecond;
    this.#filledAt = now();
  }

  /** Takes `bytes` and says how many milliseconds the taker must wait before it takes more. */
  take(bytes: number): number {
    const now = this.#now();
    const elapsed = Math.max(0, now - this.#filledAt);
    this.#filledAt = now;
    this.#tokens = Math.min(this.#bytesPerSecond, this.#tokens + (elapsed / 1000) * this.#bytesPerSecond);
    this.#tokens -= bytes;
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.#bytesPerSecond) * 1000;
  }
}
