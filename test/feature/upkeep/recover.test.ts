import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { writeDeb } from '../../builders/library-packages.ts';
import { type CommandRoot, makeCommandRoot } from '../../support/aptly-commands.ts';

describe('espejo db recover', () => {
  it('says what aptly says', async () => {
    const root = await makeRoot();

    const stdout = await root.output('db', 'recover');

    assert.equal(stdout, 'Recovering database...\nChecking database integrity...\n');
    assert.match(await root.output('repo', 'list'), / \* \[r1\] \(packages: 2\)/);
  });

  it('takes packages that are gone out of local repositories', async () => {
    const root = await makeRoot();
    const key = (await root.output('package', 'search', '-format={{.Key}}', 'beta')).trim();
    const database = new DatabaseSync(catalogOf(root));
    database.exec(
      "DELETE FROM package_bodies WHERE id = (SELECT id FROM packages WHERE key LIKE '% beta %')",
    );
    database.close();

    const stdout = await root.output('db', 'recover');

    assert.equal(
      stdout,
      `Recovering database...\nChecking database integrity...\nRemoving dangling database reference "${key}"\n`,
    );
    assert.match(
      await root.output('repo', 'show', '-with-packages', 'r1'),
      /Number of packages: 1\nPackages:\n {2}alpha_1_amd64\n$/,
    );
    await root.output('db', 'cleanup');
  });

  it('puts what can be read of a damaged catalog into a new one', async () => {
    const root = await makeRoot();
    const path = catalogOf(root);
    const bytes = (await readFile(path)).fill(0, 0, 60);
    await writeFile(path, bytes);

    const broken = await root.run('repo', 'list');
    await root.output('db', 'recover');

    assert.equal(broken.code, 'E_CATALOG');
    assert.match(await root.output('repo', 'list'), / \* \[r1\] \(packages: 2\)/);
    const kept = (await readdir(join(path, '..'))).filter((name) => name.includes('.damaged-'));
    assert.equal(kept.length, 1);
    assert.deepEqual(await readFile(join(path, '..', kept[0] ?? '')), bytes);
  });

  it('fails when nothing can be read, and leaves the file', async () => {
    const root = await makeRoot();
    await writeFile(catalogOf(root), 'nothing'.repeat(1000));

    const { error, stdout } = await root.run('db', 'recover');

    assert.match(error ?? '', /^nothing can be read of the catalog .*it stays as it is/);
    assert.equal(stdout, 'Recovering database...\n');
    assert.equal(await readFile(catalogOf(root), 'utf8'), 'nothing'.repeat(1000));
  });
});

function catalogOf({ directory }: CommandRoot): string {
  return join(directory, 'root/db/espejo.db');
}

async function makeRoot(): Promise<CommandRoot> {
  const root = await makeCommandRoot();
  const debs = join(root.directory, 'debs');
  for (const label of ['alpha_1_amd64', 'beta_1_amd64']) await writeDeb(debs, label);
  await root.output('repo', 'create', 'r1');
  await root.output('repo', 'add', 'r1', debs);
  return root;
}
