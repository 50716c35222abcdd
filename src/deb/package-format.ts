import { EspejoError } from '../core/errors.ts';

/** Where in a file a reader is. */
export type Place = {
  /** Names the file, and the member of it. */
  readonly what: string;
  /** Bytes from its beginning. */
  readonly offset: number;
};

/** The E_DEB_FORMAT error of a malformed package file; `problem` is a clause about it. */
export function malformed({ what, offset }: Place, problem: string, cause?: unknown): EspejoError {
  return new EspejoError('E_DEB_FORMAT', `${what}: ${problem} (at byte ${offset})`, {
    cause,
    context: { file: what, offset },
  });
}

/** The E_DEB_FORMAT error of a file that is not what it should be as a whole. */
export function notAPackage(what: string, problem: string, cause?: unknown): EspejoError {
  return new EspejoError('E_DEB_FORMAT', `${what}: ${problem}`, { cause, context: { file: what } });
}
