import { randomBytes } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { link, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeDirectory } from './directories.ts';
import { EspejoError, systemCode } from './errors.ts';

/**
 * Writes a whole file under its name at once: random sibling, fsync, rename, fsync of the directory.
 * Readers see the old file or the new one. Parent directories are made.
 * @throws E_DISK_FULL, E_PERMISSION, E_IO
 */
export async function writeFileAtomically(
  path: string,
  data: Uint8Array | string,
  mode = 0o644,
): Promise<void> {
  const temporary = join(dirname(path), `.${randomBytes(6).toString('hex')}.tmp`);
  try {
    makeDirectory(dirname(path));
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(data);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncDirectory(dirname(path));
  } catch (cause) {
    await rm(temporary, { force: true });
    throw fileError(cause, `cannot write ${path}`);
  }
}

/**
 * Writes a whole file under its name unless something has that name: random sibling, fsync, link. Of several processes
 * one gets true; for the others the file of that one is complete when they get false.
 * @throws E_DISK_FULL, E_PERMISSION, E_IO
 */
export async function createFileAtomically(
  path: string,
  data: Uint8Array | string,
  mode = 0o644,
): Promise<boolean> {
  const temporary = join(dirname(path), `.${randomBytes(6).toString('hex')}.tmp`);
  try {
    await writeFileAtomically(temporary, data, mode);
    await link(temporary, path);
    await syncDirectory(dirname(path));
    return true;
  } catch (cause) {
    if (systemCode(cause) === 'EEXIST') return false;
    throw fileError(cause, `cannot write ${path}`);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Makes a rename in `directory` durable. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * The EspejoError for a failed file operation; errors that are none of the file system come back as they are.
 * @param action what was tried, with the path: `cannot write /x/y`
 */
export function fileError(cause: unknown, action: string): unknown {
  const code = systemCode(cause);
  if (code === undefined || cause instanceof EspejoError) return cause;
  const context = { system: code };
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new EspejoError('E_DISK_FULL', `${action}: the disk is full`, {
        cause,
        context,
        hint: 'free some space and run the same command again; nothing is lost',
      });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new EspejoError('E_PERMISSION', `${action}: permission denied (${code})`, {
        cause,
        context,
        hint: 'check the owner and mode of the directory, or choose another root_dir',
      });
    default:
      return code.startsWith('E') && !code.startsWith('ERR_')
        ? new EspejoError('E_IO', `${action}: ${code}`, { cause, context })
        : cause;
  }
}

/** What a path leads to when all links are followed, whether or not its last parts exist yet. */
export function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch (cause) {
    const parent = dirname(path);
    if (systemCode(cause) !== 'ENOENT' || parent === path) return path;
    return join(realPath(parent), basename(path));
  }
}
