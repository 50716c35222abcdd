import type { CommandNode, Handler } from '../command.ts';
import { UsageError } from '../grammar.ts';
import { errorLines, usageLines } from '../usage.ts';

export const run: Handler = async ({ args, root }) => {
  if (args.length === 1 && args[0] === 'errors') return { lines: errorLines() };
  return { lines: helpLines(pathOf(root, args)) };
};

function helpLines(path: readonly CommandNode[]): readonly string[] {
  const node = path.at(-1);
  const text = node?.aptlyHelp?.() ?? node?.aptlyUsage?.();
  return text === undefined ? usageLines(path) : text.trimEnd().split('\n');
}

function pathOf(root: CommandNode, words: readonly string[]): readonly CommandNode[] {
  const path: CommandNode[] = [root];
  for (const word of words) {
    const node = path.at(-1);
    const child = node?.kind === 'group' ? node.commands.find(({ name }) => name === word) : undefined;
    if (child === undefined) throw new UsageError(`unknown help topic "${word}"`, path);
    path.push(child);
  }
  return path;
}
