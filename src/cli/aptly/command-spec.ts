import type { AptlyConfig } from '../../config/aptly-schema.ts';
import type { Arity } from '../arity.ts';

/** A flag of aptly's command line as data: enough to read it, to print its usage and to complete it in a shell. */
export type FlagSpec = {
  readonly name: string;
  readonly help: string;
  /** The key of aptly's configuration that decides when the flag is absent. */
  readonly configKey?: keyof AptlyConfig;
} & (
  | { readonly kind: 'bool'; readonly default: boolean }
  | { readonly kind: 'string'; readonly default: string }
  /** `int` and `int64` differ in Go only; both are written as Go writes integers. */
  | { readonly kind: 'int' | 'int64'; readonly default: number }
  /** May be given several times; empty by default. */
  | { readonly kind: 'list' }
);

export type LeafSpec = {
  readonly kind: 'leaf';
  readonly name: string;
  /** The words after the name in the usage line: `<name> [<query>]`. */
  readonly usage: string;
  /** One short clause without a full stop. */
  readonly short: string;
  /** Paragraphs for `help`. */
  readonly long: string;
  readonly arity: Arity;
  readonly flags: readonly FlagSpec[];
};

export type GroupSpec = {
  readonly kind: 'group';
  readonly name: string;
  readonly short: string;
  /** Empty for groups of which `help` prints the usage. */
  readonly long: string;
  readonly flags: readonly FlagSpec[];
  readonly commands: readonly CommandSpec[];
};

export type CommandSpec = LeafSpec | GroupSpec;

/** All leaf commands below a group with the words that lead to them, in the order of the table. */
export function leafCommands(
  group: GroupSpec,
  path: readonly string[] = [],
): readonly { readonly path: readonly string[]; readonly leaf: LeafSpec }[] {
  return group.commands.flatMap((command) => {
    const words = [...path, command.name];
    return command.kind === 'leaf' ? [{ path: words, leaf: command }] : leafCommands(command, words);
  });
}

/**
 * The specs from the root down to the command that the words name.
 * @returns undefined when there is no such command
 */
export function findCommand(root: GroupSpec, words: readonly string[]): readonly CommandSpec[] | undefined {
  const path: CommandSpec[] = [root];
  let node: CommandSpec = root;
  for (const word of words) {
    const child: CommandSpec | undefined =
      node.kind === 'group' ? node.commands.find(({ name }) => name === word) : undefined;
    if (child === undefined) return undefined;
    path.push(child);
    node = child;
  }
  return path;
}
