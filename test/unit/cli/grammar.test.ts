import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CommandNode } from '../../../src/cli/command.ts';
import { type ParsedCommand, parseCommandLine, UsageError } from '../../../src/cli/grammar.ts';

const load = () => Promise.reject(new Error('not run here'));
const root: CommandNode = {
  kind: 'group',
  name: 'prog',
  summary: '',
  flags: [
    { name: 'config', kind: 'string', help: '' },
    { name: 'wait', kind: 'duration', help: '' },
  ],
  commands: [
    {
      kind: 'group',
      name: 'key',
      summary: '',
      flags: [{ name: 'all', kind: 'bool', help: '' }],
      commands: [
        {
          kind: 'leaf',
          name: 'show',
          summary: '',
          usage: '<name> [<other>]',
          description: '',
          flags: [
            { name: 'json', kind: 'bool', help: '' },
            { name: 'keyring', kind: 'list', help: '' },
          ],
          arity: { kind: 'count', minimum: 1, maximum: 2 },
          load,
        },
      ],
    },
    {
      kind: 'group',
      name: 'push',
      summary: '',
      flags: [],
      alone: {
        kind: 'leaf',
        name: 'push',
        summary: '',
        usage: 'alone',
        description: '',
        flags: [{ name: 'all', kind: 'bool', help: '' }],
        arity: { kind: 'count', minimum: 0, maximum: 0 },
        load,
      },
      commands: [
        {
          kind: 'leaf',
          name: 'now',
          summary: '',
          usage: '',
          description: '',
          flags: [],
          arity: { kind: 'count', minimum: 0, maximum: 0 },
          load,
        },
      ],
    },
    {
      kind: 'leaf',
      name: 'sync',
      summary: '',
      usage: '',
      description: '',
      flags: [{ name: 'force', kind: 'bool', help: '' }],
      arity: { kind: 'count', minimum: 0, maximum: 0 },
      load,
    },
  ],
};

// aptly's command line, spec/cli.md 1.1 and 1.2.
describe('flags', () => {
  for (const line of ['-json key show a', 'key -json show a', 'key show -json a', 'key show --json a']) {
    it(`may stand at any level: ${line}`, () => {
      const { flags, args } = command(line);

      assert.deepEqual([...flags], [['json', true]]);
      assert.deepEqual(args, ['a']);
    });
  }

  for (const line of ['-config=x sync', '--config=x sync', '-config x sync', 'sync --config x']) {
    it(`take a value with "=" or as the next word: ${line}`, () => {
      const { flags } = command(line);

      assert.equal(flags.get('config'), 'x');
    });
  }

  it('take the next word as a value, whatever it looks like', () => {
    const { flags } = command('sync -config -force');

    assert.deepEqual([...flags], [['config', '-force']]);
  });

  it('keep what follows the first "=" of a value', () => {
    const { flags } = command('sync -config=a=b');

    assert.equal(flags.get('config'), 'a=b');
  });

  it('may have an empty value', () => {
    const { flags } = command('sync -config=');

    assert.equal(flags.get('config'), '');
  });

  for (const word of ['1', 't', 'T', 'TRUE', 'true', 'True']) {
    it(`that are boolean know the word ${word}`, () => {
      assert.equal(command(`sync -force=${word}`).flags.get('force'), true);
    });
  }

  for (const word of ['0', 'f', 'F', 'FALSE', 'false', 'False']) {
    it(`that are boolean know the word ${word}`, () => {
      assert.equal(command(`sync -force=${word}`).flags.get('force'), false);
    });
  }

  it('that are boolean never take the next word', () => {
    const { flags, args } = command('key show -json false');

    assert.equal(flags.get('json'), true);
    assert.deepEqual(args, ['false']);
  });

  it('given twice: the last one wins', () => {
    assert.equal(command('-config=a sync -config=b').flags.get('config'), 'b');
  });

  it('that are lists collect', () => {
    assert.deepEqual(command('key -keyring=a show -keyring b x').flags.get('keyring'), ['a', 'b']);
  });

  it('end at the first positional argument', () => {
    assert.deepEqual(command('key show a -json').args, ['a', '-json']);
  });

  it('end at "--"', () => {
    assert.deepEqual(command('key show -- -json').args, ['-json']);
  });

  it('are not meant by a lone dash', () => {
    assert.deepEqual(command('key show -').args, ['-']);
  });
});

