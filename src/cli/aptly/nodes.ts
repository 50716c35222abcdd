import { invariant } from '../../core/errors.ts';
import type { CommandNode, Flag, LeafNode } from '../command.ts';
import type { CommandSpec, FlagSpec, GroupSpec } from './command-spec.ts';
import { handlers } from './handlers.ts';
import { aptlyCommands } from './table.ts';
import { helpText, usageText } from './usage-text.ts';

/** What espejo has beside aptly's commands in a group of the same name. */
export type Additions = { readonly alone?: LeafNode; readonly commands?: readonly CommandNode[] };

export type NodeOptions = {
  /** By the name of the group. */
  readonly additions: Readonly<Record<string, Additions>>;
  /** Flags that every command of espejo has; one of the same name as aptly's is that. */
  readonly globalFlags: readonly FlagSpec[];
};

/** aptly's commands as nodes of the command tree: those that have a handler. */
export function aptlyNodes(options: NodeOptions): readonly CommandNode[] {
  const table = aptlyCommands();
  const shared = new Set(options.globalFlags.map(({ name }) => name));
  const inherited = table.flags.filter(({ name }) => !shared.has(name));
  const root = { ...table, flags: [...inherited, ...options.globalFlags] };
  return withHandlers(root, [], options.additions).map((spec) =>
    nodeOf([root, spec], inherited, options.additions),
  );
}

/** The commands of a group that have a handler, and the groups that have such commands or additions. */
function withHandlers(
  { commands }: GroupSpec,
  words: readonly string[],
  additions: NodeOptions['additions'],
): readonly CommandSpec[] {
  return commands.flatMap((command): readonly CommandSpec[] => {
    const path = [...words, command.name];
    if (command.kind === 'leaf') return handlers[path.join(' ')] === undefined ? [] : [command];
    const kept = withHandlers(command, path, additions);
    return kept.length === 0 && additions[path.join(' ')] === undefined
      ? []
      : [{ ...command, commands: kept }];
  });
}

/**
 * @param path from the root to the command
 * @param inherited flags that the node adds to its own: aptly's global ones, which only its commands know
 */
function nodeOf(
  path: readonly CommandSpec[],
  inherited: readonly FlagSpec[],
  additions: NodeOptions['additions'],
): CommandNode {
  const spec = path.at(-1);
  invariant(spec !== undefined, 'a path has an end');
  const { alone, commands: added = [] } = additions[wordsOf(path)] ?? {};
  const common = {
    name: spec.name,
    summary: spec.short,
    flags: [...inherited, ...spec.flags].map(flagOf),
    aptlyUsage: () => usageText(path, added),
    aptlyHelp: () => helpText(path),
  };
  if (spec.kind === 'leaf') {
    const load = handlers[wordsOf(path)];
    invariant(load !== undefined, 'only commands with a handler become nodes');
    return { ...common, kind: 'leaf', usage: spec.usage, description: spec.long, arity: spec.arity, load };
  }
  const commands = spec.commands.map((command) => nodeOf([...path, command], [], additions));
  return {
    ...common,
    kind: 'group',
    commands: [...commands, ...added].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    ...(alone === undefined ? {} : { alone }),
  };
}

/** The words that lead to a command, without the program. */
function wordsOf(path: readonly CommandSpec[]): string {
  return path
    .slice(1)
    .map(({ name }) => name)
    .join(' ');
}

function flagOf({ name, kind, help }: FlagSpec): Flag {
  return { name, help, kind: kind === 'int64' ? 'int' : kind };
}
