import type { MirrorObject } from '../catalog/objects.ts';
import type { FileFacts } from '../core/digest.ts';
import { EspejoError } from '../core/errors.ts';
import { redactUrl } from '../core/redact.ts';
import { listedFacts, type Release } from '../deb/release.ts';
import type { IndexForm, ReadableIndex } from './index-files.ts';
import { keepsAllApart, listedPaths } from './index-paths.ts';
import { type Compression, compressions, suffixOf } from './inflate.ts';
import { isFlat, releaseDirectory, releaseFileUrl } from './release-place.ts';

/** A Packages or Sources index that a mirror is made of. */
export type PackageIndex = ReadableIndex & {
  readonly kind: 'deb' | 'udeb' | 'source';
  /** Forms that Release does not list, for those who do without its digests. */
  readonly unlisted: readonly Omit<IndexForm, 'facts'>[];
};

/** The list of installer images of a component and architecture. */
export type ImageIndex = {
  readonly kind: 'installer';
  readonly architecture: string;
  /** Directory of the images relative to the archive root. */
  readonly directory: string;
  /** Of `SHA256SUMS` below the directory of Release. */
  readonly path: string;
  /** Undefined when Release does not list it. */
  readonly facts: FileFacts | undefined;
  /** Where it may lie below the directory of Release, to be tried in order. */
  readonly paths: readonly string[];
};

export type MirrorIndex = PackageIndex | ImageIndex;

type Wanted = Pick<
  MirrorObject,
  | 'archiveRoot'
  | 'distribution'
  | 'components'
  | 'architectures'
  | 'downloadSources'
  | 'downloadUdebs'
  | 'downloadInstaller'
>;

/** The indexes to be read, and what a person should know of those that are not listed. */
export type MirrorIndexes = {
  readonly indexes: readonly MirrorIndex[];
  readonly warnings: readonly string[];
};

/**
 * The indexes of a mirror in the order in which they are read: where two tell of one package, the first counts
 * (spec/semantics.md 4.2). One that Release does not list, of some component or architecture, is left out with a warning, as
 * apt does; packages for all architectures are also read where they are kept apart.
 * @param options.unlisted whether an index will do that Release does not list; default false
 * @throws E_INDEX_NOT_LISTED when none of packages is left, or none of sources; E_UNSAFE_PATH
 */
export function mirrorIndexes(
  release: Release,
  mirror: Wanted,
  { unlisted = false }: { readonly unlisted?: boolean } = {},
): MirrorIndexes {
  const listing = new Listing(release, mirror);
  const all = isFlat(mirror)
    ? flatIndexes(listing, mirror)
    : mirror.components.flatMap((component) => componentIndexes(listing, mirror, component));
  if (unlisted) return { indexes: all, warnings: [] };
  const isThere = (one: MirrorIndex): boolean => one.kind === 'installer' || one.forms.length > 0;
  for (const kind of ['deb', 'source'] as const) {
    const some = all.filter((one) => one.kind === kind);
    const [first] = some;
    if (first === undefined || some.some(isThere)) continue;
    const url = redactUrl(releaseFileUrl(mirror, first.path));
    throw new EspejoError('E_INDEX_NOT_LISTED', `no candidates for ${url} found`);
  }
  const missing = all.filter((one) => !isThere(one));
  const warnings = missing.map(
    ({ path }) =>
      `${redactUrl(releaseFileUrl(mirror, path))}: is not listed in Release; the rest is mirrored`,
  );
  return { indexes: all.filter(isThere), warnings };
}

function flatIndexes(listing: Listing, { downloadSources }: Wanted): readonly MirrorIndex[] {
  const binary = listing.index('deb', 'Packages');
  return downloadSources ? [binary, listing.index('source', 'Sources')] : [binary];
}

function componentIndexes(listing: Listing, mirror: Wanted, component: string): readonly MirrorIndex[] {
  const { architectures, downloadUdebs, downloadInstaller, downloadSources } = mirror;
  const kinds = [
    ['deb', component],
    ...(downloadUdebs ? [['udeb', `${component}/debian-installer`] as const] : []),
  ] as const;
  return [
    ...architectures.flatMap((architecture): readonly MirrorIndex[] => [
      ...kinds.map(([kind, directory]) => listing.index(kind, packagesPath(directory, architecture))),
      ...(downloadInstaller ? [listing.images(component, architecture)] : []),
    ]),
    ...(architectures.includes('all')
      ? []
      : kinds.flatMap(([kind, directory]) => listing.apart(kind, packagesPath(directory, 'all')))),
    ...(downloadSources ? [listing.index('source', `${component}/source/Sources`)] : []),
  ];
}

function packagesPath(directory: string, architecture: string): string {
  return `${directory}/binary-${architecture}/Packages`;
}

/** The AppStream files that Release lists for the components of a mirror, by path (spec/semantics.md 4.3). */
export function appStreamFiles(
  { files }: Release,
  mirror: Pick<MirrorObject, 'components' | 'distribution'>,
): readonly (readonly [path: string, facts: FileFacts])[] {
  if (isFlat(mirror)) return [];
  return Array.from(files)
    .filter(([path]) => mirror.components.some((component) => path.startsWith(`${component}/dep11/`)))
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

class Listing {
  readonly #release: Release;
  readonly #directory: string;
  readonly #distribution: string;

  constructor(release: Release, place: Wanted) {
    this.#release = release;
    this.#directory = releaseDirectory(place);
    this.#distribution = place.distribution;
  }

  index(kind: PackageIndex['kind'], path: string): PackageIndex {
    const forms = compressions.map((compression) => this.#form(compression, path + suffixOf(compression)));
    return {
      kind,
      path,
      plain: this.#factsOf(path),
      forms: forms.flatMap(({ facts, ...form }) => (facts === undefined ? [] : { ...form, facts })),
      unlisted: forms.flatMap(({ facts, ...form }) => (facts === undefined ? form : [])),
    };
  }

  /** An index of packages for all architectures, where these are kept apart and it is listed. */
  apart(kind: PackageIndex['kind'], path: string): readonly PackageIndex[] {
    if (!keepsAllApart(this.#release)) return [];
    const index = this.index(kind, path);
    return index.forms.length > 0 ? [index] : [];
  }

  /** Ubuntu moved the images of focal out of the way of its new installer. */
  images(component: string, architecture: string): ImageIndex {
    const images = this.#distribution === 'focal' ? 'legacy-images' : 'images';
    const directory = `${component}/installer-${architecture}/current/${images}`;
    const path = `${directory}/SHA256SUMS`;
    const facts = this.#factsOf(path);
    const paths = this.#pathsOf(path, facts);
    return { kind: 'installer', architecture, directory: this.#directory + directory, path, facts, paths };
  }

  #form(compression: Compression, path: string): Omit<IndexForm, 'facts'> & { facts: FileFacts | undefined } {
    const facts = this.#factsOf(path);
    return { compression, path, paths: this.#pathsOf(path, facts), facts };
  }

  #pathsOf(path: string, facts: FileFacts | undefined): readonly string[] {
    return facts === undefined ? [path] : listedPaths(this.#release, path, facts);
  }

  /** Some archives list their indexes by a part of the path; the longest that fits is meant. */
  #factsOf(path: string): FileFacts | undefined {
    let rest = this.#directory + path;
    for (;;) {
      const facts = listedFacts(this.#release, rest);
      if (facts !== undefined) return facts;
      const slash = rest.indexOf('/');
      if (slash < 0) return undefined;
      rest = rest.slice(slash + 1);
    }
  }
}
