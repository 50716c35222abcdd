import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { test } from 'node:test';
import { runProgram } from '../../../src/core/run-program.ts';
import { temporaryFiles } from '../../support/files.ts';

const { put } = temporaryFiles();
const signal = new AbortController().signal;

/** A program that is a shell script. */
function script(name: string, text: string): string {
  const path = put(name, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

test('a program has its input, its environment and a secret, and gives output, complaint and status', async () => {
  const program = script('all', 'read line <&3; cat; echo "$WORD:$line" >&2; exit 3');
  const heard: string[] = [];

  const end = await runProgram(program, [], {
    signal,
    env: { PATH: process.env['PATH'], WORD: 'w' },
    input: Buffer.from('in'),
    secret: Buffer.from('s\n'),
    onComplaint: (text) => heard.push(text),
  });

  assert.deepEqual([end.status, end.output.toString(), end.complaint], [3, 'in', 'w:s\n']);
  assert.equal(heard.join(''), 'w:s\n');
});

test('a program that reads nothing of a long input is no error', async () => {
  const { status } = await runProgram(script('deaf', 'exec <&-; exit 0'), [], {
    signal,
    input: Buffer.alloc(10_000_000),
  });

  assert.equal(status, 0);
});

test('a program that is killed has no status', async () => {
  assert.equal((await runProgram(script('killed', 'kill -9 $$'), [], { signal })).status, null);
});

test('programs that cannot be started are told apart', async () => {
  const unusable = put('unusable', '#!/bin/sh\n');
  chmodSync(unusable, 0o644);

  await assert.rejects(runProgram('espejo-no-such-program', [], { signal }), { code: 'E_TOOL_MISSING' });
  await assert.rejects(runProgram(unusable, [], { signal }), { code: 'E_PERMISSION' });
  await assert.rejects(runProgram(`${unusable}/x`, [], { signal }), { code: 'E_IO' });
});

test('the signal ends a program', async () => {
  const controller = new AbortController();
  const running = runProgram(script('slow', 'sleep 60'), [], { signal: controller.signal });
  controller.abort();

  await assert.rejects(running, { code: 'E_ABORTED' });
  await assert.rejects(runProgram('true', [], { signal: controller.signal }), { code: 'E_ABORTED' });
});
