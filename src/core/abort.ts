import { setTimeout as delay } from 'node:timers/promises';
import { EspejoError, isEspejoError } from './errors.ts';

/** Throws E_ABORTED when the signal has fired. */
export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw abortedError(signal);
}

/** The E_ABORTED error of a signal that has fired. */
export function abortedError(signal: AbortSignal): EspejoError {
  if (isEspejoError(signal.reason)) return signal.reason;
  return new EspejoError('E_ABORTED', 'stopped before it was finished', {
    cause: signal.reason,
    hint: 'what was downloaded is kept; run the same command again to go on',
  });
}

/** The outcome of `work`; whatever it fails with after the signal has fired is E_ABORTED. */
export async function mappingAborts<Result>(signal: AbortSignal, work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    throw signal.aborted && !isEspejoError(error, 'E_ABORTED') ? abortedError(signal) : error;
  }
}

/** Waits `milliseconds`; throws E_ABORTED as soon as the signal fires. */
export async function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  throwIfAborted(signal);
  try {
    await delay(milliseconds, undefined, { signal });
  } catch (cause) {
    if (signal.aborted) throw abortedError(signal);
    throw cause;
  }
}
