import type { Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { systemCode } from '../../core/errors.ts';
import { fileError } from '../../core/files.ts';

/** Of the file itself, not of what a link leads to. @throws E_PERMISSION, E_IO */
export async function lstatIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw fileError(error, `cannot read ${path}`);
  }
}
