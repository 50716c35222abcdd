import { type FileFacts, strongestDigest } from '../core/digest.ts';
import { EspejoError } from '../core/errors.ts';
import { baseName, byHashPath } from '../deb/paths.ts';
import type { Release } from '../deb/release.ts';
import { type Compression, compressions, suffixOf } from './inflate.ts';

/** One index that a mirror needs, with the forms in which its Release offers it. */
export type NeededIndex = {
  readonly kind: 'packages' | 'sources';
  readonly component: string;
  /** `source` for a Sources index. */
  readonly architecture: string;
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

type Wanted = {
  /** The suite, for errors. */
  readonly what: string;
  readonly components: readonly string[];
  readonly architectures: readonly string[];
  readonly sources: boolean;
};

/**
 * Decides which indexes a selection needs.
 * @throws E_COMPONENT_UNKNOWN, E_ARCHITECTURE_UNKNOWN, E_INDEX_NOT_LISTED
 */
export function neededIndexes(release: Release, wanted: Wanted): readonly NeededIndex[] {
  assertOffered(release, wanted);
  return wanted.components.flatMap((component) => {
    const directory = directoryOf(release, component);
    const architectures = withArchitectureAll(release, directory, wanted.architectures);
    const binary = architectures.map((architecture) =>
      neededIndex(release, wanted.what, {
        kind: 'packages',
        component,
        architecture,
        path: packagesPath(directory, architecture),
      }),
    );
    if (!wanted.sources) return binary;
    const path = `${directory}/source/Sources`;
    return [
      ...binary,
      neededIndex(release, wanted.what, { kind: 'sources', component, architecture: 'source', path }),
    ];
  });
}

/** A Release without the field does not say what it offers; then its file list decides. */
function assertOffered(release: Release, { what, components, architectures }: Wanted): void {
  for (const component of release.components.length === 0 ? [] : components) {
    if (release.components.some((one) => one === component || one.endsWith(`/${component}`))) continue;
    throw new EspejoError('E_COMPONENT_UNKNOWN', `${what}: has no component ${component}`, {
      hint: `it has ${release.components.join(', ')}`,
    });
  }
  for (const architecture of release.architectures.length === 0 ? [] : architectures) {
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

/**
 * Most archives repeat `all` packages in the index of each architecture; one that keeps them apart lists the
 * architecture `all` and does not announce `No-Support-for-Architecture-all: Packages` (as apt reads it).
 */
function withArchitectureAll(
  release: Release,
  directory: string,
  architectures: readonly string[],
): readonly string[] {
  const apart =
    release.architectures.includes('all') &&
    release.stanza.get('No-Support-for-Architecture-all') === undefined &&
    compressions.some((compression) =>
      release.files.has(packagesPath(directory, 'all') + suffixOf(compression)),
    );
  return apart ? [...architectures, 'all'] : architectures;
}

function packagesPath(directory: string, architecture: string): string {
  return `${directory}/binary-${architecture}/Packages`;
}

function neededIndex(
  release: Release,
  what: string,
  index: Pick<NeededIndex, 'kind' | 'component' | 'architecture' | 'path'>,
): NeededIndex {
  const forms = compressions.flatMap((compression): IndexForm[] => {
    const path = index.path + suffixOf(compression);
    const facts = release.files.get(path);
    if (facts === undefined) return [];
    const digest = strongestDigest(facts.digests);
    const byHash =
      release.acquireByHash && digest !== undefined ? [byHashPath(path, digest.name, digest.hex)] : [];
    return [{ compression, facts, path, paths: [...byHash, path] }];
  });
  if (forms.length === 0) {
    throw new EspejoError('E_INDEX_NOT_LISTED', `${what}: its Release lists no ${index.path} in any form`, {
      hint: `known forms are ${compressions.map((one) => `Packages${suffixOf(one)}`).join(', ')}`,
    });
  }
  return { ...index, plain: release.files.get(index.path), forms };
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
