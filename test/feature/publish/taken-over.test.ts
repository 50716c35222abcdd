import assert from 'node:assert/strict';
import { mkdir, readdir, readlink, rename, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { beforeEach, describe, it } from 'node:test';
import { writeDeb } from '../../builders/library-packages.ts';
import { type CommandRoot, makeCommandRoot } from '../../support/aptly-commands.ts';
import { listFiles } from '../../support/publishing.ts';

const unsigned = '-skip-signing';

describe('a publication in the place of a directory that aptly has published', () => {
  let root: CommandRoot;
  const at = (path: string): string => join(root.directory, 'root/public', path);

  /** What aptly leaves: a directory, and a publication that is in the catalog by import alone. */
  beforeEach(async () => {
    root = await makeCommandRoot();
    const labels = ['alpha_1_amd64', 'beta_1_all'];
    const paths = await Promise.all(labels.map((label) => writeDeb(join(root.directory, 'r1'), label)));
    await root.output('repo', 'create', '-distribution=stable', 'r1');
    await root.output('repo', 'add', 'r1', ...paths);
    await root.output('publish', 'repo', unsigned, '-acquire-by-hash', 'r1');
    const target = join(at('dists'), await readlink(at('dists/stable')));
    await root.withApp(async ({ catalog }) => {
      const object = await catalog.objects.find('publication', './stable');
      assert.ok(object);
      await catalog.dropPublication('./stable');
      await catalog.objects.change([{ save: 'publication', object }]);
    });
    await rename(target, at('moved'));
    await rename(at('dists/stable'), at('link'));
    await rename(at('moved'), at('dists/stable'));
  });

  it('update puts a link, keeps by-hash files in reach and needs no old file', async () => {
    const [old = ''] = await readdir(at('dists/stable/main/binary-amd64/by-hash/MD5Sum'));
    await root.output('repo', 'remove', 'r1', 'alpha');

    await root.output('publish', 'update', unsigned, 'stable');

    assert.match(await readlink(at('dists/stable')), /^\.espejo\/stable\//);
    assert.ok((await readdir(at('dists/stable/main/binary-amd64/by-hash/MD5Sum'))).includes(old));
    assert.equal((await readdir(at('dists/.espejo/stable'))).length, 1);
    const pool = await listFiles(at('pool'));
    assert.deepEqual(
      pool.map((path) => basename(path)),
      ['beta_1_all.deb'],
    );
  });

  it('what died before the link was put is finished by the next run', async () => {
    await mkdir(at('dists/.espejo/stable'), { recursive: true });
    await rename(at('dists/stable'), at('dists/.espejo/stable/.taken-over'));
    await symlink('.espejo/stable/.taken-over', at('dists/.stable.new'));

    const { error } = await root.run('publish', 'update', unsigned, 'nope');
    await root.run('publish', 'update', unsigned, 'stable');

    assert.match(error ?? '', /not found/);
    assert.match(await readlink(at('dists/stable')), /^\.espejo\/stable\/\d/);
  });

  it('what died without a link goes back first', async () => {
    await mkdir(at('dists/.espejo/stable'), { recursive: true });
    await rename(at('dists/stable'), at('dists/.espejo/stable/.taken-over'));

    await root.output('publish', 'update', unsigned, 'stable');

    assert.match(await readlink(at('dists/stable')), /^\.espejo\/stable\/\d/);
    assert.equal((await readdir(at('dists/.espejo/stable'))).length, 1);
  });

  it('drop removes it', async () => {
    await root.output('publish', 'drop', 'stable');

    assert.deepEqual(
      (await listFiles(at('.'))).filter((path) => path !== 'link'),
      [],
    );
  });
});
