import { type Dirent, lstatSync, type Stats } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { throwIfAborted } from './abort.ts';
import { systemCode } from './errors.ts';
import { fileError } from './files.ts';

/** A regular file on the way of a walk. */
export type WalkedFile = {
  /** Below the directory where the walk began. */
  readonly path: string;
  readonly size: number;
  /** Equal for hard links of one file. */
  readonly identity: string;
};

/**
 * The regular files below a directory; links below it are not followed, and what vanishes meanwhile is left out.
 * @param without directories that are passed over
 * @throws E_PERMISSION, E_IO, E_ABORTED
 */
export async function* walkFiles(
  root: string,
  signal: AbortSignal,
  without: ReadonlySet<string> = new Set(),
): AsyncGenerator<WalkedFile> {
  const pending = [root];
  for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
    throwIfAborted(signal);
    for (const entry of await entriesOf(directory)) {
      const path = join(directory, entry.name);
      if (entry.isDirectory() && !without.has(path)) pending.push(path);
      const facts = entry.isFile() ? factsOf(path) : undefined;
      if (facts === undefined) continue;
      yield { path: relative(root, path), size: facts.size, identity: identityOf(facts) };
    }
  }
}

/** Equal for hard links of one file. */
export function identityOf({ dev, ino }: Pick<Stats, 'dev' | 'ino'>): string {
  return `${dev} ${ino}`;
}

function factsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    throw fileError(cause, `cannot read ${path}`);
  }
}

async function entriesOf(directory: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(directory, { withFileTypes: true });
  } catch (cause) {
    const code = systemCode(cause);
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw fileError(cause, `cannot read ${directory}`);
  }
}
