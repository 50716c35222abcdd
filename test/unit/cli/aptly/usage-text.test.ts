import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { GroupSpec } from '../../../../src/cli/aptly/command-spec.ts';
import { findCommand, leafCommands } from '../../../../src/cli/aptly/command-spec.ts';
import { aptlyCommands } from '../../../../src/cli/aptly/table.ts';
import { helpText, usageText } from '../../../../src/cli/aptly/usage-text.ts';

const root: GroupSpec = {
  kind: 'group',
  name: 'aptly',
  short: 'a tool',
  long: '',
  flags: [{ name: 'config', kind: 'string', default: '', help: 'file' }],
  commands: [
    {
      kind: 'group',
      name: 'mirror',
      short: 'mirrors',
      long: '',
      flags: [],
      commands: [
        {
          kind: 'leaf',
          name: 'show',
          usage: '<name>',
          short: 'show one',
          long: 'Shows a mirror.',
          arity: { kind: 'count', minimum: 1, maximum: 1 },
          flags: [
            { name: 'with', kind: 'bool', default: false, help: 'more' },
            { name: 'without', kind: 'bool', default: true, help: 'less' },
            { name: 'key', kind: 'list', help: 'keys' },
            { name: 'tries', kind: 'int', default: 1, help: 'times' },
            { name: 'as', kind: 'string', default: 'a "b"', help: 'name' },
          ],
        },
        {
          kind: 'leaf',
          name: 'add',
          usage: '',
          short: 'add one',
          long: 'Adds.',
          arity: { kind: 'count', minimum: 0, maximum: 0 },
          flags: [],
        },
      ],
    },
  ],
};

describe('usageText', () => {
  it('shows a command with the flags of the whole path', () => {
    const text = usageText(pathTo('mirror', 'show'));

    assert.equal(
      text,
      `Usage: aptly mirror show <name>

aptly mirror show - show one


Options:
  -as="a \\"b\\"": name
  -config="": file
  -key=: keys
  -tries=1: times
  -with: more
  -without=true: less
`,
    );
  });

  it('shows a group with its commands by name', () => {
    const text = usageText(pathTo('mirror'));

    assert.equal(
      text,
      `aptly mirror - mirrors

Commands:

    add         add one
    show        show one

Use "aptly help mirror <command>" for more information about a command.


Options:
  -config="": file
`,
    );
  });
});

describe('helpText', () => {
  it('shows the long text of a command', () => {
    const text = helpText(pathTo('mirror', 'add'));

    assert.equal(text, 'Usage: aptly mirror add\n\nAdds.\n\nOptions:\n  -config="": file\n');
  });

  it('has nothing for a group without a long text', () => {
    assert.equal(helpText(pathTo('mirror')), undefined);
  });

  it('helps with every command of aptly', () => {
    const table = aptlyCommands();

    for (const { path } of leafCommands(table)) {
      const text = helpText(findCommand(table, path) ?? []);

      assert.ok(text?.startsWith(`Usage: espejo ${path.join(' ')}`), path.join(' '));
    }
  });
});

function pathTo(...words: readonly string[]) {
  return findCommand(root, words) ?? [];
}
