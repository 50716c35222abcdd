import { dirname } from 'node:path';
import { makeDirectory } from '../../core/directories.ts';
import { syncPaths } from '../../core/sync-paths.ts';

/** Modes of what is published: a web server may run as another user, so the umask has no say. */
export const publicFileMode = 0o644;
const publicDirectoryMode = 0o755;

/** Makes a directory and the parents it lacks, readable by everybody. */
export function makePublicDirectory(path: string): void {
  makeDirectory(path, publicDirectoryMode);
}

/** Makes the entries of directories durable, and those of their parents up to and with `root`. */
export async function syncDirectoriesBelow(root: string, directories: Iterable<string>): Promise<void> {
  const all = new Set<string>([root]);
  for (const directory of directories) {
    for (let one = directory; one.startsWith(`${root}/`) && !all.has(one); one = dirname(one)) all.add(one);
  }
  await syncPaths([...all], new AbortController().signal);
}
