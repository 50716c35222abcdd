import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { systemCode } from '../core/errors.ts';
import { fileError } from '../core/files.ts';

/** An open file of the published tree; the receiver closes `handle`. */
export type OpenFile = {
  readonly kind: 'file';
  readonly handle: FileHandle;
  readonly stats: BigIntStats;
};

export type Published =
  | OpenFile
  | { readonly kind: 'directory'; readonly path: string; readonly root: string }
  | { readonly kind: 'absent' };

const attempts = 3;

/**
 * Opens what `segments` name below `root`. Symlinks are followed afresh at each call, because a publication may be flipped
 * at any time, and only to places inside the root. Everything about the file is then told by the one open
 * descriptor, so an answer never mixes an old and a new file. What is no regular file or directory is absent.
 * @throws E_PERMISSION, E_IO
 */
export async function openPublished(root: string, segments: readonly string[]): Promise<Published> {
  // A generation can be removed between finding and opening it; the path then leads to its successor.
  for (let attempt = 1; attempt < attempts; attempt += 1) {
    const found = await tryOpen(root, segments);
    if (found !== 'vanished') return found;
  }
  const last = await tryOpen(root, segments);
  return last === 'vanished' ? { kind: 'absent' } : last;
}

async function tryOpen(root: string, segments: readonly string[]): Promise<Published | 'vanished'> {
  const place = await locate(root, segments);
  if (place === undefined) return { kind: 'absent' };
  let handle: FileHandle;
  try {
    // O_NONBLOCK: a FIFO in the tree must not hang the request.
    handle = await open(place.path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (isAbsence(error)) return 'vanished';
    throw fileError(error, 'cannot read a published file');
  }
  return await inspect(handle, place);
}

type Place = { readonly path: string; readonly root: string };

/** Where the path really leads; undefined when to nothing or out of the root. */
async function locate(root: string, segments: readonly string[]): Promise<Place | undefined> {
  try {
    const realRoot = await realpath(root);
    const path = await realpath(join(realRoot, ...segments));
    return isInside(path, realRoot) ? { path, root: realRoot } : undefined;
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw fileError(error, 'cannot look up a published file');
  }
}

async function inspect(handle: FileHandle, place: Place): Promise<Published> {
  let kept = false;
  try {
    const stats = await handle.stat({ bigint: true });
    if (stats.isDirectory()) return { kind: 'directory', ...place };
    if (!stats.isFile()) return { kind: 'absent' };
    kept = true;
    return { kind: 'file', handle, stats };
  } finally {
    if (!kept) await handle.close();
  }
}

/** Whether `path` is `root` or below it; both are real paths. */
export function isInside(path: string, root: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}

/** ENXIO: a socket or a FIFO without writer; the others: nothing of that name, or links in a circle. */
function isAbsence(error: unknown): boolean {
  const code = systemCode(error);
  return code !== undefined && ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'ENXIO'].includes(code);
}
