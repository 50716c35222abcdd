import { assertFacts, type Digests } from '../core/digest.ts';
import { isEspejoError } from '../core/errors.ts';
import { legacyPoolPath } from '../deb/paths.ts';
import type { MeasuredFile, Pool, PoolFile } from './pool.ts';

/** A file of the pool with everything that can be known of it. */
export type FoundFile = {
  /** In the pool. */
  readonly path: string;
  readonly size: number;
  readonly digests: Required<Digests>;
};

type Search = {
  readonly pool: Pool;
  /** Whether to look in the layout of aptly before 1.1, too. */
  readonly legacy: boolean;
  readonly signal: AbortSignal;
};

/**
 * Finds a file that an index promises in either layout of the pool. What is found is proved to be that file: it is hashed
 * unless the pool remembers it and all its digests are known. A damaged file in its place by SHA-256 is set aside.
 * @param known the file as a package has it that was kept before: where it lay, and its digests
 * @throws E_UNSAFE_PATH, E_IO, E_PERMISSION, E_ABORTED
 */
export async function findFile(
  file: PoolFile,
  known: FoundFile | undefined,
  search: Search,
): Promise<FoundFile | undefined> {
  const { pool, legacy } = search;
  if (known !== undefined && (await pool.isUnchanged(known.path, file.facts))) return known;
  const { md5 } = file.facts.digests;
  const elsewhere = known?.path ?? (legacy && md5 !== undefined ? legacyPoolPath(md5, file.name) : undefined);
  const path = pool.path(file);
  const found = await measured(path, file, search);
  if (found !== undefined || elsewhere === undefined || elsewhere === path) return found;
  return await measured(elsewhere, file, search);
}

async function measured(
  path: string,
  file: PoolFile,
  { pool, signal }: Search,
): Promise<FoundFile | undefined> {
  const size = await pool.size(path);
  if (size === undefined) return undefined;
  const found = size === file.facts.size ? await pool.measure(path, signal) : undefined;
  if (found !== undefined && isRight(path, file, found)) return { path, ...found };
  if (path === pool.path(file)) await pool.check(file, signal, { thorough: true });
  return undefined;
}

function isRight(path: string, { facts }: PoolFile, found: MeasuredFile): boolean {
  try {
    assertFacts(path, facts, found);
    return true;
  } catch (error) {
    if (isEspejoError(error, 'E_SIZE_MISMATCH', 'E_DIGEST_MISMATCH')) return false;
    throw error;
  }
}
