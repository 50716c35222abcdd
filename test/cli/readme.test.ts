import assert from 'node:assert/strict';
import { readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import { runCli, startCli } from '../support/run-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/**
 * Runs every `sh` block of README.md, in order, in a HOME of its own. A comment before a block says otherwise:
 * `<!-- test: background -->` runs on until all is done; `<!-- test: elsewhere -->` needs root, Docker or the network:
 * test/container runs the clients' lines and docker/up, test/unit/config loads data/xenial.yaml, bin/check runs this.
 */
type Block = { readonly mode: 'run' | 'background' | 'elsewhere'; readonly script: string };

const repository = resolve(import.meta.dirname, '../..');

describe('the commands of README.md', () => {
  const home = temporaryDirectory('readme');
  for (const name of ['bin', 'data', 'keys', 'docker']) symlinkSync(join(repository, name), join(home, name));
  const options = { cwd: home, env: { ESPEJO_SKIP_INSTALL: '1' } };
  const stops: (() => Promise<void>)[] = [];
  let server = 'http://localhost:8080';
  after(() => Promise.all(stops.map((stop) => stop())));

  for (const { mode, script } of blocksOf(readFileSync(join(repository, 'README.md'), 'utf8'))) {
    if (mode === 'elsewhere') continue;
    it(script.split('\n', 1)[0] ?? '', async () => {
      if (mode === 'background') {
        const words = ['-eu', '-c', `exec ${script} -listen=127.0.0.1:0`];
        const { child, ended, said } = startCli(words, { ...options, program: 'sh' });
        const welcome = await said('stdout', /\ndeb .*\n/);
        server = /^serving (\S+?)\/?$/m.exec(welcome)?.[1] ?? '';
        stops.push(async () => {
          child.kill('SIGTERM');
          await ended;
        });
        assert.match(server, /^http:/);
        return;
      }

      const local = script.replaceAll('http://localhost:8080', server);
      const { exit, stderr } = await runCli(['-eu', '-c', local], { ...options, program: 'sh' });

      assert.equal(exit, 0, stderr);
    });
  }

  it('are marked when they are for elsewhere, and those are known', () => {
    const elsewhere = blocksOf(readFileSync(join(repository, 'README.md'), 'utf8'))
      .filter(({ mode }) => mode === 'elsewhere')
      .map(({ script }) => script.split(' ', 1)[0]);

    assert.deepEqual(elsewhere, ['bin/check', 'bin/up', 'curl', 'docker/up']);
  });
});

function blocksOf(text: string): readonly Block[] {
  return [...text.matchAll(/(?:<!-- test: (\w+) -->\n)?```sh\n([\s\S]*?)```/g)].map(
    ([, mode, script = '']) => ({
      mode: mode === 'background' || mode === 'elsewhere' ? mode : 'run',
      script: script.trim(),
    }),
  );
}
