import type { CommandNode } from './command.ts';
import { errorLines, usageLines, usageOf } from './usage.ts';
import { wrapped } from './wrap.ts';

/** What `help` answers: a text for standard output, a usage or a complaint for standard error. */
export type Help =
  | { readonly kind: 'text'; readonly lines: readonly string[] }
  | { readonly kind: 'usage'; readonly lines: readonly string[] }
  | { readonly kind: 'unknown'; readonly message: string };

/**
 * The help on a command (spec/cli.md 1.3): groups of aptly without a long text have their usage instead.
 * @param path where `help` stood
 * @param topic the words after it; `errors` alone are the error codes
 * @param width of the terminal; texts of aptly are as they are
 */
export function helpOn(
  path: readonly CommandNode[],
  topic: readonly string[],
  width: number = Number.POSITIVE_INFINITY,
): Help {
  if (path.length === 1 && topic.length === 1 && topic[0] === 'errors')
    return { kind: 'text', lines: errorLines().flatMap((line) => wrapped(line, width)) };
  const [node, [word, ...rest]] = [path.at(-1), topic];
  if (node === undefined || word === undefined) return helpOf(path, width);
  const child = node.kind === 'group' ? node.commands.find(({ name }) => name === word) : undefined;
  if (child !== undefined) return helpOn([...path, child], rest, width);
  const [program = '', ...words] = path.map(({ name }) => name);
  const advice = [program, 'help', ...words].join(' ');
  return { kind: 'unknown', message: `ERROR: Unknown help topic \`${word}\`.  Run '${advice}'.` };
}

function helpOf(path: readonly CommandNode[], width: number): Help {
  const node = path.at(-1);
  const text = node?.aptlyHelp?.();
  if (text !== undefined) return { kind: 'text', lines: text.trimEnd().split('\n') };
  if (node?.aptlyUsage !== undefined) return { kind: 'usage', lines: usageOf(path) };
  return { kind: 'text', lines: usageLines(path).flatMap((line) => wrapped(line, width)) };
}
