import type { CommandNode, Flag } from '../command.ts';
import type { CommandSpec, FlagSpec, GroupSpec } from './command-spec.ts';
import { handlers } from './handlers.ts';
import { aptlyCommands } from './table.ts';
import { helpText, usageText } from './usage-text.ts';

/** aptly's commands as nodes of the command tree: those that have a handler. */
export function aptlyNodes(): readonly CommandNode[] {
  const root = aptlyCommands();
  return root.commands.flatMap((spec) => nodeOf([root, spec], root.flags) ?? []);
}

/**
 * @param path from the root to the command
 * @param inherited flags that the node adds to its own: aptly's global ones, which only its commands know
 */
function nodeOf(path: readonly CommandSpec[], inherited: readonly FlagSpec[]): CommandNode | undefined {
  const spec = path.at(-1);
  if (spec === undefined) return undefined;
  const common = {
    name: spec.name,
    summary: spec.short,
    flags: [...inherited, ...spec.flags].filter(({ name }) => name !== 'config').map(flagOf),
    aptlyUsage: () => usageText(path),
    aptlyHelp: () => helpText(path),
  };
  if (spec.kind === 'group') return groupOf(path, spec, common);
  const load =
    handlers[
      path
        .slice(1)
        .map(({ name }) => name)
        .join(' ')
    ];
  if (load === undefined) return undefined;
  return { ...common, kind: 'leaf', usage: spec.usage, description: spec.long, arity: spec.arity, load };
}

function groupOf(
  path: readonly CommandSpec[],
  spec: GroupSpec,
  common: Pick<CommandNode, 'name' | 'summary' | 'flags' | 'aptlyUsage' | 'aptlyHelp'>,
): CommandNode | undefined {
  const commands = spec.commands.flatMap((command) => nodeOf([...path, command], []) ?? []);
  return commands.length === 0 ? undefined : { ...common, kind: 'group', commands };
}

function flagOf({ name, kind, help }: FlagSpec): Flag {
  return { name, help, kind: kind === 'int64' ? 'int' : kind };
}
