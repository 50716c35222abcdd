import { type DigestName, digestNames, type FileFacts } from '../core/digest.ts';
import { EspejoError, isEspejoError } from '../core/errors.ts';

/**
 * An error of the fetcher in the words that scripts around aptly look for (spec/cli.md 14): an answer with an error status is
 * `HTTP code <n> while fetching <url>`, wrong bytes are {@link mismatchText}. Other errors come back as they are.
 */
export function inAptlyWords(error: unknown): unknown {
  if (!isEspejoError(error)) return error;
  const message = aptlyMessage(error);
  if (message === undefined) return error;
  const { code, context, hint } = error;
  return new EspejoError(code, message, {
    cause: error,
    context,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** What differs first between what was promised of a file and what came, as aptly words it; undefined when nothing does. */
export function mismatchText(
  url: string,
  promised: Partial<FileFacts>,
  found: FileFacts,
): string | undefined {
  if (promised.size !== undefined && promised.size !== found.size)
    return sizeMismatch(url, found.size, promised.size);
  for (const name of digestNames) {
    const [wanted, got] = [promised.digests?.[name], found.digests[name]];
    if (wanted !== undefined && got !== undefined && wanted !== got)
      return digestMismatch(url, name, { wanted, got });
  }
  return undefined;
}

function aptlyMessage({ code, context }: EspejoError): string | undefined {
  const { status, url, what, found, expected, digest } = context;
  if ((code === 'E_FETCH_STATUS' || code === 'E_FETCH_NOT_FOUND') && typeof status === 'number')
    return `HTTP code ${status} while fetching ${String(url)}`;
  if (code === 'E_SIZE_MISMATCH' && typeof found === 'number')
    return sizeMismatch(String(what), found, Number(expected));
  if (code === 'E_DIGEST_MISMATCH' && isDigestName(digest))
    return digestMismatch(String(what), digest, { wanted: String(expected), got: String(found) });
  return undefined;
}

function isDigestName(value: unknown): value is DigestName {
  return digestNames.some((name) => name === value);
}

function sizeMismatch(url: string, found: number, expected: number): string {
  return `${url}: size check mismatch ${found} != ${expected}`;
}

function digestMismatch(
  url: string,
  name: DigestName,
  { wanted, got }: { readonly wanted: string; readonly got: string },
): string {
  return `${url}: ${name} hash mismatch "${got}" != "${wanted}"`;
}
