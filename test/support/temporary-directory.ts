import { existsSync, mkdtempSync, realpathSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const made: string[] = [];

process.once('exit', () => {
  for (const directory of made) rmSync(directory, { recursive: true, force: true });
});

/** In memory where it has room (64 MiB in many containers are too few): publishing waits for the disk many times. */
export const quickDirectory: string = roomIn('/dev/shm') >= 2 ** 30 ? '/dev/shm' : tmpdir();

/** A directory that is removed when the process that runs the tests ends. */
export function temporaryDirectory(name: string, parent: string = tmpdir()): string {
  const directory = realpathSync(mkdtempSync(join(parent, `espejo-${name}-`)));
  made.push(directory);
  return directory;
}

function roomIn(directory: string): number {
  if (!existsSync(directory)) return 0;
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize;
}
