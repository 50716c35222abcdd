import type { Dispatcher } from 'undici';
import { throwIfAborted } from '../core/abort.ts';
import { EspejoError, invariant } from '../core/errors.ts';
import { redactUrl } from '../core/redact.ts';
import { createDispatchers, type Dispatchers, type ProxyEnvironment } from './dispatchers.ts';
import { transportError } from './failures.ts';
import { type AuthEntry, loginFor } from './logins.ts';
import { basicAuthorization, parseHttpUrl, splitCredentials } from './url.ts';

const maxRedirects = 5;
const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** The body of a redirect or error is read up to this size, so that its connection can be used again. */
const maxDiscardedBytes = 16_384;
/** And no longer: a body that trickles would keep others from the connection. */
const maxDiscardMs = 2_000;

export type Headers = Readonly<Record<string, string>>;

/** The head of an answer that is no redirect; the body must be read or discarded. */
export type Answer = {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  readonly body: Dispatcher.ResponseData['body'];
};

type Method = 'GET' | 'HEAD';
type Conditions = { readonly headers: Headers; readonly signal: AbortSignal };

/** Sends requests and follows redirects; knows neither retries nor what the bytes should be. */
export class Transport {
  readonly #userAgent: string;
  readonly #dispatchers: Dispatchers;
  readonly #logins: readonly AuthEntry[];
  #requests = 0;

  constructor(options: {
    readonly userAgent: string;
    readonly connections: number;
    readonly timeoutMs: number;
    readonly env: ProxyEnvironment;
    readonly logins?: readonly AuthEntry[];
  }) {
    this.#userAgent = options.userAgent;
    this.#logins = options.logins ?? [];
    this.#dispatchers = createDispatchers(options);
  }

  get requests(): number {
    return this.#requests;
  }

  /**
   * Credentials in the URL go to its own origin only; those in a `Location` are dropped. Where there are none, those that
   * the logins have for the URL of each request are sent. From https never to http.
   * @throws E_FETCH_REDIRECT, E_FETCH_NETWORK, E_FETCH_TIMEOUT, E_FETCH_UNSUPPORTED, E_ABORTED
   */
  get(address: string, headers: Headers, signal: AbortSignal): Promise<Answer> {
    return this.#follow('GET', address, { headers, signal });
  }

  /** The head of what {@link get} would answer; errors as there. */
  head(address: string, signal: AbortSignal): Promise<Answer> {
    return this.#follow('HEAD', address, { headers: {}, signal });
  }

  async #follow(method: Method, address: string, { headers, signal }: Conditions): Promise<Answer> {
    const { url: first, authorization: given } = splitCredentials(parseHttpUrl(address));
    let url = plusEncoded(first);
    let credentials = given;
    const seen = new Set<string>();
    for (;;) {
      seen.add(url.href);
      const login = loginFor(this.#logins, url, { redirected: seen.size > 1 });
      const authorization = credentials ?? (login === undefined ? undefined : basicAuthorization(login));
      const auth = authorization === undefined ? {} : { authorization };
      const answer = await this.#send(method, url, { headers: { ...headers, ...auth }, signal });
      if (!redirectStatuses.has(answer.status)) return answer;
      discard(answer);
      const target = redirectTarget(url, answer);
      if (seen.has(target.href) || seen.size > maxRedirects) {
        throw redirectError(url, seen.has(target.href) ? 'redirects in a loop' : 'redirects too often');
      }
      if (target.origin !== url.origin) credentials = undefined;
      url = target;
    }
  }

  async #send(method: Method, url: URL, { headers, signal }: Conditions): Promise<Answer> {
    throwIfAborted(signal);
    this.#requests += 1;
    try {
      const response = await this.#dispatchers.for(url).request({
        origin: url.origin,
        path: url.pathname + url.search,
        method,
        headers: { 'user-agent': this.#userAgent, accept: '*/*', 'accept-encoding': 'identity', ...headers },
        signal,
      });
      return {
        status: response.statusCode,
        header: (name) => single(response.headers[name]),
        body: response.body,
      };
    } catch (cause) {
      throw transportError(cause, url, signal);
    }
  }

  close(): Promise<void> {
    return this.#dispatchers.destroy();
  }
}

/** Lets go of a body that nobody reads. */
export function discard(answer: Answer): void {
  answer.body.on('error', () => undefined);
  const signal = AbortSignal.timeout(maxDiscardMs);
  answer.body.dump({ limit: maxDiscardedBytes, signal }).catch(() => undefined);
}

/** Ends a body at once, and its connection unless all of it was read. */
export function release(answer: Answer): void {
  answer.body.on('error', () => undefined);
  answer.body.destroy();
}

/** @throws E_FETCH_REDIRECT */
function redirectTarget(from: URL, answer: Answer): URL {
  const location = answer.header('location');
  const target = location === undefined || location.length > 8192 ? null : URL.parse(location, from.href);
  if (target === null) throw redirectError(from, 'redirects to no usable place');
  if (target.protocol !== 'http:' && target.protocol !== 'https:') {
    throw redirectError(from, `redirects to ${target.protocol} instead of http or https`);
  }
  if (from.protocol === 'https:' && target.protocol === 'http:') {
    throw redirectError(from, 'redirects from https to http');
  }
  target.hash = '';
  return splitCredentials(target).url;
}

function redirectError(url: URL, problem: string): EspejoError {
  return new EspejoError('E_FETCH_REDIRECT', `${redactUrl(url)}: ${problem}`, {
    context: { url: redactUrl(url) },
    hint: 'check the address of the upstream; a captive portal or a moved archive answers like this',
  });
}

/** A plain `+` in a path means a blank to S3-backed mirrors; a redirect's own target is left as the server wrote it. */
function plusEncoded(url: URL): URL {
  const copy = new URL(url);
  copy.hash = '';
  copy.pathname = copy.pathname.replaceAll('+', '%2b');
  return copy;
}

function single(value: string | string[] | undefined): string | undefined {
  invariant(value === undefined || typeof value === 'string' || Array.isArray(value), 'a header is text');
  return Array.isArray(value) ? value[0] : value;
}
