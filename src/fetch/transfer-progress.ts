import type { Reporter } from '../core/progress.ts';
import { redactUrl } from '../core/redact.ts';

const intervalMs = 100;

/**
 * Reports one attempt: `fetch-start` with the whole size, `fetch-progress` with the bytes there so far (at most ten a
 * second), `fetch-end` with the whole only when it succeeded; a failed attempt ends in `retry` or in the error thrown.
 */
export class TransferProgress {
  readonly #url: string;
  readonly #report: Reporter;
  readonly #now: () => number;
  #bytes: number;
  #reportedAt: number;

  constructor(
    url: string,
    report: Reporter,
    now: () => number,
    facts: { readonly size: number | undefined; readonly offset: number },
  ) {
    this.#url = redactUrl(url);
    this.#report = report;
    this.#now = now;
    this.#bytes = facts.offset;
    this.#reportedAt = now();
    report({ type: 'fetch-start', url: this.#url, bytes: facts.size });
  }

  add(bytes: number): void {
    this.#bytes += bytes;
    const now = this.#now();
    if (now - this.#reportedAt < intervalMs && now >= this.#reportedAt) return;
    this.#reportedAt = now;
    this.#report({ type: 'fetch-progress', url: this.#url, bytes: this.#bytes });
  }

  end(): void {
    this.#report({ type: 'fetch-end', url: this.#url, bytes: this.#bytes });
  }
}
