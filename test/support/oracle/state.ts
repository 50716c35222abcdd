import { type Dirent, existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { normalised, type Surroundings } from './answer.ts';
import { readPublishedTree } from './published-tree.ts';
import type { StatePart } from './scenario.ts';
import type { Side } from './side.ts';

/** What a script left. */
export type State = Readonly<Record<StatePart, unknown>>;

const groups = ['mirror', 'repo', 'snapshot', 'publish'] as const;

/** @param batch how several commands are asked at once: the outputs by command */
export async function stateOf(side: Side, surroundings: Surroundings, batch: Batch): Promise<State> {
  const lists = await batch(groups.map((group) => [group, 'list', '-json']));
  const objects = lists.map((list) => parsed(list, surroundings));
  const details = await batch(
    objects.slice(0, 3).flatMap((list, at) => namesOf(list).map((name) => show(groups[at], name))),
  );
  const { stdout } = await side.run(['package', 'search', '-format={{.Key}}']);
  return {
    objects: [objects, details.map((text) => parsed(text, surroundings))],
    packages: stdout.split('\n').toSorted(),
    pool: await poolFiles(join(side.cwd, 'root/pool')),
    files: await givenFiles(side.cwd),
    published: await readPublishedTree(join(side.cwd, 'root/public'), {
      exec: side.exec,
      keyring: keyringOf(side),
    }),
  };
}

export type Batch = (commands: readonly (readonly string[])[]) => Promise<readonly string[]>;

/** Command by command; what fails gives its error. */
export function oneByOne(side: Side): Batch {
  return async (commands) => {
    const outputs: string[] = [];
    for (const words of commands) {
      const { exit, stdout, stderr } = await side.run(words);
      outputs.push(exit === 0 ? stdout : stderr);
    }
    return outputs;
  };
}

/** In one process, which stops at the first failure: then one by one. */
export function inOneTask(side: Side): Batch {
  return async (commands) => {
    if (commands.length === 0) return [];
    const words = commands.flatMap((command, at) =>
      at === commands.length - 1 ? command : [...command.slice(0, -1), `${command.at(-1)},`],
    );
    const { exit, stdout } = await side.run(['task', 'run', ...words]);
    if (exit !== 0) return await oneByOne(side)(commands);
    return stdout
      .split(/^Begin command output: -+\n/m)
      .slice(1)
      .map((part) => part.split(/^\nEnd command output: /m, 1)[0] ?? '');
  };
}

function show(group: string | undefined, name: string): readonly string[] {
  return [group ?? '', 'show', '-json', '-with-packages', name];
}

function namesOf(list: unknown): readonly string[] {
  return Array.isArray(list) ? list.map(({ Name }: { readonly Name: string }) => Name) : [];
}

function parsed(text: string, surroundings: Surroundings): unknown {
  const clean = normalised(text, surroundings);
  try {
    return JSON.parse(clean, inOrder);
  } catch {
    return clean;
  }
}

/** The keys that scenarios sign with, where the scenario has them. */
function keyringOf({ cwd }: Side): string | undefined {
  const path = join(cwd, 'home/.gnupg/pubring.gpg');
  return existsSync(path) ? path : undefined;
}

/** 1.5.0 gives the sources of a publication in any order. */
function inOrder(key: string, value: unknown): unknown {
  if (key !== 'Sources' || !Array.isArray(value)) return value;
  return value.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

async function poolFiles(directory: string): Promise<readonly string[]> {
  const files = await filesBelow(directory);
  return await Promise.all(files.map(async (path) => `${path} ${(await stat(join(directory, path))).size}`));
}

/** Files of the working directory, without the root directory and the home. */
async function givenFiles(cwd: string): Promise<readonly string[]> {
  const entries = await readdir(cwd, { withFileTypes: true });
  const own = entries.filter(({ name }) => name !== 'root' && name !== 'home');
  const lists = own.map(async (entry) =>
    entry.isDirectory()
      ? (await filesBelow(join(cwd, entry.name))).map((path) => `${entry.name}/${path}`)
      : [entry.name],
  );
  return (await Promise.all(lists)).flat().toSorted();
}

async function filesBelow(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(
    (): Dirent[] => [],
  );
  const files = entries.filter((entry) => entry.isFile());
  return files.map((entry) => relative(directory, join(entry.parentPath, entry.name))).toSorted();
}
