import type { Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { assertFacts, type Digests, digestNames } from '../core/digest.ts';
import { isEspejoError, systemCode } from '../core/errors.ts';
import { fileError } from '../core/files.ts';
import { legacyPoolPath } from '../deb/paths.ts';
import { measureFile } from './file-io.ts';
import type { Pool, PoolFile, PoolLedger } from './pool.ts';

/** A file of the pool with everything that can be known of it. */
export type FoundFile = {
  /** Below the root. */
  readonly path: string;
  readonly size: number;
  readonly digests: Required<Digests>;
};

type Search = {
  readonly pool: Pool;
  readonly ledger: PoolLedger;
  /** Whether to look in the layout of aptly before 1.1, too. */
  readonly legacy: boolean;
  readonly signal: AbortSignal;
};

/**
 * Finds a file that an index promises in either layout of the pool. What is found is proved to be that file: it is hashed
 * unless the ledger remembers it and all its digests are known. A damaged file in its place by SHA-256 is set aside.
 * @param known the file as a package has it that was kept before: where it lay, and its digests
 * @throws E_UNSAFE_PATH, E_IO, E_PERMISSION, E_ABORTED
 */
export async function findFile(
  file: PoolFile,
  known: FoundFile | undefined,
  search: Search,
): Promise<FoundFile | undefined> {
  if (known !== undefined && (await isUnchanged(file, known, search))) return known;
  const { pool, legacy } = search;
  const { md5 } = file.facts.digests;
  const other = known?.path ?? (legacy && md5 !== undefined ? legacyPoolPath(md5, file.name) : undefined);
  const path = pool.path(file);
  const found = await measured(path, file, search);
  if (found !== undefined || other === undefined || other === path) return found;
  return await measured(other, file, search);
}

/** Looks without hashing where the ledger allows it. */
async function isUnchanged(file: PoolFile, known: FoundFile, { pool, ledger }: Search): Promise<boolean> {
  const entry = ledger.recall(known.path);
  if (entry === undefined || entry.sha256 !== file.facts.digests.sha256) return false;
  const facts = await statOf(pool.absolute(known.path));
  return (
    facts?.isFile() === true &&
    facts.size === file.facts.size &&
    facts.size === entry.size &&
    facts.mtimeMs === entry.mtimeMs &&
    facts.ino === entry.inode
  );
}

async function measured(path: string, file: PoolFile, search: Search): Promise<FoundFile | undefined> {
  const { pool, ledger, signal } = search;
  const absolute = pool.absolute(path);
  const facts = await statOf(absolute);
  if (facts === undefined || !facts.isFile()) return undefined;
  const isInPlace = path === pool.path(file);
  if (facts.size === file.facts.size) {
    const found = await measureFile(absolute, { names: digestNames, expectedSize: facts.size, signal });
    const digests = found.facts.digests as Required<Digests>;
    if (isRight(absolute, file, found.facts)) {
      ledger.remember(path, { ...found.entry, sha256: digests.sha256 });
      return { path, size: facts.size, digests };
    }
  }
  if (isInPlace) await pool.check(file, signal, { thorough: true });
  return undefined;
}

function isRight(path: string, { facts }: PoolFile, found: PoolFile['facts']): boolean {
  try {
    assertFacts(path, facts, found);
    return true;
  } catch (error) {
    if (isEspejoError(error, 'E_SIZE_MISMATCH', 'E_DIGEST_MISMATCH')) return false;
    throw error;
  }
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT' || systemCode(cause) === 'ENOTDIR') return undefined;
    throw fileError(cause, `cannot read ${path}`);
  }
}
