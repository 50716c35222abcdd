import { EspejoError, isEspejoError } from '../../core/errors.ts';

/**
 * An error of the fetcher in the words that scripts around aptly look for (cli.md 14): an answer with an error status is
 * `HTTP code <n> while fetching <url>`. Other errors come back as they are.
 */
export function inAptlyWords(error: unknown): unknown {
  if (!isEspejoError(error, 'E_FETCH_STATUS', 'E_FETCH_NOT_FOUND')) return error;
  const { code, context, hint } = error;
  const { status, url } = context;
  if (typeof status !== 'number') return error;
  return new EspejoError(code, `HTTP code ${status} while fetching ${String(url)}`, {
    cause: error,
    context,
    ...(hint === undefined ? {} : { hint }),
  });
}