describe('a wrong command line', () => {
  const wrong: Readonly<Record<string, RegExp>> = {
    '': /a command is missing/,
    key: /a command is missing/,
    snc: /unknown command "snc", did you mean "sync"\?/,
    'key shwo': /unknown command "shwo", did you mean "show"\?/,
    '-frce sync': /unknown flag -frce/,
    'sync -forc': /unknown flag -forc, did you mean -force\?/,
    'sync -json': /unknown flag -json/,
    'sync -force=maybe': /invalid boolean value "maybe" for -force/,
    'sync -config': /flag needs an argument: -config/,
    'sync -wait=soon': /invalid value "soon" for flag -wait/,
    'sync extra': /sync takes no arguments, got "extra"/,
    'key show': /show needs more arguments: <name>/,
    'key show a b c': /show takes at most 2 arguments/,
  };
  for (const [line, message] of Object.entries(wrong)) {
    it(`is refused: prog ${line}`, () => {
      assert.throws(
        () => parseCommandLine(root, words(line)),
        (error) => error instanceof UsageError && error.code === 'E_USAGE' && message.test(error.message),
      );
    });
  }
});

describe('usage', () => {
  for (const line of ['-h', '-help', '--help', 'sync -h', 'key -help', 'key show --help']) {
    it(`is asked for by ${line}`, () => {
      const parsed = parseCommandLine(root, words(line));

      assert.equal(parsed.kind, 'usage');
      assert.deepEqual(
        parsed.path.map(({ name }) => name),
        ['prog', ...words(line).slice(0, -1)],
      );
    });
  }
});

// As the real aptly: `help` may stand at any level, and leads on from there.
describe('help', () => {
  const asked: Readonly<Record<string, readonly [path: string, topic: string]>> = {
    help: ['prog', ''],
    'help key show': ['prog', 'key show'],
    'key help show': ['prog key', 'show'],
    'key show help': ['prog key show', ''],
    'key show -json help x': ['prog key show', 'x'],
    'help -json': ['prog', '-json'],
    '-- help': ['prog', ''],
  };
  for (const [line, [path, topic]] of Object.entries(asked)) {
    it(`is asked for by ${line}`, () => {
      const parsed = parseCommandLine(root, words(line));

      assert.equal(parsed.kind, 'help');
      assert.equal(parsed.path.map(({ name }) => name).join(' '), path);
      assert.deepEqual(parsed.topic, words(topic));
    });
  }

  it('is not asked for after "--" of a command', () => {
    assert.deepEqual(command('key show -- help').args, ['help']);
  });

  it('judges the flags before it', () => {
    assert.throws(() => parseCommandLine(root, ['-json', 'help']), UsageError);
  });
});

describe('a group that runs alone', () => {
  it('runs when the path ends there, with flags of its own', () => {
    const { path, leaf, flags } = command('push -all');

    assert.equal(leaf.usage, 'alone');
    assert.deepEqual(
      path.map(({ name }) => name),
      ['prog', 'push'],
    );
    assert.equal(flags.get('all'), true);
  });

  it('is a group all the same', () => {
    assert.equal(command('push now').leaf.name, 'now');
  });

  it('keeps its flags from its subcommands', () => {
    assert.throws(() => parseCommandLine(root, words('push -all now')), /unknown flag -all/);
  });
});

function command(line: string): ParsedCommand {
  const parsed = parseCommandLine(root, words(line));
  assert.equal(parsed.kind, 'command');
  return parsed;
}

function words(line: string): string[] {
  return line.split(' ').filter((word) => word !== '');
}
