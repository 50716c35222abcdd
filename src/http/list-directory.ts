import { opendir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { mapConcurrently } from '../core/concurrency.ts';
import { systemCode } from '../core/errors.ts';
import { isInside } from './open-published.ts';

/** One line of a listing; `size` in bytes, absent for a directory. */
export type ListingEntry = {
  readonly name: string;
  readonly size: number | undefined;
  readonly modifiedAt: Date;
};

export type Listing = { readonly entries: readonly ListingEntry[]; readonly complete: boolean };

const maxEntries = 10_000;

/**
 * The entries of a directory that may be asked for: no dot entries, no links out of the root, only files and directories.
 * Directories first, then by name. At most 10,000, `complete` says whether that was all.
 * @param place real paths of the directory and of the root
 */
export async function listDirectory(place: {
  readonly path: string;
  readonly root: string;
}): Promise<Listing> {
  const names: string[] = [];
  let complete = true;
  for await (const { name } of await opendir(place.path)) {
    if (name.startsWith('.')) continue;
    if (names.length === maxEntries) {
      complete = false;
      break;
    }
    names.push(name);
  }
  const limits = { width: 16, signal: new AbortController().signal };
  const entries = await mapConcurrently(names, limits, (name) => describe(place, name));
  return { entries: entries.filter((entry) => entry !== undefined).sort(byKindAndName), complete };
}

async function describe(
  { path, root }: { readonly path: string; readonly root: string },
  name: string,
): Promise<ListingEntry | undefined> {
  try {
    const target = await realpath(join(path, name));
    if (!isInside(target, root)) return undefined;
    const facts = await stat(target);
    if (facts.isDirectory()) return { name, size: undefined, modifiedAt: facts.mtime };
    return facts.isFile() ? { name, size: facts.size, modifiedAt: facts.mtime } : undefined;
  } catch (error) {
    // Dangling links, and what a publish removed since the directory was read.
    if (systemCode(error) !== undefined) return undefined;
    throw error;
  }
}

function byKindAndName(a: ListingEntry, b: ListingEntry): number {
  const kind = Number(a.size !== undefined) - Number(b.size !== undefined);
  if (kind !== 0) return kind;
  if (a.name === b.name) return 0;
  return a.name < b.name ? -1 : 1;
}
