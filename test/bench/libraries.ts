import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gnupgHomeWith } from './gnupg.ts';
import type { BenchLibrary } from './make-library.ts';
import { type Cost, measure } from './measure.ts';

/** One program with a root directory of its own; both are told the same words. */
export type Workbench = {
  readonly name: string;
  /** Runs one command to its end. */
  run(...words: readonly string[]): Promise<Cost & { readonly output: string }>;
  /** Where it publishes. */
  readonly publicDirectory: string;
  remove(): Promise<void>;
};

export type Program = { readonly name: string; readonly path: string };

export const espejoProgram: Program = {
  name: 'espejo',
  path: resolve(import.meta.dirname, '../../bin/espejo'),
};

/**
 * A root directory with both mirrors downloaded by the program itself; made once for each state of the library.
 * @returns its path, for {@link openWorkbench}
 */
export async function mirrored(program: Program, library: BenchLibrary, url: string): Promise<string> {
  const root = join(library.directory, program.name);
  if (existsSync(join(root, 'done'))) return root;
  await rm(root, { recursive: true, force: true });
  const bench = await benchAt(program, library, root);
  for (const [name, suite] of Object.entries(library.suites)) {
    const keyring = `-keyring=${library.keyring}`;
    await bench.run('mirror', 'create', keyring, name, url, suite, 'main');
    const cost = await bench.run('mirror', 'update', keyring, name);
    console.error(`${program.name} mirror update ${name}: ${cost.wallSeconds.toFixed(1)} s`);
  }
  await writeFile(join(root, 'done'), '');
  return root;
}

/** A copy of a prepared root: the database is copied, the pool is linked. */
export async function openWorkbench(
  program: Program,
  library: BenchLibrary,
  prepared: string,
): Promise<Workbench> {
  const root = await mkdtemp(join(tmpdir(), `espejo-bench-${program.name}-`));
  await cp(join(prepared, 'data/db'), join(root, 'data/db'), { recursive: true });
  linkTree(join(prepared, 'data/pool'), join(root, 'data/pool'));
  return await benchAt(program, library, root);
}

async function benchAt(program: Program, library: BenchLibrary, root: string): Promise<Workbench> {
  await mkdir(root, { recursive: true });
  const config = join(root, 'aptly.conf');
  // "gpg" takes gpgv of one family and gpg of the other where both are installed, and stops.
  const settings = {
    rootDir: join(root, 'data'),
    architectures: ['amd64'],
    downloadConcurrency: 8,
    gpgProvider: 'gpg2',
  };
  await writeFile(config, JSON.stringify(settings));
  const gnupg = await gnupgHomeWith(library.keyDirectory, root);
  return {
    name: program.name,
    publicDirectory: join(root, 'data/public'),
    async run(...words) {
      const options = { scratch: join(root, 'time'), env: { GNUPGHOME: gnupg.directory } };
      return await measure(program.path, [`-config=${config}`, ...words], options);
    },
    async remove() {
      gnupg.stopAgent();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** Node copies bytes; the pool has tens of thousands of files that nobody changes. */
function linkTree(from: string, to: string): void {
  const { status, stderr } = spawnSync('cp', ['-al', from, to], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`cp -al ${from} ${to}: ${stderr}`);
}
