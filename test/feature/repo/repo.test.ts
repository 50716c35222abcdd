import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, it } from 'node:test';
import { debFile, incomingFiles, sourceFiles, writeFiles } from '../../builders/incoming.ts';
import { makeMirrorObject, makePublicationObject } from '../../builders/library-objects.ts';
import { type CommandRoot, makeCommandRoot } from '../../support/aptly-commands.ts';
import { collect } from '../../support/collect.ts';

describe('repo commands', () => {
  let root: CommandRoot;

  beforeEach(async () => {
    root = await makeCommandRoot();
    await writeFiles(root.directory, await incomingFiles());
    await root.output('repo', 'create', 'r1');
  });

  const poolFiles = (): Promise<readonly string[]> => root.withApp(({ pool }) => collect(pool.list()));
  const packagesOf = async (repo: string): Promise<readonly string[]> =>
    JSON.parse(await root.output('repo', 'show', '-json', '-with-packages', repo)).Packages;

  it('adds the files of a folder with what their .dsc files name to the pool', async () => {
    await root.output('repo', 'add', 'r1', 'in');

    const names = (await poolFiles()).map((path) => path.slice(path.lastIndexOf('/') + 30)).toSorted();
    assert.deepEqual(names, [
      'alpha_1.0_amd64.deb',
      'beta_1.0_all.deb',
      'dbg_1:2-3_i386.ddeb',
      'gamma_2_i386.udeb',
      'src_1-1.diff.gz',
      'src_1-1.dsc',
      'src_1.orig.tar.gz',
    ]);
    assert.deepEqual(await packagesOf('r1'), [
      'alpha_1.0_amd64',
      'beta_1.0_all',
      'dbg_1:2-3_i386',
      'gamma_2_i386',
      'src_1-1_source',
    ]);
  });

  it('leaves originals alone, and nothing half done', async () => {
    const original = await readFile(join(root.directory, 'in/beta_1.0_all.deb'));

    await root.run('repo', 'add', 'r1', 'in', 'odd');

    assert.deepEqual(await readFile(join(root.directory, 'in/beta_1.0_all.deb')), original);
    assert.deepEqual(await readdir(join(root.directory, 'root/tmp')), []);
  });

  it('keeps a conflicting file out of the pool', async () => {
    await root.output('repo', 'add', 'r1', 'in');
    const before = await poolFiles();

    const { error, code, stdout } = await root.run('repo', 'add', 'r1', 'odd/alpha_1.0_amd64.deb');

    assert.deepEqual([error, code], ['some files failed to be added', 'E_FILES_SKIPPED']);
    assert.match(stdout, /package already exists and is different: alpha_1\.0_amd64/);
    assert.deepEqual(await poolFiles(), before);
  });

  it('takes one of two different packages of a version that come together', async () => {
    const { stdout } = await root.run('repo', 'add', 'r1', 'in/alpha_1.0_amd64.deb', 'odd');

    assert.match(
      stdout,
      /^\[\+] alpha_1\.0_amd64 added\n\[!] Unable to add package to repo alpha_1\.0_amd64/m,
    );
    assert.deepEqual(await packagesOf('r1'), ['alpha_1.0_amd64', 'omega_1_all']);
  });

  it('takes files that several packages share, also at the same moment', async () => {
    const second = sourceFiles('in', '1-2');
    await writeFiles(root.directory, second);
    const copy = await debFile('beta_1.0_all');
    await writeFiles(root.directory, { 'in/copy/beta_1.0_all.deb': copy });

    await root.output('repo', 'add', 'r1', 'in');

    const packages = await packagesOf('r1');
    assert.ok(packages.includes('src_1-1_source') && packages.includes('src_1-2_source'));
  });

  it('finds a file of a .dsc in the pool when it is not beside it', async () => {
    await root.output('repo', 'add', 'r1', 'in');
    const { 'odd/src_1.orig.tar.gz': orig, ...rest } = sourceFiles('odd', '1-3');
    assert.ok(orig);
    await writeFiles(root.directory, rest);

    await root.output('repo', 'add', 'r1', 'odd/src_1-3.dsc');

    assert.ok((await packagesOf('r1')).includes('src_1-3_source'));
  });

  it('refuses a .dsc that names files elsewhere', async () => {
    const dsc = String(sourceFiles('odd', '1-4')['odd/src_1-4.dsc']);
    await writeFile(
      join(root.directory, 'odd/x.dsc'),
      dsc.replaceAll('src_1-4.diff.gz', '../in/src_1-1.diff.gz'),
    );

    const { code } = await root.run('repo', 'add', 'r1', 'odd/x.dsc');

    assert.equal(code, 'E_FILES_SKIPPED');
    assert.deepEqual(await packagesOf('r1'), []);
    assert.deepEqual(await poolFiles(), []);
  });

  it('follows a symbolic link to a package, not to a folder', async () => {
    const links = join(root.directory, 'links');
    await writeFiles(root.directory, { 'links/x.buildinfo': '' });
    await symlink('../in/beta_1.0_all.deb', join(links, 'beta_1.0_all.deb'));
    await symlink('.', join(links, 'again'));

    await root.output('repo', 'add', 'r1', 'links');

    assert.deepEqual(await packagesOf('r1'), ['beta_1.0_all']);
  });

  it('deletes what it took, and only that', async () => {
    const { code } = await root.run('repo', 'add', '-remove-files', 'r1', 'in', 'odd');

    assert.equal(code, 'E_FILES_SKIPPED');
    assert.deepEqual(await readdir(join(root.directory, 'in')), ['deep', 'readme.txt']);
    assert.deepEqual((await readdir(join(root.directory, 'odd'))).toSorted(), [
      'README',
      'alpha_1.0_amd64.deb',
      'broken_1_all.deb',
      'src_2-1.diff.gz',
      'src_2-1.dsc',
    ]);
  });

  it('replaces a package by force and keeps the other versions', async () => {
    await root.output('repo', 'add', 'r1', 'in');
    const before = await root.output('repo', 'search', '-format={{.Key}}', 'r1', 'alpha');

    const stdout = await root.output('repo', 'add', '-force-replace', 'r1', 'odd/alpha_1.0_amd64.deb');

    assert.match(stdout, /^\[-] alpha_1\.0_amd64 removed due to conflict with package being added$/m);
    assert.notEqual(await root.output('repo', 'search', '-format={{.Key}}', 'r1', 'alpha'), before);
    assert.equal((await packagesOf('r1')).length, 5);
  });

  it('moves packages in one step', async () => {
    await root.output('repo', 'add', 'r1', 'in');
    await root.output('repo', 'create', 'r2');

    await root.output('repo', 'move', 'r1', 'r2', 'alpha', 'gamma');

    assert.deepEqual(await packagesOf('r1'), ['beta_1.0_all', 'dbg_1:2-3_i386', 'src_1-1_source']);
    assert.deepEqual(await packagesOf('r2'), ['alpha_1.0_amd64', 'gamma_2_i386']);
  });

  it('changes nothing when one package of many is in conflict', async () => {
    await root.output('repo', 'add', 'r1', 'in');
    await root.output('repo', 'create', 'r2');
    await root.output('repo', 'add', 'r2', 'odd/alpha_1.0_amd64.deb');

    for (const verb of ['copy', 'move']) {
      const { error, code } = await root.run('repo', verb, 'r1', 'r2', 'Name');

      const reason = 'package already exists and is different: alpha_1.0_amd64';
      assert.deepEqual([error, code], [`unable to ${verb}: ${reason}`, 'E_PACKAGE_CONFLICT']);
    }
    assert.deepEqual(await packagesOf('r2'), ['alpha_1.0_amd64']);
    assert.equal((await packagesOf('r1')).length, 5);
  });

  it('imports from a mirror, with what the destination lacks', async () => {
    await root.output('repo', 'add', 'r1', 'in');
    await root.output('repo', 'create', 'r2');
    await root.withApp(async ({ catalog: { objects } }) => {
      const list = (await objects.find('repo', 'r1'))?.list ?? null;
      await objects.change([
        { save: 'mirror', object: makeMirrorObject({ name: 'full', uuid: randomUUID(), list }) },
        { save: 'mirror', object: makeMirrorObject({ name: 'new', uuid: randomUUID() }) },
      ]);
    });

    const never = await root.run('repo', 'import', 'new', 'r2', 'alpha');
    const words = ['-architectures=amd64', 'repo', 'import', '-with-deps', 'full', 'r2', 'alpha'];
    const imported = await root.output(...words);

    assert.deepEqual([never.error, never.code], ['unable to import: mirror not updated', 'E_MIRROR_EMPTY']);
    const lines = ['Loading packages...', '[o] alpha_1.0_amd64 imported', '[o] beta_1.0_all imported', ''];
    assert.deepEqual(imported.split('\n'), lines);
    assert.deepEqual(await packagesOf('r2'), ['alpha_1.0_amd64', 'beta_1.0_all']);
  });

  it('reads queries from files', async () => {
    await root.output('repo', 'add', 'r1', 'in');
    await root.output('repo', 'create', 'r2');
    await writeFile(join(root.directory, 'query'), 'alpha |\n  gamma\n');

    await root.output('repo', 'copy', 'r1', 'r2', '@query');
    await root.output('repo', 'remove', 'r1', '@query');

    assert.deepEqual(await packagesOf('r2'), ['alpha_1.0_amd64', 'gamma_2_i386']);
    assert.equal((await packagesOf('r1')).length, 3);
  });

  it('keeps a published repository, even by force', async () => {
    await root.withApp(async ({ catalog: { objects } }) => {
      const uuid = (await objects.find('repo', 'r1'))?.uuid ?? '';
      const object = makePublicationObject({ sourceKind: 'repo', sources: { main: uuid } });
      await objects.change([{ save: 'publication', object }]);
    });

    const { stdout, error, code } = await root.run('repo', 'drop', '-force', 'r1');

    const lines = [
      'Local repo `r1` is published currently:',
      ' * ./sid [amd64, i386] publishes {main: [r1]}',
      '',
    ];
    assert.deepEqual(stdout.split('\n'), lines);
    assert.deepEqual([error, code], ['unable to drop: local repo is published', 'E_OBJECT_IN_USE']);
    assert.equal(await root.output('repo', 'list', '-raw'), 'r1\n');
  });

  const wrongUploaders: Readonly<Record<string, readonly [content: string, reason: RegExp]>> = {
    'that is no JSON': ['{"groups": {', /uploaders\.bad:1:13: /],
    'with a group that is no list': ['{"groups": {"a": "b"}}', /uploaders\.bad:1: expected a list$/],
    'with a key that is no text': ['{"groups":\n {"a": [1]}}', /uploaders\.bad:2: expected a string$/],
    'with a condition that is no query': [
      '{"rules": [{"condition": "Source ((", "allow": ["*"]}]}',
      /condition "Source \(\(": package query, column/,
    ],
    'with a rule without condition': ['{"rules": [{"allow": ["*"]}]}', /condition ""/],
  };
  for (const [what, [content, reason]] of Object.entries(wrongUploaders)) {
    it(`refuses uploaders ${what}`, async () => {
      await writeFile(join(root.directory, 'uploaders.bad'), content);

      const created = await root.run('repo', 'create', '-uploaders-file=uploaders.bad', 'r2');
      const edited = await root.run('repo', 'edit', '-comment=x', '-uploaders-file=uploaders.bad', 'r1');

      assert.match(created.error ?? '', /^error loading uploaders file: /);
      assert.match(created.error ?? '', reason);
      assert.equal(edited.error, created.error);
      assert.equal(await root.output('repo', 'list', '-raw'), 'r1\n');
      assert.match(await root.output('repo', 'show', 'r1'), /^Comment: $/m);
    });
  }

  it('repairs a damaged pool file when the package comes again', async () => {
    await root.output('repo', 'add', 'r1', 'in/beta_1.0_all.deb');
    const [path = ''] = await poolFiles();
    const pooled = join(root.directory, 'root/pool', path);
    await rm(pooled);
    await writeFile(pooled, 'damaged');

    await root.output('repo', 'add', 'r1', 'in/beta_1.0_all.deb');

    const original = await readFile(join(root.directory, 'in/beta_1.0_all.deb'));
    assert.deepEqual(await readFile(pooled), original);
  });
});
