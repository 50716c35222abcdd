import type { Catalog, GenerationRecord } from '../catalog/contract.ts';
import { placePackages } from './plan.ts';

/**
 * The SHA-256 digests under which the kept generations of all publications below a prefix know one path of their
 * published pool. Looked up only for the rare file that is not what it should be.
 */
export async function claimsOn(catalog: Catalog, prefix: string, path: string): Promise<ReadonlySet<string>> {
  const digests = new Set<string>();
  for (const generation of await generationsBelow(catalog, prefix)) {
    for (const file of await filesOf(catalog, generation)) if (file.path === path) digests.add(file.sha256);
  }
  return digests;
}

/** All published pool paths of some generations. */
export async function pathsOf(
  catalog: Catalog,
  generations: readonly GenerationRecord[],
): Promise<Set<string>> {
  const files = await Promise.all(generations.map((one) => filesOf(catalog, one)));
  return new Set(files.flat().map(({ path }) => path));
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

async function filesOf(
  catalog: Catalog,
  generation: GenerationRecord,
): Promise<readonly { readonly path: string; readonly sha256: string }[]> {
  const placed = await Promise.all(
    generation.components.map(async ({ name, list }) => placePackages(name, await catalog.packages(list))),
  );
  return placed.flat().flatMap(({ files }) => files);
}
