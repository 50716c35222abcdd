import { EspejoError } from '../core/errors.ts';
import type { Login } from '../core/login.ts';
import { redactUrl } from '../core/redact.ts';
import { assertSafeFilePath } from '../deb/paths.ts';

const maxUrlLength = 8192;

/**
 * The URL of a file below an archive root. Every character of `path` stands for itself (`%` becomes `%25`).
 * @param root archive root, with or without its last slash; a query is kept
 * @param path relative and safe, with `/` between segments
 * @throws E_UNSAFE_PATH, E_FETCH_UNSUPPORTED
 */
export function joinUrl(root: string, path: string): string {
  assertSafeFilePath(path, redactUrl(root));
  const url = parseHttpUrl(root);
  const base = url.pathname.endsWith('/') ? url.pathname : `${url.pathname}/`;
  url.pathname = base + path.split('/').map(encodeSegment).join('/');
  return url.href;
}

/**
 * Where a package file may be, to be tried in order: under the name itself, and with what stands behind a `?` as a query,
 * which is how apt asks for it.
 * @throws E_UNSAFE_PATH, E_FETCH_UNSUPPORTED
 */
export function fileUrls(root: string, path: string): readonly string[] {
  const plain = joinUrl(root, path);
  const mark = path.indexOf('?');
  if (mark <= 0 || path[mark - 1] === '/') return [plain];
  const asked = new URL(joinUrl(root, path.slice(0, mark)));
  if (asked.search !== '') return [plain];
  asked.search = path.slice(mark);
  return [plain, asked.href];
}

/** @throws E_FETCH_UNSUPPORTED when it is not an absolute http or https URL */
export function parseHttpUrl(text: string): URL {
  const url = text.length <= maxUrlLength ? URL.parse(text) : null;
  if (url === null) {
    throw new EspejoError('E_FETCH_UNSUPPORTED', `${redactUrl(text)} is not a URL`);
  }
  if (url.host === '')
    throw new EspejoError('E_FETCH_UNSUPPORTED', `${redactUrl(text)} is not a URL of http or https`, {
      hint: 'write it as http://host/path/',
    });
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new EspejoError('E_FETCH_UNSUPPORTED', `${redactUrl(url)}: only http and https are supported`, {
      context: { protocol: url.protocol },
    });
  }
  return url;
}

/** Takes the user information out of a URL: it travels as a header, and only to that origin. */
export function splitCredentials(url: URL): {
  readonly url: URL;
  readonly authorization: string | undefined;
} {
  if (url.username === '' && url.password === '') return { url, authorization: undefined };
  const plain = new URL(url);
  plain.username = '';
  plain.password = '';
  const login = { user: decodeLoosely(url.username), password: decodeLoosely(url.password) };
  return { url: plain, authorization: basicAuthorization(login) };
}

/** The value of an `Authorization` header. */
export function basicAuthorization({ user, password }: Login): string {
  return `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`;
}

function encodeSegment(segment: string): string {
  return encodeURIComponent(segment)
    .replaceAll('%2B', '+')
    .replaceAll('%3A', ':')
    .replaceAll('%40', '@')
    .replaceAll('%2C', ',')
    .replaceAll('%3D', '=');
}

function decodeLoosely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
