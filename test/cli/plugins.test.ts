import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCli } from '../support/run-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

test('an unknown word is a program of its own on PATH, with the words that follow', async () => {
  const directory = temporaryDirectory('plugins');
  const program = join(directory, 'espejo-greet');
  writeFileSync(program, '#!/bin/sh\necho "hello $*"\nexit 7\n');
  chmodSync(program, 0o755);
  const env = { PATH: `${directory}:${process.env['PATH']}` };

  const { stdout, exit } = await runCli(['greet', '-loudly', 'you'], { cwd: directory, env });

  assert.equal(stdout, 'hello -loudly you\n');
  assert.equal(exit, 1);
});

test('without one it is a wrong command line', async () => {
  const directory = temporaryDirectory('plugins');

  const { stderr, exit } = await runCli(['greet'], { cwd: directory });

  assert.match(stderr, /^unknown command "greet" \(see: espejo help\)\nERROR: unable to parse command\n$/);
  assert.equal(exit, 2);
});
