import { errorCodes } from '../core/error-codes.ts';
import type { CommandNode, Flag } from './command.ts';

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
  return [...head, ...commandLines(node), ...flagLines(path.flatMap(({ flags }) => flags))];
}

/** All error codes with their meaning. */
export function errorLines(): readonly string[] {
  return Object.entries(errorCodes).map(
    ([code, { meaning, exit }]) => `${code.padEnd(26)} exit ${exit}  ${meaning}`,
  );
}

function commandLines(node: CommandNode): readonly string[] {
  if (node.kind === 'leaf') return [];
  return ['', 'Commands:', ...node.commands.map(({ name, summary }) => `  ${name.padEnd(10)} ${summary}`)];
}

function flagLines(flags: readonly Flag[]): readonly string[] {
  if (flags.length === 0) return [];
  const sorted = flags.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return [
    '',
    'Flags:',
    ...sorted.map(
      (flag) =>
        `  ${`-${flag.name}${flag.value === undefined ? '' : `=${flag.value}`}`.padEnd(28)} ${flag.help}`,
    ),
  ];
}
