import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../core/errors.ts';
import { fileError } from '../core/files.ts';

/** The files of a pool as `ab/cd/<28 hex>_<name>`, sorted; directories that vanish meanwhile are skipped. */
export async function* listPool(root: string): AsyncGenerator<string> {
  for (const first of await names(root, isShard)) {
    for (const second of await names(join(root, first), isShard)) {
      for (const file of await names(join(root, first, second), isPoolName)) {
        yield `${first}/${second}/${file}`;
      }
    }
  }
}

type Kind = { readonly directory: boolean; readonly pattern: RegExp };

const isShard: Kind = { directory: true, pattern: /^[0-9a-f]{2}$/ };
const isPoolName: Kind = { directory: false, pattern: /^[0-9a-f]{28}_./ };

async function names(directory: string, kind: Kind): Promise<string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries
      .filter(
        (entry) => (kind.directory ? entry.isDirectory() : entry.isFile()) && kind.pattern.test(entry.name),
      )
      .map((entry) => entry.name)
      .sort();
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return [];
    throw fileError(cause, `cannot read ${directory}`);
  }
}
