import { errorCodes } from '../core/error-codes.ts';
import type { CommandNode, Flag } from './command.ts';

/** The word that the grammar knows at every level. */
const helpCommand = { name: 'help', summary: 'explain a command, or the error codes ("help errors")' };

/** The usage of a command path, for standard error: in aptly's layout where the command is aptly's. */
export function usageOf(path: readonly CommandNode[]): readonly string[] {
  const node = path.at(-1);
  const text = node?.aptlyUsage?.();
  if (node === undefined || text === undefined) return usageLines(path);
  const alone =
    node.kind === 'group' && node.alone !== undefined
      ? ['', ...usageLines([...path.slice(0, -1), node.alone])]
      : [];
  return [...text.trimEnd().split('\n'), ...alone];
}

/** The help of a command path, as lines. */
export function usageLines(path: readonly CommandNode[]): readonly string[] {
  const node = path.at(-1);
  if (node === undefined) return [];
  const words = path.map(({ name }) => name).join(' ');
  const head =
    node.kind === 'leaf'
      ? [
          `Usage: ${[words, '[flags]', node.usage].filter((part) => part !== '').join(' ')}`,
          '',
          ...node.description.split('\n'),
        ]
      : [`Usage: ${words} [flags] <command>`, '', node.summary];
  return [...head, ...commandLines(path), ...flagLines(path.flatMap(({ flags }) => flags))];
}

/** All error codes with their meaning. */
export function errorLines(): readonly string[] {
  return Object.entries(errorCodes).map(
    ([code, { meaning, exit }]) => `${code.padEnd(26)} exit ${exit}  ${meaning}`,
  );
}

function commandLines(path: readonly CommandNode[]): readonly string[] {
  const node = path.at(-1);
  if (node === undefined || node.kind === 'leaf') return [];
  const commands = path.length === 1 ? [...node.commands, helpCommand] : node.commands;
  return ['', 'Commands:', ...commands.map(({ name, summary }) => `  ${name.padEnd(9)}  ${summary}`)];
}

function flagLines(flags: readonly Flag[]): readonly string[] {
  if (flags.length === 0) return [];
  const sorted = flags.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return [
    '',
    'Flags:',
    ...sorted.map(
      (flag) =>
        `  ${`-${flag.name}${flag.value === undefined ? '' : `=${flag.value}`}`.padEnd(28)}  ${flag.help}`,
    ),
  ];
}
