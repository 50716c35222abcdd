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
  it('of a command goes to standard error and ends with 2, as in aptly', async () => {
    const { stdout, stderr, exit } = await run('key', 'export', '-help');

    assert.equal(stdout, '');
    assert.match(stderr, /^Usage: espejo key export \[flags\] \[<key>\]\n/);
    assert.equal(exit, 2);
  });
});

type LeafAt = { readonly path: readonly string[]; readonly node: CommandNode };

function leavesOf(node: CommandNode, path: readonly string[]): readonly LeafAt[] {
  if (node.kind === 'leaf') return [{ path, node }];
  return node.commands.flatMap((child) => leavesOf(child, [...path, child.name]));
}
