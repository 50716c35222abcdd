import type { Catalog, GenerationRecord, ListId, PublicationPlace } from '../catalog/contract.ts';
import { isEspejoError } from '../core/errors.ts';
import type { Endpoints } from '../endpoint/contract.ts';
import { type PlacedFile, placePackages, poolOf } from './plan.ts';

/** By path: the SHA-256 digests under which it is known, with whose file each is. */
type Digests = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** The SHA-256 digests under which what is kept knows one path of the published pool, with whose file it is, in words. */
export type Claims = (path: string) => Promise<ReadonlyMap<string, string>>;

/** Where publications share a published pool. */
export type PoolPlace = Pick<PublicationPlace, 'storage' | 'prefix'>;

type Deps = { readonly catalog: Catalog; readonly endpoints: Endpoints };

/**
 * What tells one published pool from another: equal for places that are one, whatever their endpoints are called. One that
 * is not configured any more is known by its name alone.
 */
export function siteOf(endpoints: Endpoints, { storage, prefix }: PoolPlace): string {
  try {
    return endpoints.of(storage).identity(prefix);
  } catch (error) {
    if (isEspejoError(error, 'E_CONFIG_INVALID')) return `${storage}:${prefix}`;
    throw error;
  }
}

/** A list of packages in a part of the published pool, and who needs it there. */
export type PoolUse = {
  /** Path of the publication. */
  readonly publication: string;
  /** Undefined for a publication that another program made. */
  readonly generation: string | undefined;
  readonly component: string;
  /** `main`, or `<distribution>/main`. */
  readonly pool: string;
  readonly list: ListId;
  /** Keys of the packages that are placed apart. */
  readonly apart: readonly string[];
};

/** What a generation needs of the published pool. */
export function usesOf(
  { path, distribution }: Pick<PublicationPlace, 'path' | 'distribution'>,
  { id, settings, components }: GenerationRecord,
): readonly PoolUse[] {
  return components.map(({ name, list, apart = [] }) => ({
    publication: path,
    generation: id,
    component: name,
    pool: poolOf({ distribution }, settings, name),
    list,
    apart,
  }));
}

/** What all publications need of the published pool below a prefix, those that another program made included. */
export async function usesBelow({ catalog, endpoints }: Deps, asked: PoolPlace): Promise<readonly PoolUse[]> {
  const site = siteOf(endpoints, asked);
  const uses: PoolUse[] = [];
  for (const place of await catalog.publications()) {
    if (siteOf(endpoints, place) !== site) continue;
    for (const generation of await catalog.generations(place.path)) uses.push(...usesOf(place, generation));
  }
  for (const object of await catalog.objects.all('publication')) {
    if (siteOf(endpoints, object) !== site) continue;
    for (const [component, list] of Object.entries(object.lists)) {
      const pool = poolOf(object, object, component);
      if (uses.some((use) => use.publication === object.name && use.pool === pool && use.list === list))
        continue;
      uses.push({ publication: object.name, generation: undefined, component, pool, list, apart: [] });
    }
  }
  return uses;
}

/**
 * What the kept generations of all publications below a prefix say of its published pool. Gathered when it is first
 * asked, which is only for the rare file that is not what it should be.
 */
export function claimsBelow(deps: Deps, place: PoolPlace): Claims {
  let gathered: Promise<Digests> | undefined;
  return async (path) => {
    gathered ??= gather(deps, place);
    return (await gathered).get(path) ?? new Map();
  };
}

/** The published pool paths that `gone` names and `kept` does not. */
export async function pathsOnlyIn(
  catalog: Catalog,
  gone: readonly PoolUse[],
  kept: readonly PoolUse[],
): Promise<readonly string[]> {
  const keptLists = distinct(kept);
  const paths = new Set<string>();
  for (const [key, use] of distinct(gone)) {
    if (!keptLists.has(key)) for (const { path } of await filesOf(catalog, use)) paths.add(path);
  }
  if (paths.size === 0) return [];
  for (const use of keptLists.values()) {
    for (const { path } of await filesOf(catalog, use)) paths.delete(path);
  }
  return [...paths];
}

/** All published pool paths of some uses. */
export async function pathsOf(catalog: Catalog, uses: readonly PoolUse[]): Promise<ReadonlySet<string>> {
  const paths = new Set<string>();
  for (const use of distinct(uses).values()) {
    for (const { path } of await filesOf(catalog, use)) paths.add(path);
  }
  return paths;
}

async function gather(deps: Deps, place: PoolPlace): Promise<Digests> {
  const claims = new Map<string, Map<string, string>>();
  for (const use of distinct(await usesBelow(deps, place)).values()) {
    for (const { path, sha256, label } of await filesOf(deps.catalog, use)) {
      const known = claims.get(path) ?? new Map<string, string>();
      if (!known.has(sha256)) known.set(sha256, `${label} of ${use.publication}`);
      claims.set(path, known);
    }
  }
  return claims;
}

/** Each list in a part of the pool once: generations mostly share theirs. */
function distinct(uses: readonly PoolUse[]): ReadonlyMap<string, PoolUse> {
  return new Map(uses.map((use) => [[use.pool, use.list, ...use.apart].join('\n'), use]));
}

async function filesOf(
  catalog: Catalog,
  { pool, list, apart }: PoolUse,
): Promise<readonly { readonly path: string; readonly sha256: string; readonly label: string }[]> {
  const placed = placePackages(pool, await catalog.packages(list), apart);
  return placed.flatMap(({ record: { name, version, architecture }, files }) =>
    files
      .flatMap((file) => [file, ...formerPlace(file)])
      .map(({ path, sha256 }) => ({ path, sha256, label: `${name}_${version}_${architecture}` })),
  );
}

/** Where aptly, and espejo before it gave names of its own to some files, has published the file. */
function formerPlace({ path, name, sha256 }: PlacedFile): readonly { path: string; sha256: string }[] {
  const former = `${path.slice(0, path.lastIndexOf('/'))}/${name}`;
  return former === path ? [] : [{ path: former, sha256 }];
}
