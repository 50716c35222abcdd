import { join } from 'node:path';
import { makeDirectory } from '../core/directories.ts';
import { EspejoError } from '../core/errors.ts';
import { fileError } from '../core/files.ts';
import { type FileLock, type LockWait, lockFile, readHolder, writeHolder } from './file-lock.ts';
import { holderText } from './lock-holder.ts';

export type LockOptions = LockWait & {
  /** What the holder does, shown to those who wait. */
  readonly purpose: string;
};

/**
 * Takes the exclusive right to change a root directory, waiting up to `waitMs` for another holder. It is for commits:
 * nobody downloads under it.
 * @throws E_LOCKED when the wait is over, E_ABORTED, E_PERMISSION, E_DISK_FULL
 */
export async function lockRoot(
  databaseDirectory: string,
  { purpose, ...wait }: LockOptions,
): Promise<FileLock> {
  try {
    makeDirectory(databaseDirectory, 0o700);
  } catch (cause) {
    throw fileError(cause, `cannot make ${databaseDirectory}`);
  }
  const holderPath = join(databaseDirectory, 'lock.json');
  const lock = await lockFile(join(databaseDirectory, 'lock.db'), 'exclusive', wait);
  if (lock !== undefined) {
    await writeHolder(holderPath, purpose);
    return lock;
  }
  const holder = holderText(await readHolder(holderPath));
  throw new EspejoError('E_LOCKED', `${databaseDirectory} is in use by ${holder}`, {
    hint: 'wait until it has ended, or raise -lock-wait',
  });
}
