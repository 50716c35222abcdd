import type { MirrorObject } from '../../catalog/library.ts';
import type { FileFacts } from '../../core/digest.ts';
import { EspejoError } from '../../core/errors.ts';
import { redactUrl } from '../../core/redact.ts';
import type { Release } from '../../deb/release.ts';
import type { IndexForm, ReadableIndex } from '../index-files.ts';
import { type Compression, compressions, suffixOf } from '../inflate.ts';
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

/**
 * The indexes of a mirror in the order in which they are read: where two tell of one package, the first counts
 * (semantics.md 4.2).
 * @param options.unlisted whether an index will do that Release does not list; default false
 * @throws E_INDEX_NOT_LISTED, E_UNSAFE_PATH
 */
export function mirrorIndexes(
  release: Release,
  mirror: Wanted,
  { unlisted = false }: { readonly unlisted?: boolean } = {},
): readonly MirrorIndex[] {
  const listing = new Listing(release, mirror);
  const found = (kind: PackageIndex['kind'], path: string): PackageIndex => {
    const index = listing.index(kind, path);
    if (index.forms.length > 0 || unlisted) return index;
    const url = redactUrl(releaseFileUrl(mirror, path));
    throw new EspejoError('E_INDEX_NOT_LISTED', `no candidates for ${url} found`);
  };
  if (isFlat(mirror)) {
    const binary = found('deb', 'Packages');
    return mirror.downloadSources ? [binary, found('source', 'Sources')] : [binary];
  }
  return mirror.components.flatMap((component) => [
    ...mirror.architectures.flatMap((architecture): MirrorIndex[] => [
      found('deb', `${component}/binary-${architecture}/Packages`),
      ...(mirror.downloadUdebs
        ? [found('udeb', `${component}/debian-installer/binary-${architecture}/Packages`)]
        : []),
      ...(mirror.downloadInstaller ? [listing.images(component, architecture)] : []),
    ]),
    ...(mirror.downloadSources ? [found('source', `${component}/source/Sources`)] : []),
  ]);
}

/** The AppStream files that Release lists for the components of a mirror, by path (semantics.md 4.3). */
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
  readonly #files: Release['files'];
  readonly #directory: string;
  readonly #distribution: string;

  constructor({ files }: Release, place: Wanted) {
    this.#files = files;
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

  /** Ubuntu moved the images of focal out of the way of its new installer. */
  images(component: string, architecture: string): ImageIndex {
    const images = this.#distribution === 'focal' ? 'legacy-images' : 'images';
    const directory = `${component}/installer-${architecture}/current/${images}`;
    const path = `${directory}/SHA256SUMS`;
    const facts = this.#factsOf(path);
    return { kind: 'installer', architecture, directory: this.#directory + directory, path, facts };
  }

  #form(compression: Compression, path: string): Omit<IndexForm, 'facts'> & { facts: FileFacts | undefined } {
    return { compression, path, paths: [path], facts: this.#factsOf(path) };
  }

  /** Some archives list their indexes by a part of the path; the longest that fits is meant. */
  #factsOf(path: string): FileFacts | undefined {
    let rest = this.#directory + path;
    for (;;) {
      const facts = this.#files.get(rest);
      if (facts !== undefined) return facts;
      const slash = rest.indexOf('/');
      if (slash < 0) return undefined;
      rest = rest.slice(slash + 1);
    }
  }
}
