import assert from 'node:assert/strict';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeDeb } from '../../builders/library-packages.ts';
import { type CommandRoot, makeCommandRoot } from '../../support/aptly-commands.ts';

const place = ['-distribution=two', '-component=main,extra', '-skip-signing', '-acquire-by-hash'];
const tree = 'root/public/dists/two';
const mainIndexes = ['Packages', 'Packages.gz', 'Packages.bz2'].map((name) => `main/binary-amd64/${name}`);

test('what a switch or an update leaves is byte for byte what publishing from nothing gives', async () => {
  const root = await stocked();
  await root.output('publish', 'snapshot', ...place, 'm1', 'x1');
  const before = await inodesOf(root);

  await root.output('publish', 'switch', '-skip-signing', '-component=extra', 'two', 'x2');
  const switched = await inodesOf(root);
  assert.deepEqual(await filesOf(root), await fromNothing('m1', 'x2'));
  await root.output('publish', 'switch', '-skip-signing', '-component=main,extra', 'two', 'm2', 'x2');
  assert.deepEqual(await filesOf(root), await fromNothing('m2', 'x2'));
  await root.output('publish', 'update', '-skip-signing', '-skip-bz2', '-multi-dist', 'two');

  assert.deepEqual(switched, before, 'the indexes of the component that stayed are the same files');
  assert.deepEqual(await filesOf(root), await fromNothing('m2', 'x2', '-skip-bz2', '-multi-dist'));
});

test('an index that was damaged or is missing is not carried on', async () => {
  const root = await stocked();
  await root.output('publish', 'snapshot', ...place, 'm1', 'x1');
  const [plain = '', gzipped = ''] = mainIndexes.map((path) => join(root.directory, tree, path));
  await writeFile(plain, (await readFile(plain, 'latin1')).replace('Package: a', 'Package: b'), 'latin1');
  await rm(gzipped);

  await root.output('publish', 'switch', '-skip-signing', '-component=extra', 'two', 'x2');

  assert.deepEqual(await filesOf(root), await fromNothing('m1', 'x2'));
});

/** Snapshots `m1`, `m2`, `x1` and `x2`, each with one package more than that before it. */
async function stocked(): Promise<CommandRoot> {
  const root = await makeCommandRoot();
  const debs = join(root.directory, 'debs');
  const contents = { m: ['alpha_1_amd64', 'beta_2_all'], x: ['gamma_1_amd64', 'delta_2_all'] };
  for (const [repo, labels] of Object.entries(contents)) {
    await root.output('repo', 'create', repo);
    for (const [at, label] of labels.entries()) {
      await root.output('repo', 'add', repo, await writeDeb(debs, label));
      await root.output('snapshot', 'create', `${repo}${at + 1}`, 'from', 'repo', repo);
    }
  }
  return root;
}

async function fromNothing(main: string, extra: string, ...options: readonly string[]): Promise<unknown> {
  const root = await stocked();
  await root.output('publish', 'snapshot', ...place, ...options, main, extra);
  return await filesOf(root);
}

/** All files but by-hash names, of which a switch keeps those that clients may still ask for. */
async function filesOf({ directory }: CommandRoot): Promise<ReadonlyMap<string, string>> {
  const root = join(directory, tree);
  const files = new Map<string, string>();
  for (const name of (await readdir(`${root}/`, { recursive: true })).sort()) {
    const path = join(root, name);
    if (name.includes('by-hash') || !(await stat(path)).isFile()) continue;
    files.set(name, (await readFile(path, 'latin1')).replace(/^Date: .*$/m, ''));
  }
  assert.ok(files.size > 6, 'there is a tree');
  return files;
}

async function inodesOf({ directory }: CommandRoot): Promise<readonly number[]> {
  return await Promise.all(mainIndexes.map(async (path) => (await stat(join(directory, tree, path))).ino));
}
