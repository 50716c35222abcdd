import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { debFile, writeFiles } from '../builders/incoming.ts';
import { changesText } from '../builders/uploads.ts';
import { type CommandRoot, makeCommandRoot } from '../support/aptly-commands.ts';
import { skipWithout } from '../support/programs.ts';

describe('uploads that gpg signed', { skip: skipWithout('gpg', '--version') }, () => {
  let root: CommandRoot;
  let home: string;

  const gpg = (...words: readonly string[]): string => {
    const all = [
      '--homedir',
      home,
      '--batch',
      '--yes',
      '--pinentry-mode',
      'loopback',
      '--passphrase',
      '',
      ...words,
    ];
    const { status, stdout, stderr } = spawnSync('gpg', all, { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    return stdout;
  };
  const fingerprints = (): readonly string[] =>
    Array.from(gpg('--with-colons', '--list-keys').matchAll(/^fpr:+([0-9A-F]+):/gm), ([, hex = '']) => hex);

  before(async () => {
    root = await makeCommandRoot();
    home = join(root.directory, 'gnupg');
    await mkdir(home, { mode: 0o700 });
    gpg('--quick-generate-key', 'Up <up@localhost>', 'rsa2048', 'cert', 'never');
    gpg('--quick-add-key', fingerprints()[0] ?? '', 'ed25519', 'sign', 'never');
    gpg('--output', join(root.directory, 'keys.gpg'), '--export');
    const app = { 'app_1.0_amd64.deb': await debFile('app_1.0_amd64') };
    await writeFiles(root.directory, {
      'up/app_1.0_amd64.deb': app['app_1.0_amd64.deb'],
      'up/plain': changesText(app),
    });
    gpg('--output', join(root.directory, 'up/app.changes'), '--clearsign', join(root.directory, 'up/plain'));
    await root.output('repo', 'create', 'r1');
  });

  const include = (rules: unknown) =>
    writeFiles(root.directory, { 'rules.json': JSON.stringify({ rules }) }).then(() =>
      root.run(
        'repo',
        'include',
        '-no-remove-files',
        `-keyring=${join(root.directory, 'keys.gpg')}`,
        '-uploaders-file=rules.json',
        'up',
      ),
    );

  it('are let in by the subkey that signed', async () => {
    const [, subkey = ''] = fingerprints();

    const { stdout, error } = await include([{ condition: 'Source', allow: [subkey.slice(-16)] }]);

    assert.equal(error, undefined, stdout);
    assert.match(stdout, /^\[\+] app_1\.0_amd64 added$/m);
  });

  it('are not let in by the primary key, but denied by it', async () => {
    const [primary = ''] = fingerprints();

    const allowed = await include([{ condition: 'Source', allow: [primary.slice(-16)] }]);
    const denied = await include([{ condition: 'Source', allow: ['*'], deny: [primary] }]);

    assert.match(allowed.stdout, /denied as no rule matches/);
    assert.match(denied.stdout, /denied according to rule/);
  });

  it('are verified with the keybox of gpg too', async () => {
    const words = ['repo', 'include', '-no-remove-files', `-keyring=${join(home, 'pubring.kbx')}`, 'up'];

    const { stdout, error } = await root.run(...words);

    assert.equal(error, undefined, stdout);
    assert.ok((await readFile(join(root.directory, 'up/app.changes'))).length > 0);
  });
});
