import { lstat, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemCode } from '../../core/errors.ts';
import { fileError, syncDirectory } from '../../core/files.ts';
import type { PublicationLayout } from './layout.ts';
import { makePublicDirectory } from './public-files.ts';

/**
 * Takes a publication away from its clients by one call, then removes all its generations.
 * @throws E_PERMISSION, E_IO
 */
export async function withdraw(layout: PublicationLayout): Promise<void> {
  try {
    await rm(layout.newLink, { force: true });
    await removeLink(layout);
    await rm(layout.generations, { recursive: true, force: true });
  } catch (cause) {
    throw fileError(cause, `unable to remove ${layout.link}`);
  }
}

/**
 * Removes a directory and those below it as far as they are empty.
 * @returns how many files, links among them, keep it from being removed
 * @throws E_PERMISSION, E_IO
 */
export async function removeEmptyDirectories(path: string): Promise<number> {
  try {
    let left = 0;
    for (const entry of await readdir(path, { withFileTypes: true }))
      left += entry.isDirectory() ? await removeEmptyDirectories(join(path, entry.name)) : 1;
    if (left === 0) await rmdir(path);
    return left;
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return 0;
    throw fileError(cause, `unable to remove ${path}`);
  }
}

/** A directory that another program had published is moved aside first: it takes time to remove. */
async function removeLink({ link, takenOver, generations }: PublicationLayout): Promise<void> {
  try {
    if ((await lstat(link)).isDirectory()) {
      makePublicDirectory(generations);
      await rm(takenOver, { recursive: true, force: true });
      await rename(link, takenOver);
    } else await rm(link, { force: true });
    await syncDirectory(dirname(link));
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}
