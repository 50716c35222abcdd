import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../core/errors.ts';

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
 * The package files among paths and in the folders among them, with all that is below (spec/semantics.md 8.1). Other files
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
  for (const { path, files, failure, isNamed } of await listAll(paths, read)) {
    packages.push(...files.filter(isPackageFile));
    others.push(...files.filter(isBuildInfo));
    if (failure !== undefined) failures.push(failure);
    else if (isNamed && !isPackageFile(path) && !isBuildInfo(path)) {
      failures.push({ path, reason: `Unknown file extension: ${path}` });
    }
  }
  return { packages: packages.sort(), others, failures };
}

/**
 * The .changes files among paths and in the folders among them, as {@link findPackageFiles}; other files are passed over
 * wherever they are.
 */
export async function findChangesFiles(
  paths: readonly string[],
  read: (path: string) => string,
): Promise<{ readonly changes: readonly string[]; readonly failures: readonly FileFailure[] }> {
  const found = await listAll(paths, read);
  return {
    changes: found.flatMap(({ files }) => files.filter((path) => path.endsWith('.changes'))).sort(),
    failures: found.flatMap(({ failure }) => failure ?? []),
  };
}

type Listed = {
  readonly path: string;
  /** The path itself when it is a file. */
  readonly files: readonly string[];
  readonly isNamed: boolean;
  readonly failure: FileFailure | undefined;
};

async function listAll(paths: readonly string[], read: (path: string) => string): Promise<readonly Listed[]> {
  const listed: Listed[] = [];
  for (const path of paths) {
    try {
      const isNamed = !(await stat(read(path))).isDirectory();
      const files = isNamed ? [path] : await filesBelow(path, read);
      listed.push({ path, files, isNamed, failure: undefined });
    } catch (error) {
      const failure = { path, reason: `Unable to process ${path}: ${reasonOf(path, error)}` };
      listed.push({ path, files: [], isNamed: true, failure });
    }
  }
  return listed;
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

export function isPackageFile(path: string): boolean {
  return ['.deb', '.udeb', '.ddeb', '.dsc'].some((extension) => path.endsWith(extension));
}

export function isBuildInfo(path: string): boolean {
  return path.endsWith('.buildinfo');
}

function reasonOf(path: string, error: unknown): string {
  if (systemCode(error) === 'ENOENT') return `stat ${path}: no such file or directory`;
  return error instanceof Error ? error.message : String(error);
}
