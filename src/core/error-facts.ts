import type { ErrorCode } from './error-codes.ts';
import { EspejoError, isEspejoError } from './errors.ts';

/** An error on its way to another thread or process. */
export type ErrorFacts = {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string | undefined;
};

/** Without the cause, which need not survive the way; what is no {@link EspejoError} becomes E_INTERNAL. */
export function errorFacts(error: unknown): ErrorFacts {
  if (!isEspejoError(error)) return { code: 'E_INTERNAL', message: String(error), hint: undefined };
  const { code, message, hint } = error;
  return { code, message, hint };
}

export function errorOf({ code, message, hint }: ErrorFacts): EspejoError {
  return new EspejoError(code, message, hint === undefined ? {} : { hint });
}
