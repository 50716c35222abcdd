import assert from 'node:assert/strict';
import { lstat, mkdir, readlink, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, it, test } from 'node:test';
import { debFile, writeFiles } from '../../builders/incoming.ts';
import { writeDeb } from '../../builders/library-packages.ts';
import { type CommandRoot, makeCommandRoot } from '../../support/aptly-commands.ts';
import { listFiles } from '../../support/publishing.ts';

const unsigned = '-skip-signing';

describe('endpoints that lead to one directory', () => {
  let root: CommandRoot;
  const at = (path: string): string => join(root.directory, path);
  const publish = (distribution: string, repo: string, place: string) =>
    root.run('publish', 'repo', unsigned, `-distribution=${distribution}`, repo, place);
  const debs = async (directory: string): Promise<readonly string[]> =>
    (await listFiles(at(directory)))
      .filter((path) => path.endsWith('.deb'))
      .map((path) => path.replace(/.*\//, ''));
  const names = async (): Promise<string> => await root.output('publish', 'list', '-raw');

  beforeEach(async () => {
    root = await makeCommandRoot('espejo', {
      config: {
        FileSystemPublishEndpoints: {
          a: { rootDir: '../srv' },
          b: { rootDir: '../link' },
          sub: { rootDir: '../srv/deep', linkMethod: 'copy' },
          pub: { rootDir: 'public' },
        },
      },
    });
    await mkdir(at('srv'));
    await symlink('srv', at('link'));
    await writeFiles(root.directory, {
      'in/alpha_1_amd64.deb': await debFile('alpha_1_amd64'),
      'in/beta_1_amd64.deb': await debFile('beta_1_amd64'),
    });
    for (const repo of ['r1', 'r2']) await root.output('repo', 'create', repo);
    await root.output('repo', 'add', 'r1', at('in'));
    await root.output('repo', 'add', 'r2', at('in/alpha_1_amd64.deb'));
  });

  for (const [first, second, directory] of [
    ['filesystem:a:', 'filesystem:b:', 'srv'],
    ['filesystem:a:deep', 'filesystem:sub:', 'srv/deep'],
    ['.', 'filesystem:pub:', 'root/public'],
  ] as const) {
    it(`drop through ${second} leaves what ${first} has`, async () => {
      await publish('stable', 'r2', first);
      await publish('other', 'r1', second);

      await root.output('publish', 'drop', 'other', second);

      assert.deepEqual(await debs(directory), ['alpha_1_amd64.deb']);
      assert.deepEqual(await debs(`${directory}/dists`), []);
      assert.ok((await listFiles(at(`${directory}/dists`))).some((path) => path.endsWith('/Release')));
      assert.match(await names(), / stable\n$/);
    });

    it(`the clean-up after an update through ${second} leaves what ${first} needs`, async () => {
      await publish('stable', 'r2', first);
      await publish('other', 'r1', second);
      await root.output('repo', 'remove', 'r1', 'Name (~ .)');
      await root.output('repo', 'add', 'r1', at('in/beta_1_amd64.deb'));

      await root.output('publish', 'update', unsigned, 'other', second);

      assert.deepEqual(await debs(directory), ['alpha_1_amd64.deb', 'beta_1_amd64.deb']);
    });

    it(`a distribution that ${first} has is taken for ${second}, and found through it`, async () => {
      await publish('stable', 'r2', first);

      const taken = await publish('stable', 'r1', second);
      const inside = await publish('stable/updates', 'r1', second);
      await root.output('publish', 'drop', 'stable', second);

      assert.equal(taken.code, 'E_NAME_TAKEN');
      assert.match(taken.error ?? '', /^prefix\/distribution already used by another published repo: /);
      assert.equal(inside.code, 'E_PUBLISH_CONFLICT');
      assert.deepEqual([await names(), await debs(directory)], ['', []]);
    });
  }

  it('of two records of one directory neither is published over the other, and dropping one leaves the files', async () => {
    await publish('stable', 'r2', 'filesystem:a:');
    await root.withApp(async ({ catalog }) => {
      const object = await catalog.objects.find('publication', 'filesystem:a:./stable');
      assert.ok(object);
      const twin = { ...object, uuid: 'twin', name: 'filesystem:b:./stable', storage: 'filesystem:b' };
      await catalog.objects.change([{ save: 'publication', object: twin }]);
    });
    const before = await listFiles(at('srv'));

    const updated = await root.run('publish', 'update', unsigned, 'stable', 'filesystem:b:');
    await root.output('publish', 'drop', 'stable', 'filesystem:b:');

    assert.equal(updated.code, 'E_PUBLISH_CONFLICT');
    assert.match(updated.error ?? '', /is the same directory as filesystem:a:\.\/stable/);
    assert.deepEqual(root.warnings(), [
      'filesystem:a:./stable is published in the same directory; its files stay',
    ]);
    assert.deepEqual(await listFiles(at('srv')), before);
    assert.equal(await names(), 'filesystem:a:. stable\n');
  });
});

test('files are linked or copied as the endpoint wants it', async () => {
  const endpoints = {
    cp: { rootDir: '../cp', linkMethod: 'copy' },
    sl: { rootDir: '../sl', linkMethod: 'symlink' },
  };
  const root = await makeCommandRoot('espejo', { config: { FileSystemPublishEndpoints: endpoints } });
  const alpha = await writeDeb(join(root.directory, 'in'), 'alpha_1_amd64');
  await root.output('repo', 'create', '-distribution=stable', 'r1');
  await root.output('repo', 'add', 'r1', alpha);

  await root.output('publish', 'repo', unsigned, 'r1', 'filesystem:cp:p');
  await root.output('publish', 'repo', unsigned, 'r1', 'filesystem:sl:');

  const copied = await lstat(join(root.directory, 'cp/p/pool/main/a/alpha/alpha_1_amd64.deb'));
  const linked = join(root.directory, 'sl/pool/main/a/alpha/alpha_1_amd64.deb');
  assert.deepEqual([copied.isFile(), copied.nlink], [true, 1]);
  assert.match(await readlink(linked), /root\/pool\/.*_alpha_1_amd64\.deb$/);
  assert.match(
    await root.output('publish', 'list', '-raw'),
    /^filesystem:cp:p stable\nfilesystem:sl:\. stable\n$/,
  );
});
