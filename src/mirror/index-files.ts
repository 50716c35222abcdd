import type { MirrorObject } from '../catalog/objects.ts';
import { type FileFacts, strongestDigest } from '../core/digest.ts';
import { EspejoError } from '../core/errors.ts';
import { redactUrl } from '../core/redact.ts';
import { baseName } from '../deb/paths.ts';
import { listedFacts, type Release } from '../deb/release.ts';
import { keepsAllApart, listedPaths } from './index-paths.ts';
import { type Compression, compressions, suffixOf } from './inflate.ts';
import type { ReleasePolicy } from './release.ts';
import { isFlat, releaseDirectory, releaseFileUrl } from './release-place.ts';

/** A Packages or Sources index that a mirror needs, with the forms in which its Release offers it. */
export type PackageIndex = {
  readonly kind: 'deb' | 'udeb' | 'source';
  /** Of a flat archive the one that its packages go by; empty for none. */
  readonly component: string;
  /** `source` for a Sources index; {@link anyArchitecture} for the index of a flat archive. */
  readonly architecture: string;
  /** Path of the uncompressed index below the directory of Release. */
  readonly path: string;
  /** What Release says of the uncompressed index; absent when it lists compressed forms alone. */
  readonly plain: FileFacts | undefined;
  /** Best first. */
  readonly forms: readonly IndexForm[];
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

export type NeededIndex = PackageIndex | ImageIndex;

/** What reading an index needs to know of it. */
export type ReadableIndex = Pick<PackageIndex, 'path' | 'plain' | 'forms'>;

export type IndexForm = {
  readonly compression: Compression;
  readonly facts: FileFacts;
  /** As Release lists it. */
  readonly path: string;
  /** Paths below the directory of Release, to be tried in order. */
  readonly paths: readonly string[];
};

/** A flat archive has the packages of all architectures in one index. */
export const anyArchitecture = 'any';

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

/** The indexes to be read, and what a person should know of those that are not there. */
export type NeededIndexes = {
  readonly indexes: readonly NeededIndex[];
  readonly warnings: readonly string[];
};

type Rules = Pick<ReleasePolicy, 'manner'> & {
  /** Whether an index will do that Release does not list; default false. */
  readonly unlisted?: boolean;
};

/**
 * The indexes of a mirror in the order in which they are read: where two tell of one package, the first counts
 * (spec/semantics.md 4.2). The list of files in Release decides, as for apt: an index that it has is read whatever the fields
 * Architectures and Components say, and one that it lacks is left out with a warning. Packages for all architectures are also
 * read where they are kept apart.
 * @throws E_INDEX_NOT_LISTED when none of packages is left, or none of sources; E_UNSAFE_PATH
 * @throws E_COMPONENT_UNKNOWN, E_ARCHITECTURE_UNKNOWN, when it is `strict`, for what neither the fields nor the list have
 */
export function neededIndexes(
  release: Release,
  mirror: Wanted,
  { manner, unlisted = false }: Rules,
): NeededIndexes {
  const listing = new Listing(release, mirror, manner);
  const all = isFlat(mirror)
    ? flatIndexes(listing, mirror)
    : mirror.components.flatMap((component) => componentIndexes(listing, mirror, component));
  if (unlisted) return { indexes: all, warnings: [] };
  const packageIndexes = all.filter((one) => one.kind !== 'installer');
  if (manner === 'strict' && !isFlat(mirror)) assertOffered(release, mirror, packageIndexes);
  for (const kind of ['deb', 'source'] as const) {
    const some = packageIndexes.filter((one) => one.kind === kind);
    const [first] = some;
    if (first !== undefined && !some.some(isListed)) throw notListed(first, mirror, manner);
  }
  const missing = packageIndexes.filter((one) => !isListed(one));
  const text = ({ path }: PackageIndex): string =>
    manner === 'strict'
      ? `${nameOf(mirror)}: its Release lists no ${path}`
      : `${redactUrl(releaseFileUrl(mirror, path))}: is not listed in Release`;
  return {
    indexes: all.filter(isListed),
    warnings: missing.map((one) => `${text(one)}; the rest is mirrored`),
  };
}

function isListed(index: NeededIndex): boolean {
  return index.kind === 'installer' || index.forms.length > 0;
}

function flatIndexes(listing: Listing, { components, downloadSources }: Wanted): readonly NeededIndex[] {
  const [component = ''] = components;
  const packages = listing.index('deb', component, anyArchitecture, 'Packages');
  return downloadSources ? [packages, listing.index('source', component, 'source', 'Sources')] : [packages];
}

function componentIndexes(listing: Listing, mirror: Wanted, component: string): readonly NeededIndex[] {
  const { architectures, downloadUdebs, downloadInstaller, downloadSources } = mirror;
  const directory = listing.directoryOf(component);
  const kinds = [
    ['deb', directory] as const,
    ...(downloadUdebs ? [['udeb', `${directory}/debian-installer`] as const] : []),
  ];
  const packages = (architecture: string): readonly PackageIndex[] =>
    kinds.map(([kind, place]) =>
      listing.index(kind, component, architecture, `${place}/binary-${architecture}/Packages`),
    );
  const isApart = listing.keepsAllApart && !architectures.includes('all');
  return [
    ...architectures.flatMap((architecture): readonly NeededIndex[] => [
      ...packages(architecture),
      ...(downloadInstaller ? [listing.images(directory, architecture)] : []),
    ]),
    ...(isApart ? packages('all').filter(isListed) : []),
    ...(downloadSources ? [listing.index('source', component, 'source', `${directory}/source/Sources`)] : []),
  ];
}

/** What has no index at all must at least be named by its field; a Release without the field does not say. */
function assertOffered(release: Release, mirror: Wanted, indexes: readonly PackageIndex[]): void {
  const listed = indexes.filter((one) => one.kind === 'deb' && isListed(one));
  for (const component of release.components.length === 0 ? [] : mirror.components) {
    if (listed.some((one) => one.component === component)) continue;
    if (release.components.some((one) => one === component || one.endsWith(`/${component}`))) continue;
    throw new EspejoError('E_COMPONENT_UNKNOWN', `${nameOf(mirror)}: has no component ${component}`, {
      hint: `it has ${release.components.join(', ')}`,
    });
  }
  const isAllApart = listed.length > 0 && listed.every(({ architecture }) => architecture === 'all');
  for (const architecture of release.architectures.length === 0 || isAllApart ? [] : mirror.architectures) {
    if (listed.some((one) => one.architecture === architecture)) continue;
    if (release.architectures.includes(architecture)) continue;
    throw new EspejoError(
      'E_ARCHITECTURE_UNKNOWN',
      `${nameOf(mirror)}: has no architecture ${architecture}`,
      {
        hint: `it has ${release.architectures.join(', ')}`,
      },
    );
  }
}

function notListed({ path }: PackageIndex, mirror: Wanted, manner: Rules['manner']): EspejoError {
  if (manner === 'aptly') {
    const url = redactUrl(releaseFileUrl(mirror, path));
    return new EspejoError('E_INDEX_NOT_LISTED', `no candidates for ${url} found`);
  }
  return new EspejoError(
    'E_INDEX_NOT_LISTED',
    `${nameOf(mirror)}: its Release lists no ${path} in any form`,
    {
      hint: `known forms are ${compressions.map((one) => baseName(path) + suffixOf(one)).join(', ')}`,
    },
  );
}

function nameOf(mirror: Wanted): string {
  return redactUrl(mirror.archiveRoot + releaseDirectory(mirror)).replace(/\/$/, '');
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

/** What a Release lists. */
class Listing {
  readonly keepsAllApart: boolean;
  readonly #release: Release;
  readonly #place: Wanted;
  readonly #directory: string;
  readonly #manner: Rules['manner'];

  constructor(release: Release, place: Wanted, manner: Rules['manner']) {
    this.keepsAllApart = keepsAllApart(release);
    this.#release = release;
    this.#place = place;
    this.#directory = releaseDirectory(place);
    this.#manner = manner;
  }

  /** Debian's security archive lists the component `updates/main` and keeps its indexes in `main`; aptly's words name `main`. */
  directoryOf(component: string): string {
    if (this.#manner === 'aptly') return component;
    const { components, files } = this.#release;
    const prefixed = components.filter((one) => one.endsWith(`/${component}`));
    const paths = [...files.keys()];
    return (
      [component, baseName(component), ...prefixed].find((directory) =>
        paths.some((path) => path.startsWith(`${directory}/`)),
      ) ?? component
    );
  }

  /** In the forms that are listed, which may be none. */
  index(kind: PackageIndex['kind'], component: string, architecture: string, path: string): PackageIndex {
    const forms = compressions.map((compression) => this.#form(compression, path + suffixOf(compression)));
    return {
      kind,
      component,
      architecture,
      path,
      plain: this.#factsOf(path),
      forms: forms.flatMap(({ facts, ...form }) => (facts === undefined ? [] : { ...form, facts })),
      unlisted: forms.flatMap(({ facts, ...form }) => (facts === undefined ? form : [])),
    };
  }

  /** Ubuntu moved the images of focal out of the way of its new installer. */
  images(component: string, architecture: string): ImageIndex {
    const images = this.#place.distribution === 'focal' ? 'legacy-images' : 'images';
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

  /** Some archives list their indexes by a part of the path, which aptly takes: the longest that fits is meant. */
  #factsOf(path: string): FileFacts | undefined {
    if (this.#manner === 'strict') return listedFacts(this.#release, path);
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

/** Whether Release says that the index is empty, so that there is nothing to fetch. */
export function isEmptyIndex({ plain }: ReadableIndex): boolean {
  return plain?.size === 0;
}

/** What is remembered of a suite from the last sync. */
export type KnownIndexes = {
  readonly release: Release;
  /** SHA-256 of the plain indexes, by path. */
  readonly indexes: Readonly<Record<string, string>>;
};

/**
 * The name of an index in the store: SHA-256 of its uncompressed bytes. Where Release does not list those, a
 * compressed form that is the same as in the Release before stands for the same index.
 */
export function knownIndexId(index: ReadableIndex, known: KnownIndexes | undefined): string | undefined {
  const listed = index.plain?.digests.sha256;
  if (listed !== undefined || known === undefined) return listed;
  const isAsBefore = index.forms.some(({ facts, path }) => {
    const now = strongestDigest(facts.digests);
    return now !== undefined && known.release.files.get(path)?.digests[now.name] === now.hex;
  });
  return isAsBefore ? known.indexes[index.path] : undefined;
}
