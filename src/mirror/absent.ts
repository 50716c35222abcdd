import { isEspejoError } from '../core/errors.ts';

/** Whether a file is not there, or not for us: object stores that may not be listed answer 403 for what they lack. */
export function isAbsent(error: unknown): boolean {
  return isEspejoError(error, 'E_FETCH_NOT_FOUND') || isForbidden(error);
}

/** Whether there is no package to be had: its file is not there, or is not the one that the index lists. */
export function isUnobtainable(error: unknown): boolean {
  return isAbsent(error) || isEspejoError(error, 'E_DIGEST_MISMATCH', 'E_SIZE_MISMATCH');
}

export function isForbidden(error: unknown): boolean {
  return isEspejoError(error, 'E_FETCH_STATUS') && error.context['status'] === 403;
}
