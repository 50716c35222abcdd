import type { Dirent, Stats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { throwIfAborted } from '../../core/abort.ts';
import { systemCode } from '../../core/errors.ts';
import { fileError } from '../../core/files.ts';
import { identityOf } from '../../core/walk-files.ts';
import type { PoolEntry } from '../pool.ts';

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

/** All that is below a root but directories; what vanishes meanwhile is left out. */
export async function* listEverything(
  root: string,
  signal: AbortSignal,
  below = '',
): AsyncGenerator<PoolEntry> {
  throwIfAborted(signal);
  const directory = join(root, below);
  for (const entry of await entriesOf(directory)) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) {
      yield* listEverything(root, signal, path);
      continue;
    }
    const facts = await factsOf(join(root, path));
    if (facts !== undefined) yield { path, size: facts.size, identity: identityOf(facts) };
  }
}

async function entriesOf(directory: string): Promise<readonly Dirent[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return [];
    throw fileError(cause, `cannot read ${directory}`);
  }
}

async function factsOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return undefined;
    throw fileError(cause, `cannot read ${path}`);
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
