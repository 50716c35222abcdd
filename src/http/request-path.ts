/** What the path of a request asks for; `segments` are decoded file names from the root of the published tree. */
export type RequestPath =
  | { readonly kind: 'path'; readonly segments: readonly string[]; readonly directory: boolean }
  | { readonly kind: 'hidden' }
  | { readonly kind: 'malformed' };

const maxPathLength = 4096;

/**
 * Reads the target of a request line. Each segment is decoded once and must be one plain file name: what is a dot
 * entry, holds a slash, backslash or control character once decoded is `hidden`, so that no `..`, `%2e%2e`, `%2f` or NUL
 * ever reaches the file system. Repeated slashes count as one. A broken escape is `malformed`.
 */
export function parseRequestPath(target: string): RequestPath {
  const path = pathOf(target);
  if (path.length > maxPathLength || !path.startsWith('/')) return { kind: 'malformed' };
  const segments: string[] = [];
  for (const encoded of path.split('/')) {
    if (encoded === '') continue;
    const segment = decode(encoded);
    if (segment === undefined) return { kind: 'malformed' };
    if (!isPlainName(segment)) return { kind: 'hidden' };
    segments.push(segment);
  }
  return { kind: 'path', segments, directory: path.endsWith('/') };
}

/** The path without query, also of a proxy's absolute form (RFC 9112 section 3.2.2). */
function pathOf(target: string): string {
  const path = target.split(/[?#]/, 1)[0] ?? '';
  if (path.startsWith('/')) return path;
  return path.replace(/^https?:\/\/[^/]*/i, '') || '/';
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

function isPlainName(segment: string): boolean {
  return !segment.startsWith('.') && !/[/\\\u0000-\u001f\u007f]/.test(segment);
}
