import { type Dispatcher, errors } from 'undici';

/** Interim answers (1xx) before the real one; a server that sends more never means to answer. */
const maxInterimAnswers = 16;

/**
 * Bounds the wait for the head of an answer as a whole: undici starts its clock afresh with every interim answer, and with
 * every byte of a head that trickles. The clock runs from when the request is on its connection.
 */
export function headLimits(timeoutMs: number): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) => dispatch(options, new HeadLimit(handler, timeoutMs));
}

class HeadLimit implements Dispatcher.DispatchHandler {
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #timeoutMs: number;
  #timer: NodeJS.Timeout | undefined;
  #interim = 0;

  constructor(handler: Dispatcher.DispatchHandler, timeoutMs: number) {
    this.#handler = handler;
    this.#timeoutMs = timeoutMs;
  }

  onRequestStart(controller: Dispatcher.DispatchController, context: unknown): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => controller.abort(new errors.HeadersTimeoutError()), this.#timeoutMs);
    this.#handler.onRequestStart?.(controller, context);
  }

  onResponseStart(...args: Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>): void {
    const [controller, status] = args;
    if (status >= 200) clearTimeout(this.#timer);
    else this.#interim += 1;
    if (this.#interim > maxInterimAnswers) {
      controller.abort(new errors.HeadersTimeoutError('too many interim answers'));
      return;
    }
    this.#handler.onResponseStart?.(...args);
  }

  onRequestUpgrade(...args: Parameters<NonNullable<Dispatcher.DispatchHandler['onRequestUpgrade']>>): void {
    clearTimeout(this.#timer);
    this.#handler.onRequestUpgrade?.(...args);
  }

  onResponseData(...args: Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseData']>>): void {
    this.#handler.onResponseData?.(...args);
  }

  onResponseEnd(...args: Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseEnd']>>): void {
    clearTimeout(this.#timer);
    this.#handler.onResponseEnd?.(...args);
  }

  onResponseError(...args: Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseError']>>): void {
    clearTimeout(this.#timer);
    this.#handler.onResponseError?.(...args);
  }
}
