const restMs = 60_000;

/**
 * Remembers for a minute which upstreams could not be reached although they were tried again and again, so that not every
 * file of a mirror waits for the same dead host: their URLs go to the end of the line, but stay in it.
 */
export class OriginHealth {
  readonly #now: () => number;
  readonly #restingUntil = new Map<string, number>();

  /** @param now clock in milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The URLs in their order, those of resting upstreams last. */
  order(urls: readonly string[]): readonly string[] {
    if (this.#restingUntil.size === 0) return urls;
    const resting = urls.filter((url) => this.#rests(url));
    return resting.length === 0 ? urls : [...urls.filter((url) => !resting.includes(url)), ...resting];
  }

  unreachable(url: string): void {
    this.#restingUntil.set(originOf(url), this.#now() + restMs);
  }

  reached(url: string): void {
    if (this.#restingUntil.size > 0) this.#restingUntil.delete(originOf(url));
  }

  #rests(url: string): boolean {
    const until = this.#restingUntil.get(originOf(url));
    return until !== undefined && until > this.#now();
  }
}

function originOf(url: string): string {
  return URL.parse(url)?.origin ?? url;
}
