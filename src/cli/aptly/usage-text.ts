import type { CommandSpec, FlagSpec } from './command-spec.ts';

/**
 * The usage of a command in aptly's layout (spec/cli.md 1.3), as it stands on standard error after a wrong command line.
 * @param path from the root to the command
 * @param added what a group has beside aptly's commands
 */
export function usageText(path: readonly CommandSpec[], added: readonly AddedCommand[] = []): string {
  const words = path.map(({ name }) => name).join(' ');
  const command = path.at(-1);
  if (command === undefined) return '';
  const head = command.kind === 'leaf' ? [usageLine(path, command), ''] : [];
  const commands =
    command.kind === 'group'
      ? [...commandLines([...command.commands.map(listed), ...added.map(listed)], words, path), '']
      : [];
  return lines([...head, `${words} - ${command.short}`, '', ...commands, '', ...optionLines(path)]);
}

type AddedCommand = { readonly name: string; readonly summary: string };

/** What `help` prints on standard output: the usage line, the long text and the flags; undefined for a group without long text. */
export function helpText(path: readonly CommandSpec[]): string | undefined {
  const command = path.at(-1);
  if (command === undefined || command.long === '') return undefined;
  const head = command.kind === 'leaf' ? [usageLine(path, command), ''] : [];
  return lines([...head, command.long, '', ...optionLines(path)]);
}

/** `-name=default: text`; texts are quoted, false is left out. */
function optionLine(flag: FlagSpec): string {
  switch (flag.kind) {
    case 'bool':
      return `  -${flag.name}${flag.default ? '=true' : ''}: ${flag.help}`;
    case 'string':
      return `  -${flag.name}=${JSON.stringify(flag.default)}: ${flag.help}`;
    case 'list':
      return `  -${flag.name}=: ${flag.help}`;
    default:
      return `  -${flag.name}=${flag.default}: ${flag.help}`;
  }
}

function usageLine(
  path: readonly CommandSpec[],
  { name, usage }: Extract<CommandSpec, { kind: 'leaf' }>,
): string {
  const parents = path.slice(0, -1).map((parent) => parent.name);
  return `Usage: ${[...parents, name, usage].filter((word) => word !== '').join(' ')}`;
}

type Listed = { readonly name: string; readonly short: string };

function listed(command: CommandSpec | AddedCommand): Listed {
  return { name: command.name, short: 'short' in command ? command.short : command.summary };
}

function commandLines(
  commands: readonly Listed[],
  words: string,
  [root]: readonly CommandSpec[],
): readonly string[] {
  const sorted = commands.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const topic = [root?.name, 'help', ...words.split(' ').slice(1), '<command>'].join(' ');
  return [
    'Commands:',
    '',
    ...sorted.map(({ name, short }) => `    ${name.padEnd(11)} ${short}`),
    '',
    `Use "${topic}" for more information about a command.`,
  ];
}

/** The flags of every command on the path are valid at every level of it. */
function optionLines(path: readonly CommandSpec[]): readonly string[] {
  const flags = path.flatMap((command) => command.flags);
  return ['Options:', ...flags.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map(optionLine)];
}

function lines(texts: readonly string[]): string {
  return `${texts.join('\n')}\n`;
}
