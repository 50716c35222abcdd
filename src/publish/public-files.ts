import { chmod, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { mapConcurrently } from '../core/concurrency.ts';
import { syncDirectory } from '../core/files.ts';

/** Modes of what is published: a web server may run as another user, so the umask has no say. */
export const publicFileMode = 0o644;
const publicDirectoryMode = 0o755;

/** Makes a directory and the parents it lacks, readable by everybody. */
export async function makePublicDirectory(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  let directory = path;
  while (directory.length >= first.length) {
    await chmod(directory, publicDirectoryMode);
    directory = dirname(directory);
  }
}

/** Directories synced at once: the file system joins them to few writes of its journal. */
const syncWidth = 16;

/** Makes the entries of directories durable, and those of their parents up to and with `root`. */
export async function syncDirectoriesBelow(root: string, directories: Iterable<string>): Promise<void> {
  const all = new Set<string>([root]);
  for (const directory of directories) {
    for (let one = directory; one.startsWith(`${root}/`) && !all.has(one); one = dirname(one)) all.add(one);
  }
  const { signal } = new AbortController();
  await mapConcurrently([...all], { width: syncWidth, signal }, syncDirectory);
}
