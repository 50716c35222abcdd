import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

/** A directory that goes when the tests of the file are over, and a way to put files into it. */
export function temporaryFiles(): {
  readonly directory: string;
  /** @returns its path */
  put(name: string, content: Uint8Array | string): string;
} {
  const directory = mkdtempSync(join(tmpdir(), 'espejo-files-'));
  after(() => rmSync(directory, { recursive: true, force: true }));
  return {
    directory,
    put(name, content) {
      const path = join(directory, name);
      writeFileSync(path, content);
      return path;
    },
  };
}
