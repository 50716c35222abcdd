import { createHash } from 'node:crypto';
import { access, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { write } from './write-archive.ts';

const factsName = 'facts.json';

/**
 * A directory that takes long to make, made once: it is named after the texts of the modules that make it.
 * @param sources base names of these modules, beside this one
 * @param build fills the draft of the directory and returns what is to be remembered of it
 */
export async function cached<Facts>(
  cache: string,
  sources: readonly string[],
  build: (draft: string) => Promise<Facts>,
): Promise<Facts & { readonly directory: string }> {
  const directory = join(cache, await idOf(sources));
  if (!(await exists(join(directory, factsName)))) {
    const draft = `${directory}.draft`;
    await rm(draft, { recursive: true, force: true });
    await write(join(draft, factsName), JSON.stringify(await build(draft)));
    await rename(draft, directory);
  }
  const facts = JSON.parse(await readFile(join(directory, factsName), 'utf8')) as Facts;
  return { ...facts, directory };
}

async function idOf(sources: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const name of ['cached.ts', 'write-archive.ts', ...sources])
    hash.update(await readFile(join(import.meta.dirname, name)));
  return hash.digest('hex').slice(0, 16);
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
