import type { Dirent } from 'node:fs';
import { readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Catalog } from '../catalog/contract.ts';
import { systemCode } from '../core/errors.ts';
import { fileError } from '../core/files.ts';
import { type PoolPlace, pathsOf, usesBelow } from './pool-claims.ts';

/**
 * Removes every file below a part of the published pool that no publication there needs, and the directories that
 * become empty by it (semantics.md 7.9).
 * @param parts `main`, or `<distribution>/main`
 * @param prefix absolute directory of the publications
 * @param without path of a publication that counts no more
 * @throws E_PERMISSION, E_IO
 */
export async function sweepPool(
  catalog: Catalog,
  place: PoolPlace,
  { prefix, parts, without }: Sweep,
): Promise<void> {
  if (parts.length === 0) return;
  const uses = (await usesBelow(catalog, place)).filter(({ publication }) => publication !== without);
  for (const part of new Set(parts)) {
    const near = uses.filter(
      ({ pool }) => `${pool}/`.startsWith(`${part}/`) || `${part}/`.startsWith(`${pool}/`),
    );
    const needed = await pathsOf(catalog, near);
    try {
      await sweep(prefix, `pool/${part}`, needed);
    } catch (cause) {
      throw fileError(cause, `cannot clean ${join(prefix, 'pool', part)}`);
    }
  }
}

type Sweep = { readonly prefix: string; readonly parts: readonly string[]; readonly without?: string };

/** @returns whether the directory is gone */
async function sweep(prefix: string, directory: string, needed: ReadonlySet<string>): Promise<boolean> {
  let isEmpty = true;
  for (const entry of await entriesOf(join(prefix, directory))) {
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory()) isEmpty = (await sweep(prefix, path, needed)) && isEmpty;
    else if (needed.has(path)) isEmpty = false;
    else await rm(join(prefix, path), { force: true });
  }
  if (!isEmpty) return false;
  try {
    await rmdir(join(prefix, directory));
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false;
    if (code !== 'ENOENT') throw error;
  }
  return true;
}

async function entriesOf(directory: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(directory, { withFileTypes: true });
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return [];
    throw error;
  }
}
