import { type FileFacts, strongestDigest } from '../core/digest.ts';
import { EspejoError } from '../core/errors.ts';
import { baseName } from '../deb/paths.ts';
import { listedFacts, type Release } from '../deb/release.ts';
import { keepsAllApart, listedPaths } from './index-paths.ts';
import { type Compression, compressions, suffixOf } from './inflate.ts';

/** One index that a mirror needs, with the forms in which its Release offers it. */
export type NeededIndex = {
  readonly kind: 'packages' | 'sources';
  readonly component: string;
  /** `source` for a Sources index; {@link anyArchitecture} for the index of a flat archive. */
  readonly architecture: string;
  /** The architectures of the packages that it may have for us, beside `all`. */
  readonly holds: readonly string[];
  /** Path of the uncompressed index below the directory of Release. */
  readonly path: string;
  /** What Release says of the uncompressed index; absent when it lists compressed forms alone. */
  readonly plain: FileFacts | undefined;
  /** Best first. */
  readonly forms: readonly IndexForm[];
};

/** What reading an index needs to know of it. */
export type ReadableIndex = Pick<NeededIndex, 'path' | 'plain' | 'forms'>;

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

type Wanted = {
  /** The suite, for errors. */
  readonly what: string;
  readonly isFlat: boolean;
  /** At least one; of a flat archive the one that its packages go by. */
  readonly components: readonly string[];
  readonly architectures: readonly string[];
  readonly sources: boolean;
};

/** The indexes to be read, and what a person should know of those that are not there. */
export type NeededIndexes = {
  readonly indexes: readonly NeededIndex[];
  readonly warnings: readonly string[];
};

/**
 * Decides which indexes a selection needs. The list of files in Release counts, as for apt: an index that it has is read
 * whatever the fields Architectures and Components say, and one that it lacks is left out with a warning.
 * @throws E_COMPONENT_UNKNOWN, E_ARCHITECTURE_UNKNOWN for what neither the fields nor the list have
 * @throws E_INDEX_NOT_LISTED when nothing is left, of packages or of sources
 */
export function neededIndexes(release: Release, wanted: Wanted): NeededIndexes {
  const packages = wanted.isFlat ? [flatIndex(release, wanted)] : packageIndexes(release, wanted);
  if (!wanted.isFlat) assertOffered(release, wanted, packages);
  const sources = wanted.sources ? sourceIndexes(release, wanted) : [];
  for (const some of [packages, sources]) {
    const [first] = some;
    if (first !== undefined && !some.some(isListed)) throw notListed(first, wanted);
  }
  const inOrder = wanted.components.flatMap((component) =>
    [...packages, ...sources].filter((one) => one.component === component),
  );
  return {
    indexes: inOrder.filter(isListed),
    warnings: inOrder
      .filter((one) => !isListed(one))
      .map(({ path }) => `${wanted.what}: its Release lists no ${path}; the rest is mirrored`),
  };
}

/** Whether an index can hold packages of an architecture that are wanted. */
export function mayHold({ holds }: NeededIndex, architecture: string): boolean {
  return architecture === 'all' || holds.includes(architecture);
}

function isListed({ forms }: NeededIndex): boolean {
  return forms.length > 0;
}

function flatIndex(release: Release, { components, architectures }: Wanted): NeededIndex {
  const [component = ''] = components;
  const common = { kind: 'packages', component, architecture: anyArchitecture } as const;
  return formsOf(release, { ...common, holds: architectures, path: 'Packages' });
}

function packageIndexes(release: Release, wanted: Wanted): readonly NeededIndex[] {
  return wanted.components.flatMap((component) => {
    const directory = directoryOf(release, component);
    return withArchitectureAll(release, directory, wanted.architectures).map((architecture) =>
      formsOf(release, {
        kind: 'packages',
        component,
        architecture,
        holds: [architecture],
        path: packagesPath(directory, architecture),
      }),
    );
  });
}

function sourceIndexes(release: Release, { isFlat, components }: Wanted): readonly NeededIndex[] {
  return components.map((component) => {
    const path = isFlat ? 'Sources' : `${directoryOf(release, component)}/source/Sources`;
    return formsOf(release, { kind: 'sources', component, architecture: 'source', holds: ['source'], path });
  });
}

/** What has no index at all must at least be named by its field; a Release without the field does not say. */
function assertOffered(
  release: Release,
  { what, components, architectures }: Wanted,
  indexes: readonly NeededIndex[],
): void {
  const listed = indexes.filter(isListed);
  for (const component of release.components.length === 0 ? [] : components) {
    if (listed.some((one) => one.component === component)) continue;
    if (release.components.some((one) => one === component || one.endsWith(`/${component}`))) continue;
    throw new EspejoError('E_COMPONENT_UNKNOWN', `${what}: has no component ${component}`, {
      hint: `it has ${release.components.join(', ')}`,
    });
  }
  const isAllApart = listed.length > 0 && listed.every(({ architecture }) => architecture === 'all');
  for (const architecture of release.architectures.length === 0 || isAllApart ? [] : architectures) {
    if (listed.some((one) => one.architecture === architecture)) continue;
    if (release.architectures.includes(architecture)) continue;
    throw new EspejoError('E_ARCHITECTURE_UNKNOWN', `${what}: has no architecture ${architecture}`, {
      hint: `it has ${release.architectures.join(', ')}`,
    });
  }
}

/** Debian's security archive lists the component `updates/main` and keeps its indexes in `main`. */
function directoryOf(release: Release, component: string): string {
  const prefixed = release.components.filter((one) => one.endsWith(`/${component}`));
  const paths = [...release.files.keys()];
  return (
    [component, baseName(component), ...prefixed].find((directory) =>
      paths.some((path) => path.startsWith(`${directory}/`)),
    ) ?? component
  );
}

/** Most archives repeat `all` packages in the index of each architecture. */
function withArchitectureAll(
  release: Release,
  directory: string,
  architectures: readonly string[],
): readonly string[] {
  const apart =
    keepsAllApart(release) &&
    compressions.some((compression) =>
      release.files.has(packagesPath(directory, 'all') + suffixOf(compression)),
    );
  return apart ? [...architectures, 'all'] : architectures;
}

function packagesPath(directory: string, architecture: string): string {
  return `${directory}/binary-${architecture}/Packages`;
}

/** An index in the forms that are listed, which may be none. */
function formsOf(release: Release, index: Omit<NeededIndex, 'plain' | 'forms'>): NeededIndex {
  const forms = compressions.flatMap((compression): IndexForm[] => {
    const path = index.path + suffixOf(compression);
    const facts = listedFacts(release, path);
    if (facts === undefined) return [];
    return [{ compression, facts, path, paths: listedPaths(release, path, facts) }];
  });
  return { ...index, plain: listedFacts(release, index.path), forms };
}

function notListed({ path }: NeededIndex, { what }: Wanted): EspejoError {
  return new EspejoError('E_INDEX_NOT_LISTED', `${what}: its Release lists no ${path} in any form`, {
    hint: `known forms are ${compressions.map((one) => baseName(path) + suffixOf(one)).join(', ')}`,
  });
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
