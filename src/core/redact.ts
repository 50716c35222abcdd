const maxQuotedLength = 400;
/** More is not looked at: a text from outside may be megabytes long. */
const maxLookedAt = 4096;

/**
 * `text` fit for one line of a log or error: control characters become `?`, the users and passwords of the URLs in it
 * `***`, and it is cut to 400 characters.
 */
export function printable(text: string): string {
  const clean = withoutLogins(beginning(text)).replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '?');
  return clean.length <= maxQuotedLength && text.length <= maxLookedAt
    ? clean
    : `${clean.slice(0, maxQuotedLength)}…`;
}

/** What is cut off may hold the `@` that makes a login of what is before it, so a host that is cut in two goes as a whole. */
function beginning(text: string): string {
  if (text.length <= maxLookedAt) return text;
  return text.slice(0, maxLookedAt).replace(/:\/\/[^\s/?#]*$/, '://***');
}

/** `text` with `***` for the users and passwords of all URLs in it, in a time that grows with its length alone. */
export function withoutLogins(text: string): string {
  return text.includes('@') ? text.replace(/:\/\/[^\s/?#]*@/g, '://***@') : text;
}

/**
 * A URL fit for logs and errors: user information and the values of the query are replaced by `***`. In a text that is no
 * URL of a host (`user:password@host/path`) all before the last `@` may be a secret.
 */
export function redactUrl(url: string | URL): string {
  const text = String(url);
  const parsed = URL.parse(text);
  if (parsed === null || parsed.host === '')
    return printable(text.replace(/^(\s*[a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1***@'));
  const user = parsed.username !== '' || parsed.password !== '' ? '***@' : '';
  const query = parsed.search === '' ? '' : '?***';
  return printable(`${parsed.protocol}//${user}${parsed.host}${parsed.pathname}${query}`);
}
