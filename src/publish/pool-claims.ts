import type { Catalog, GenerationRecord, ListId } from '../catalog/contract.ts';
import { placePackages } from './plan.ts';

/** The SHA-256 digests under which kept generations know one path of their published pool. */
export type Claims = (path: string) => Promise<ReadonlySet<string>>;

/**
 * What the kept generations of all publications below a prefix say of its published pool. Gathered when it is first
 * asked, which is only for the rare file that is not what it should be.
 */
export function claimsBelow(catalog: Catalog, prefix: string): Claims {
  let gathered: Promise<ReadonlyMap<string, ReadonlySet<string>>> | undefined;
  return async (path) => {
    gathered ??= gather(catalog, prefix);
    return (await gathered).get(path) ?? new Set();
  };
}

/** The published pool paths that generations in `gone` name and none in `kept`. */
export async function pathsOnlyIn(
  catalog: Catalog,
  gone: readonly GenerationRecord[],
  kept: readonly GenerationRecord[],
): Promise<readonly string[]> {
  const keptLists = listsOf(kept);
  const paths = new Set<string>();
  for (const [key, list] of listsOf(gone)) {
    if (!keptLists.has(key)) for (const { path } of await filesOf(catalog, list)) paths.add(path);
  }
  if (paths.size === 0) return [];
  for (const list of keptLists.values()) {
    for (const { path } of await filesOf(catalog, list)) paths.delete(path);
  }
  return [...paths];
}

/** All published pool paths of a generation. */
export async function pathsOf(catalog: Catalog, generation: GenerationRecord): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const list of listsOf([generation]).values()) {
    for (const { path } of await filesOf(catalog, list)) paths.push(path);
  }
  return paths;
}

/** The kept generations of every publication that shares the published pool of a prefix. */
export async function generationsBelow(
  catalog: Catalog,
  prefix: string,
): Promise<readonly GenerationRecord[]> {
  const siblings = (await catalog.publications()).filter((one) => one.prefix === prefix);
  const generations = await Promise.all(siblings.map(({ path }) => catalog.generations(path)));
  return generations.flat();
}

async function gather(catalog: Catalog, prefix: string): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const claims = new Map<string, Set<string>>();
  for (const list of listsOf(await generationsBelow(catalog, prefix)).values()) {
    for (const { path, sha256 } of await filesOf(catalog, list)) {
      const known = claims.get(path);
      if (known === undefined) claims.set(path, new Set([sha256]));
      else known.add(sha256);
    }
  }
  return claims;
}

type ComponentList = { readonly name: string; readonly list: ListId };

/** Each list of a component once: generations mostly share theirs. */
function listsOf(generations: readonly GenerationRecord[]): ReadonlyMap<string, ComponentList> {
  const components = generations.flatMap((one) => one.components);
  return new Map(components.map(({ name, list }) => [`${name} ${list}`, { name, list }]));
}

async function filesOf(
  catalog: Catalog,
  { name, list }: ComponentList,
): Promise<readonly { readonly path: string; readonly sha256: string }[]> {
  return placePackages(name, await catalog.packages(list)).flatMap(({ files }) => files);
}
