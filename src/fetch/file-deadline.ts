import { abortedError } from '../core/abort.ts';
import { EspejoError } from '../core/errors.ts';

/** Node.js takes no longer timer. */
const longestTimerMs = 2 ** 31 - 1;

/** One time limit for a file over all its URLs, attempts and waits. What a file waits for its share of our own bandwidth does not count. */
export class FileDeadline implements Disposable {
  /** Fires with the caller's signal, or when the time is over; its reason is then an E_FETCH_TIMEOUT. */
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal;
  readonly #what: string;
  readonly #limitMs: number;
  #end: number;
  #timer: NodeJS.Timeout | undefined;

  /** @param limitMs undefined for no limit */
  constructor(what: string, limitMs: number | undefined, outer: AbortSignal) {
    this.signal = this.#controller.signal;
    this.#what = what;
    this.#outer = outer;
    this.#limitMs = limitMs ?? Number.POSITIVE_INFINITY;
    this.#end = performance.now() + this.#limitMs;
    if (outer.aborted) this.#stop();
    else outer.addEventListener('abort', this.#stop, { once: true });
    this.#arm();
  }

  /** The error of a file whose time is over; undefined while it is not. */
  get error(): EspejoError | undefined {
    return this.signal.aborted && !this.#outer.aborted ? abortedError(this.signal) : undefined;
  }

  get remainingMs(): number {
    return this.#end - performance.now();
  }

  extend(milliseconds: number): void {
    this.#end += milliseconds;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#outer.removeEventListener('abort', this.#stop);
  }

  readonly #stop = (): void => this.#controller.abort(abortedError(this.#outer));

  #arm(): void {
    if (this.#end === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(
      () => {
        if (this.remainingMs <= 0) this.#controller.abort(this.#tooLate());
        else this.#arm();
      },
      Math.min(longestTimerMs, Math.max(1, this.remainingMs)),
    );
  }

  #tooLate(): EspejoError {
    return new EspejoError(
      'E_FETCH_TIMEOUT',
      `${this.#what}: not there after ${Math.round(this.#limitMs / 1000)} s, all attempts together`,
      {
        context: { url: this.#what, limitMs: this.#limitMs },
        hint: 'the upstream is slow; raise limits.file_timeout, or try another mirror',
      },
    );
  }
}
