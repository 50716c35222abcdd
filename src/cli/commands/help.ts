import type { CommandNode, Handler } from '../command.ts';
import { UsageError } from '../grammar.ts';
import { rootCommand } from '../table.ts';
import { errorLines, usageLines } from '../usage.ts';

export const run: Handler = async ({ args }) => {
  if (args.length === 1 && args[0] === 'errors') return { lines: errorLines() };
  return { lines: usageLines(pathOf(args)) };
};

function pathOf(words: readonly string[]): readonly CommandNode[] {
  const path: CommandNode[] = [rootCommand];
  for (const word of words) {
    const node = path.at(-1);
    const child = node?.kind === 'group' ? node.commands.find(({ name }) => name === word) : undefined;
    if (child === undefined) throw new UsageError(`unknown help topic "${word}"`, path);
    path.push(child);
  }
  return path;
}
