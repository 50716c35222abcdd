import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory that goes with the process that runs the tests of a file, and a way to put files into it. */
export function temporaryFiles(): {
  readonly directory: string;
  /** @returns its path */
  put(name: string, content: Uint8Array | string): string;
} {
  const directory = mkdtempSync(join(tmpdir(), 'espejo-files-'));
  // Not `after`: that runs early in a file that awaits between its tests.
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  return {
    directory,
    put(name, content) {
      const path = join(directory, name);
      writeFileSync(path, content);
      return path;
    },
  };
}
