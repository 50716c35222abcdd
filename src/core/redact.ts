const maxQuotedLength = 400;

/** `text` without control characters (they become `?`) and cut to 400 characters: fit for one line of a log or error. */
export function printable(text: string): string {
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '?');
  return clean.length <= maxQuotedLength ? clean : `${clean.slice(0, maxQuotedLength)}…`;
}

/** A URL fit for logs and errors: user information and the values of the query are replaced by `***`. */
export function redactUrl(url: string | URL): string {
  const parsed = URL.parse(String(url));
  if (parsed === null) return printable(String(url).replace(/\/\/[^/@]*@/, '//***@'));
  const user = parsed.username !== '' || parsed.password !== '' ? '***@' : '';
  const query = parsed.search === '' ? '' : '?***';
  return printable(`${parsed.protocol}//${user}${parsed.host}${parsed.pathname}${query}`);
}
