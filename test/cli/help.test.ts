import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CommandNode } from '../../src/cli/command.ts';
import { rootCommand } from '../../src/cli/table.ts';
import { errorCodes } from '../../src/core/error-codes.ts';
import { runCli } from '../support/run-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const cwd = temporaryDirectory('help');
const run = (...args: readonly string[]) => runCli(args, { cwd });

describe('espejo version', () => {
  it('needs no configuration', async () => {
    const { stdout, stderr, exit } = await run('version');

    assert.match(stdout, /^espejo version: \d+\.\d+\.\d+\n$/);
    assert.equal(stderr, '');
    assert.equal(exit, 0);
  });
});

describe('espejo help', () => {
  it('lists every command', async () => {
    const { stdout, stderr, exit } = await run('help');

    const listed = [...stdout.matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map(([, name]) => name);
    assert.deepEqual(
      listed,
      rootCommand.kind === 'group' ? [...rootCommand.commands.map(({ name }) => name), 'help'] : [],
    );
    assert.equal(stderr, '');
    assert.equal(exit, 0);
  });

  it('explains every error code', async () => {
    const { stdout, exit } = await run('help', 'errors');

    const codes = stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' ', 1)[0]);
    assert.deepEqual(codes, Object.keys(errorCodes));
    assert.equal(exit, 0);
  });

  it('knows what it does not know', async () => {
    const { stdout, stderr, exit } = await run('help', 'nonsense');

    assert.equal(stdout, '');
    assert.equal(stderr, "ERROR: Unknown help topic `nonsense`.  Run 'espejo help'.\n");
    assert.equal(exit, 1);
  });

  it('of every command names its flags', async () => {
    const leaves = leavesOf(rootCommand, []);

    const texts = await Promise.all(leaves.map(async ({ path }) => (await run('help', ...path)).stdout));

    for (const [position, { path, node }] of leaves.entries()) {
      const text = texts[position] ?? '';
      assert.ok(text.startsWith(`Usage: espejo ${path.join(' ')}`), text);
      for (const { name } of node.flags) assert.match(text, new RegExp(`^ {2}-${name}[=: ]`, 'm'));
    }
  });
});

describe('-help', () => {
  for (const flag of ['-h', '-help', '--help']) {
    it(`${flag} of the program and of its own commands goes to standard output and ends with 0`, async () => {
      const [whole, one] = await Promise.all([run(flag), run('key', 'export', flag)]);

      assert.deepEqual([whole.stderr, whole.exit, one.stderr, one.exit], ['', 0, '', 0]);
      assert.match(whole.stdout, /^Usage: espejo \[flags\] <command>\n/);
      assert.match(one.stdout, /^Usage: espejo key export \[flags\] \[<key>\]\n/);
    });
  }

  it('of a command of aptly goes to standard error and ends with 2, as there', async () => {
    const { stdout, stderr, exit } = await run('mirror', 'list', '--help');

    assert.equal(stdout, '');
    assert.match(stderr, /^Usage: espejo mirror list\n[\s\S]*\nERROR: unable to parse flags\n$/);
    assert.equal(exit, 2);
  });
});

describe('--version', () => {
  it('is the command version', async () => {
    const [word, long, short] = await Promise.all([run('version'), run('--version'), run('-version')]);

    assert.deepEqual([long, short], [word, word]);
    assert.equal(long.exit, 0);
  });
});

describe('a wrong word', () => {
  it('is told with what was likely meant, in two lines and without the usage', async () => {
    const { stdout, stderr, exit } = await run('snyc');

    assert.equal(stdout, '');
    assert.equal(
      stderr,
      'unknown command "snyc", did you mean "sync"? (see: espejo help)\nERROR: unable to parse command\n',
    );
    assert.equal(exit, 2);
  });

  it('after a command of aptly is told in the last two lines, after its usage', async () => {
    const { stderr, exit } = await run('mirror', 'lst');

    assert.deepEqual(stderr.trimEnd().split('\n').slice(-2), [
      'unknown command "lst", did you mean "list"? (see: espejo help mirror)',
      'ERROR: unable to parse command',
    ]);
    assert.equal(exit, 2);
  });

  it('of a flag of its own commands is one line', async () => {
    const { stderr, exit } = await run('sync', '--forse');

    assert.equal(
      stderr,
      'ERROR: unknown flag -forse, did you mean -force? (see: espejo help sync) [E_USAGE]\n',
    );
    assert.equal(exit, 2);
  });
});

type LeafAt = { readonly path: readonly string[]; readonly node: CommandNode };

function leavesOf(node: CommandNode, path: readonly string[]): readonly LeafAt[] {
  if (node.kind === 'leaf') return [{ path, node }];
  return node.commands.flatMap((child) => leavesOf(child, [...path, child.name]));
}
