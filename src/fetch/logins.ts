import { EspejoError } from '../core/errors.ts';
import type { Login } from '../core/login.ts';

/** A `machine` of a file in the syntax of apt's auth.conf. */
export type AuthEntry = {
  /** `http:`, `https:`; undefined when the entry names none. */
  readonly protocol: string | undefined;
  readonly host: string;
  /** Undefined for any. */
  readonly port: string | undefined;
  /** What the path of a URL begins with; empty for all. */
  readonly path: string;
  readonly login: Login;
};

/**
 * Reads the syntax of apt_auth.conf(5), which is that of netrc: words `machine [protocol://]host[:port][/path]`, `login`,
 * `password`, in any number of lines; lines that begin with `#` are comments.
 * @param what names the text in errors
 * @throws E_CONFIG_INVALID; the message quotes no word of the text
 */
export function parseAuthConf(text: string, what: string): readonly AuthEntry[] {
  const entries: AuthEntry[] = [];
  let machine: string | undefined;
  let draft: { user?: string; password?: string } = {};
  const end = (): void => {
    if (machine !== undefined) entries.push(entryOf(machine, draft, what));
    draft = {};
  };
  const words = wordsOf(text);
  for (let next = words.next(); next.done !== true; next = words.next()) {
    const { word, line } = next.value;
    const value = (): string => {
      const { value: found } = words.next();
      if (found === undefined) throw authError(`${what}:${line}`, `"${keyOf(word)}" has no value`);
      return found.word;
    };
    if (word === 'machine') {
      end();
      machine = value();
    } else if (word === 'login') draft.user = value();
    else if (word === 'password') draft.password = value();
    else if (word === 'account') value();
    else throw authError(`${what}:${line}`, 'only machine, login and password are known here');
  }
  end();
  return entries;
}

/**
 * The user and password for a URL: those of the first entry that fits, as apt chooses. An entry without a protocol is for
 * https, and for http only where a user has named the place: whoever can redirect must not be able to ask for it in the
 * clear.
 */
export function loginFor(
  entries: readonly AuthEntry[],
  url: URL,
  { redirected }: { readonly redirected: boolean },
): Login | undefined {
  const port = url.port === '' ? defaultPorts[url.protocol] : url.port;
  return entries.find(
    (entry) =>
      entry.host === url.hostname &&
      (entry.port === undefined || entry.port === port) &&
      url.pathname.startsWith(entry.path) &&
      (entry.protocol === undefined
        ? url.protocol === 'https:' || !redirected
        : entry.protocol === url.protocol),
  )?.login;
}

const defaultPorts: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

function* wordsOf(text: string): Generator<{ readonly word: string; readonly line: number }, undefined> {
  for (const [at, line] of text.split('\n').entries()) {
    if (/^\s*#/.test(line)) continue;
    for (const word of line.split(/\s+/)) if (word !== '') yield { word, line: at + 1 };
  }
  return undefined;
}

function keyOf(word: string): string {
  return ['machine', 'login', 'password', 'account'].includes(word) ? word : 'a word';
}

function entryOf(
  machine: string,
  { user = '', password = '' }: { readonly user?: string; readonly password?: string },
  what: string,
): AuthEntry {
  const match =
    /^(?:(?<protocol>[a-z][a-z0-9+.-]*):\/\/)?(?<host>\[[0-9A-Fa-f:.]+\]|[^/:@\s]+)(?::(?<port>\d{1,5}))?(?<path>\/.*)?$/i.exec(
      machine,
    );
  const { protocol, host, port, path = '' } = match?.groups ?? {};
  if (host === undefined) throw authError(what, 'a machine is no [protocol://]host[:port][/path]');
  return {
    protocol: protocol === undefined ? undefined : `${protocol.toLowerCase()}:`,
    host: host.toLowerCase(),
    port,
    path,
    login: { user, password },
  };
}

function authError(place: string, problem: string): EspejoError {
  return new EspejoError('E_CONFIG_INVALID', `${place}: ${problem}`, {
    hint: 'write "machine host/path login user password secret", as in apt_auth.conf(5)',
  });
}
