/** A user and a password for one upstream. */
export type Login = { readonly user: string; readonly password: string };

/**
 * Takes user and password out of the text of a URL, so that what is kept and shown has none.
 * @returns the text as it was when it has none, or is no URL
 */
export function splitLogin(text: string): { readonly url: string; readonly login: Login | undefined } {
  const parsed = text.includes('@') ? URL.parse(text) : null;
  if (parsed === null || (parsed.username === '' && parsed.password === ''))
    return { url: text, login: undefined };
  const login = { user: decoded(parsed.username), password: decoded(parsed.password) };
  return { url: text.replace(/^\s*([a-z][a-z0-9+.-]*:\/*)[^/?#]*@/i, '$1'), login };
}

/** The URL with a user and a password, as {@link splitLogin} reads them. */
export function joinLogin(text: string, { user, password }: Login): string {
  const url = new URL(text);
  url.username = encodeURIComponent(user);
  url.password = encodeURIComponent(password);
  return url.href;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
