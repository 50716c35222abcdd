import { globalFlags } from '../../../src/cli/aptly/flags.ts';
import type { CommandNode, Flag, LeafNode } from '../../../src/cli/command.ts';
import { rootCommand } from '../../../src/cli/table.ts';

/** A command as a person types it: `espejo publish list`, with the flags of its own. */
export type CommandLine = {
  readonly words: string;
  readonly node: CommandNode;
  readonly leaf: LeafNode | undefined;
  readonly flags: readonly Flag[];
};

const shared = new Set([...rootCommand.flags, ...globalFlags].map(({ name }) => name));

/** Flags of every command: espejo's own, then aptly's. */
export const everywhere: readonly Flag[] = [
  ...rootCommand.flags,
  ...globalFlags
    .filter(({ name }) => !rootCommand.flags.some((flag) => flag.name === name))
    .map(({ name, help, kind }): Flag => ({ name, help, kind: kind === 'int64' ? 'int' : kind })),
].toSorted(byName);

/** All groups and commands, the program first. */
export function commandLines(node: CommandNode = rootCommand, before = ''): readonly CommandLine[] {
  const words = before === '' ? node.name : `${before} ${node.name}`;
  const leaf = node.kind === 'leaf' ? node : node.alone;
  const flags = (leaf ?? node).flags.filter(({ name }) => !shared.has(name)).toSorted(byName);
  const below =
    node.kind === 'leaf' ? [] : node.commands.toSorted(byName).flatMap((child) => commandLines(child, words));
  return [{ words, node, leaf, flags }, ...below];
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}
