import { assertSafePath } from './paths.ts';

/**
 * Whether a suite is a flat archive, whose Release file lies beside its packages instead of below `dists/`: it is written
 * as a path, `./`, `/` or `path/`, as in sources.list.
 */
export function isFlatSuite(suite: string): boolean {
  return suite === '' || suite.startsWith('.') || suite.endsWith('/');
}

/** The directory of a flat archive: with a trailing slash, or empty for the archive root. */
export function flatDirectory(suite: string): string {
  const segments = suite.split('/').filter((segment) => segment !== '' && segment !== '.');
  return segments.map((segment) => `${segment}/`).join('');
}

/**
 * Where the Release file of a suite is, relative to the archive root: with a trailing slash, or empty.
 * @throws E_UNSAFE_PATH
 */
export function suiteDirectory(suite: string): string {
  if (isFlatSuite(suite)) return flatDirectory(suite);
  assertSafePath(suite, 'distribution');
  return `dists/${suite}/`;
}
