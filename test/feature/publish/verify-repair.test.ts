import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { isEspejoError } from '../../../src/core/errors.ts';
import { verifyAll } from '../../../src/publish/verify-all.ts';
import { writeDeb } from '../../builders/library-packages.ts';
import { type CommandRoot, makeCommandRoot } from '../../support/aptly-commands.ts';
import { testJob } from '../../support/fetching.ts';
import { espejoProgram, startCli } from '../../support/run-cli.ts';

async function publishedRoot(): Promise<CommandRoot> {
  const root = await makeCommandRoot();
  await root.output('repo', 'create', '-distribution=stable', 'r');
  await root.output('repo', 'add', 'r', await writeDeb(join(root.directory, 'in'), 'alpha_1_amd64'));
  await root.output('publish', 'repo', '-skip-signing', 'r', 'some/where');
  return root;
}

test('the hint of verify names a command that mends a publication made by hand', async () => {
  const root = await publishedRoot();
  const published = join(root.directory, 'root/public/some/where/pool/main/a/alpha/alpha_1_amd64.deb');
  await rm(published);
  await writeFile(published, 'x');

  const error = await root.withApp((app) => verifyAll(app, [], testJob()).catch((reason: unknown) => reason));

  assert.ok(isEspejoError(error, 'E_VERIFY_FAILED'));
  const command = /"espejo (?<words>[^"]*)"/.exec(error.hint ?? '')?.groups?.['words'] ?? '';
  assert.equal(command, 'publish update -force-overwrite stable some/where');
  await root.output(
    ...command.split(' ').flatMap((word) => (word === 'update' ? [word, '-skip-signing'] : [word])),
  );
  const results = await root.withApp((app) => verifyAll(app, [], testJob()));
  assert.equal(results.length, 1);
});

test('a root of another user, whose catalog is not to be read, is served all the same', async (t) => {
  if (process.getuid?.() !== 0 || spawnSync('setpriv', ['--version']).status !== 0)
    return t.skip('not as root');
  const root = await publishedRoot();
  await chmod(root.directory, 0o755);
  await chmod(join(root.directory, 'aptly.conf'), 0o644);
  const other = ['--reuid=65534', '--regid=65534', '--clear-groups', espejoProgram];
  const words = ['serve', '-listen=127.0.0.1:0', '-config=aptly.conf'];

  const serving = startCli([...other, ...words], { cwd: root.directory, program: 'setpriv' });
  const said = await serving.said('stdout', /serving http:\/\/\S+/);
  const url = /serving (?<url>http:\/\/\S+)/.exec(said)?.groups?.['url'] ?? '';
  const answer = await fetch(new URL('some/where/dists/stable/Release', `${url}/`));
  serving.child.kill('SIGTERM');
  const { stderr, exit } = await serving.ended;

  assert.equal(answer.status, 200);
  assert.match(stderr, /EACCES\): what is published is served/);
  assert.equal(exit, 0);
});
