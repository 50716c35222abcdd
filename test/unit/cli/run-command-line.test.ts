import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import type { CommandNode, Handler } from '../../../src/cli/command.ts';
import { runCommandLine } from '../../../src/cli/run-command-line.ts';
import { EspejoError } from '../../../src/core/errors.ts';

describe('a command that ends well', () => {
  it('writes its lines to standard output alone', async () => {
    const { exit, stdout, stderr } = await runWith(async () => ({ lines: ['a', 'b'] }), ['do']);

    assert.deepEqual({ exit, stdout, stderr }, { exit: 0, stdout: 'a\nb\n', stderr: '' });
  });

  it('writes its value with -json', async () => {
    const { stdout } = await runWith(async () => ({ lines: ['a'], json: { a: 1 } }), ['do', '-json']);

    assert.equal(stdout, '{\n  "a": 1\n}\n');
  });

  it('may still have found a fault', async () => {
    const { exit } = await runWith(async () => ({ lines: [], exit: 1 }), ['do']);

    assert.equal(exit, 1);
  });
});

describe('a command that fails', () => {
  const fails: Handler = async () => {
    const cause = new Error('the depths');
    throw new EspejoError('E_LOCKED', 'it is locked', { cause, context: { pid: 7 }, hint: 'wait' });
  };

  it('says so in one line with code, cause and remedy', async () => {
    const { exit, stdout, stderr } = await runWith(fails, ['do']);

    assert.deepEqual(
      { exit, stdout, stderr },
      { exit: 1, stdout: '', stderr: 'ERROR: it is locked (wait) [E_LOCKED]\n' },
    );
  });

  it('says so in one object with -json', async () => {
    const { stderr } = await runWith(fails, ['do', '-json']);

    assert.deepEqual(JSON.parse(stderr), {
      error: { code: 'E_LOCKED', message: 'it is locked', hint: 'wait', context: { pid: 7 } },
    });
  });

  it('shows the cause and the stack with -debug', async () => {
    const { stderr } = await runWith(fails, ['do', '-debug']);

    assert.match(stderr, /^ERROR: it is locked/);
    assert.match(stderr, /the depths/);
    assert.match(stderr, /\n\s+at /);
  });
});

describe('a command that breaks', () => {
  const breaks: Handler = async () => {
    throw new TypeError('x is not a function');
  };

  it('is an internal error in one line', async () => {
    const { exit, stderr } = await runWith(breaks, ['do']);

    assert.equal(exit, 1);
    assert.equal(
      stderr,
      'ERROR: a fault of espejo itself: TypeError: x is not a function (run again with -debug and report what it shows) [E_INTERNAL]\n',
    );
  });

  it('shows the stack with -debug', async () => {
    const { stderr } = await runWith(breaks, ['-debug', 'do']);

    assert.match(stderr, /\n\s+at /);
  });
});

describe('a command line that is wrong', () => {
  it('is told with its reason and what it is for aptly, and ends with 2', async () => {
    const { exit, stdout, stderr } = await runWith(async () => ({ lines: [] }), ['dou']);

    assert.equal(exit, 2);
    assert.equal(stdout, '');
    assert.match(
      stderr,
      /^unknown command "dou", did you mean "do"\? \(see: prog help\)\nERROR: unable to parse command\n$/,
    );
  });

  it('is one line with its remedy where the command is no one of aptly', async () => {
    const { exit, stderr } = await runWith(async () => ({ lines: [] }), ['do', 'more']);

    assert.equal(exit, 2);
    assert.match(stderr, /^ERROR: do takes no arguments, got "more" \(see: prog help do\) \[E_USAGE\]\n$/);
  });

  it('is one object with -json there', async () => {
    const { exit, stderr } = await runWith(async () => ({ lines: [] }), ['do', '--json', 'more']);

    assert.equal(exit, 2);
    assert.equal(JSON.parse(stderr).error.code, 'E_USAGE');
  });
});

async function runWith(
  run: Handler,
  words: readonly string[],
): Promise<{ exit: number; stdout: string; stderr: string }> {
  const root: CommandNode = {
    kind: 'group',
    name: 'prog',
    summary: '',
    flags: [{ name: 'debug', kind: 'bool', help: '' }],
    commands: [
      {
        kind: 'leaf',
        name: 'do',
        summary: '',
        usage: '',
        description: '',
        flags: [{ name: 'json', kind: 'bool', help: '' }],
        arity: { kind: 'count', minimum: 0, maximum: 0 },
        load: async () => ({ run }),
      },
    ],
  };
  const stdout = new PassThrough({ encoding: 'utf8' });
  const stderr = new PassThrough({ encoding: 'utf8' });
  const exit = await runCommandLine(root, words, { stdout, stderr, env: {}, cwd: '/' });
  return { exit, stdout: stdout.read() ?? '', stderr: stderr.read() ?? '' };
}
