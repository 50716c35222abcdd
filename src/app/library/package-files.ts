import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../../core/errors.ts';

/** A file or folder that was not taken, and why. */
export type FileFailure = { readonly path: string; readonly reason: string };

export type FoundFiles = {
  /** Sorted by path. */
  readonly packages: readonly string[];
  /** `.buildinfo` files. */
  readonly others: readonly string[];
  readonly failures: readonly FileFailure[];
};

/**
 * The package files among paths and in the folders among them, with all that is below (semantics.md 8.1). Other files
 * are passed over in folders; named by themselves they are failures. Symbolic links in folders are followed to files
 * only, so that no folder is walked for ever.
 * @param read what a path means on disk, for paths that are relative to another directory than that of the process
 */
export async function findPackageFiles(
  paths: readonly string[],
  read: (path: string) => string,
): Promise<FoundFiles> {
  const packages: string[] = [];
  const others: string[] = [];
  const failures: FileFailure[] = [];
  for (const path of paths) {
    try {
      if ((await stat(read(path))).isDirectory()) {
        const files = await filesBelow(path, read);
        packages.push(...files.filter(isPackageFile));
        others.push(...files.filter(isBuildInfo));
      } else if (isPackageFile(path)) packages.push(path);
      else if (isBuildInfo(path)) others.push(path);
      else failures.push({ path, reason: `Unknown file extension: ${path}` });
    } catch (error) {
      failures.push({ path, reason: `Unable to process ${path}: ${reasonOf(path, error)}` });
    }
  }
  return { packages: packages.sort(), others, failures };
}

async function filesBelow(folder: string, read: (path: string) => string): Promise<readonly string[]> {
  const files: string[] = [];
  for (const entry of await readdir(read(folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) files.push(...(await filesBelow(path, read)));
    else files.push(path);
  }
  return files;
}

function isPackageFile(path: string): boolean {
  return ['.deb', '.udeb', '.ddeb', '.dsc'].some((extension) => path.endsWith(extension));
}

function isBuildInfo(path: string): boolean {
  return path.endsWith('.buildinfo');
}

function reasonOf(path: string, error: unknown): string {
  if (systemCode(error) === 'ENOENT') return `stat ${path}: no such file or directory`;
  return error instanceof Error ? error.message : String(error);
}
