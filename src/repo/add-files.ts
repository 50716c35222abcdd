import { rm } from 'node:fs/promises';
import { findObject } from '../catalog/find-object.ts';
import { fileError } from '../core/files.ts';
import type { Job } from '../packages/events.ts';
import { findPackageFiles } from '../packages/package-files.ts';
import { loadPackageSet } from '../packages/package-sets.ts';
import type { Ports } from '../packages/ports.ts';
import { saveRepos } from './repos.ts';
import { takeFiles } from './take-files.ts';

export type FilesToAdd = {
  readonly repo: string;
  /** Files and folders. */
  readonly paths: readonly string[];
  /** What a path means on disk. */
  readonly read: (path: string) => string;
  /** Remove packages of the same name, version and architecture before. */
  readonly forceReplace: boolean;
  /** Delete the files that were taken, and `.buildinfo` files. */
  readonly removeFiles: boolean;
};

/**
 * Takes package files into the pool and a repository (spec/semantics.md 8.1). Each file is for itself: the repository is
 * saved with those that succeeded. A package that is there already with the same files is no failure.
 * @returns the paths that failed: failures of paths, then the files in the order of the paths; why was told as events
 * @throws E_OBJECT_NOT_FOUND; E_DISK_FULL and E_ABORTED, which change no repository; E_IO, E_PERMISSION for files that
 * cannot be deleted, when all else is done
 */
export async function addFiles(ports: Ports, files: FilesToAdd, job: Job): Promise<readonly string[]> {
  return await ports.exclusively('repo add', job.signal, async () => {
    const repo = await findObject(ports, 'repo', files.repo);
    job.report({ type: 'loading' });
    const found = await findPackageFiles(files.paths, files.read);
    const { events, taken, packages } = await takeFiles(ports, {
      ...files,
      paths: found.packages,
      before: await loadPackageSet(ports, repo.list),
      warn: (message) => job.report({ type: 'warning', message }),
      signal: job.signal,
    });
    await saveRepos(ports, [{ repo, packages }]);
    if (files.removeFiles) await removeFiles([...taken, ...found.others.map(files.read)]);
    const failures = found.failures.map((failure) => ({ type: 'file-failed', ...failure }) as const);
    return [...failures, ...events].flatMap((event) => {
      job.report(event);
      return event.type === 'file-failed' ? event.path : [];
    });
  });
}

/** Deletes files; one that is gone is no error. @throws E_IO, E_PERMISSION */
export async function removeFiles(paths: readonly string[]): Promise<void> {
  for (const path of new Set(paths)) {
    try {
      await rm(path, { force: true });
    } catch (cause) {
      throw fileError(cause, `unable to remove file: ${path}`);
    }
  }
}
