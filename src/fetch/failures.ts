import { STATUS_CODES } from 'node:http';
import { errors } from 'undici';
import { abortedError } from '../core/abort.ts';
import { EspejoError, systemCode } from '../core/errors.ts';
import { redactUrl } from '../core/redact.ts';

/**
 * The error of a request or body that broke. Errors that are no transport failure (bugs, errors of espejo) come back as
 * they are. The text of the cause is not quoted: it may hold a proxy's credentials.
 */
export function transportError(cause: unknown, url: URL | string, signal: AbortSignal): unknown {
  if (signal.aborted) return abortedError(signal);
  if (cause instanceof EspejoError) return cause;
  const code =
    cause instanceof errors.HTTPParserError ? (systemCode(cause) ?? 'HPE_INVALID') : systemCode(cause);
  if (code === undefined) return cause;
  const options = { cause, context: { url: redactUrl(url), system: code } };
  if (code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_CLOSED') {
    return new EspejoError('E_ABORTED', `${redactUrl(url)}: the fetcher was closed`, options);
  }
  if (timeouts.has(code)) {
    return new EspejoError('E_FETCH_TIMEOUT', `${redactUrl(url)}: no answer in time (${code})`, {
      ...options,
      hint: 'the upstream is slow or a firewall drops the connection; raise the timeout or try another mirror',
    });
  }
  if (code === 'UND_ERR_INVALID_ARG' || !isTransportCode(code)) return cause;
  const meaning = meanings[code] ?? 'the connection broke';
  return new EspejoError('E_FETCH_NETWORK', `${redactUrl(url)}: ${meaning} (${code})`, {
    ...options,
    hint: 'check the network, the proxy settings and the address of the upstream',
  });
}

/** The error of an answer that is neither success nor redirect. `body` of the answer is never quoted. */
export function statusError(
  status: number,
  url: URL | string,
  retryAfterMs: number | undefined,
): EspejoError {
  const what = `${redactUrl(url)}: HTTP ${status} ${STATUS_CODES[status] ?? ''}`.trimEnd();
  const context = { url: redactUrl(url), status, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  if (status === 404 || status === 410) return new EspejoError('E_FETCH_NOT_FOUND', what, { context });
  const hint = statusHint(status);
  return new EspejoError('E_FETCH_STATUS', what, { context, ...(hint === undefined ? {} : { hint }) });
}

/** Undefined where trying again may help. */
function statusHint(status: number): string | undefined {
  if (status === 401 || status === 403 || status === 407)
    return 'check the user and password: in the URL of the upstream or proxy, or in auth_file';
  if (status === 408 || status === 425 || status === 429 || status >= 500) return undefined;
  return 'the upstream refuses the request, and trying again does not help; check the URL of the mirror';
}

const timeouts: ReadonlySet<string> = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
]);

const meanings: Readonly<Record<string, string>> = {
  HPE_INVALID: 'the answer is not HTTP',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was reset',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the host name cannot be looked up now',
  ENETUNREACH: 'the network is unreachable',
  EHOSTUNREACH: 'the host is unreachable',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the body is not as long as announced',
  UND_ERR_ABORTED: 'the proxy refused the connection',
  UND_ERR_HEADERS_OVERFLOW: 'the headers are too large',
};

/** System errors, undici's, those of its HTTP parser and of TLS (`CERT_HAS_EXPIRED`, `ERR_TLS_…`, `ERR_SSL_…`). */
function isTransportCode(code: string): boolean {
  if (code.startsWith('ERR_')) return code.startsWith('ERR_TLS_') || code.startsWith('ERR_SSL_');
  return /^[A-Z][A-Z0-9_]+$/.test(code);
}
