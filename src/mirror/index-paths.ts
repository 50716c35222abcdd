import { type FileFacts, strongestDigest } from '../core/digest.ts';
import { byHashPath } from '../deb/paths.ts';
import type { Release } from '../deb/release.ts';

/**
 * Where a listed file lies below the directory of Release, to be tried in order: under its digest first, where Release
 * says so, because an archive (a pool of hosts) that moves on has other bytes under the plain name.
 */
export function listedPaths(
  { acquireByHash }: Pick<Release, 'acquireByHash'>,
  path: string,
  { digests }: FileFacts,
): readonly string[] {
  const digest = acquireByHash ? strongestDigest(digests) : undefined;
  return digest === undefined ? [path] : [byHashPath(path, digest.name, digest.hex), path];
}

/**
 * Whether packages for all architectures may be in indexes of their own (`binary-all`) alone, as apt reads it: `all` is
 * offered and `No-Support-for-Architecture-all` does not name the indexes of packages. Else those of each architecture
 * repeat them.
 */
export function keepsAllApart({ architectures, stanza }: Pick<Release, 'architectures' | 'stanza'>): boolean {
  if (architectures.length > 0 && !architectures.includes('all')) return false;
  const repeated = stanza.get('No-Support-for-Architecture-all') ?? '';
  return !repeated.split(/\s+/).includes('Packages');
}

/** The components and architectures for which Release lists an index of packages, sorted, whatever its fields say. */
export function indexedParts({ files }: Pick<Release, 'files'>): {
  readonly components: readonly string[];
  readonly architectures: readonly string[];
} {
  const components = new Set<string>();
  const architectures = new Set<string>();
  for (const path of files.keys()) {
    const [, component = '', architecture = ''] = packagesIndex.exec(path) ?? [];
    if (component === '' || component.endsWith('/debian-installer')) continue;
    components.add(component);
    architectures.add(architecture);
  }
  return { components: [...components].sort(), architectures: [...architectures].sort() };
}

const packagesIndex = /^(.+)\/binary-([^/]+)\/Packages(?:\.[a-z0-9]+)?$/;
