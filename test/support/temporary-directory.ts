import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const made: string[] = [];

process.once('exit', () => {
  for (const directory of made) rmSync(directory, { recursive: true, force: true });
});

/** In memory where there is such a place: publishing waits for the disk many times. */
export const quickDirectory: string = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** A directory that is removed when the process of this test file ends. */
export function temporaryDirectory(name: string, parent: string = tmpdir()): string {
  const directory = realpathSync(mkdtempSync(join(parent, `espejo-${name}-`)));
  made.push(directory);
  return directory;
}
