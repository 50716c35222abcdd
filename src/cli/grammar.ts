import { closest } from '../core/closest.ts';
import { EspejoError, isEspejoError } from '../core/errors.ts';
import { parseDuration } from '../core/units.ts';
import { parseGoInteger } from './aptly/go-integer.ts';
import { acceptsArguments } from './arity.ts';
import type { CommandNode, Flag, FlagValues, LeafNode } from './command.ts';

/** A command line that was understood: the path down to a leaf, its flags and its positional arguments. */
export type ParsedCommand = {
  readonly kind: 'command';
  readonly path: readonly CommandNode[];
  readonly leaf: LeafNode;
  readonly flags: FlagValues;
  readonly args: readonly string[];
};

/** `-h`, `-help`: the usage of the path so far was asked for; commands of aptly take that for a wrong flag. */
export type UsageRequest = { readonly kind: 'usage'; readonly path: readonly CommandNode[] };

/** `-version` or `--version` and nothing else. */
export type VersionRequest = { readonly kind: 'version' };

/** `help mirror list`, `mirror help list`, `mirror list help`: the path so far and the words that lead on from it. */
export type HelpRequest = {
  readonly kind: 'help';
  readonly path: readonly CommandNode[];
  readonly topic: readonly string[];
};

/** What aptly says at the end: that it could not read the command, the flags, or nothing more (a wrong value). */
export type UsageFault = 'command' | 'flags' | 'value';

/** A command line that was not understood: what is wrong and the path whose usage helps. */
export class UsageError extends EspejoError {
  readonly path: readonly CommandNode[];
  readonly fault: UsageFault;
  /** The word that is no command here, and what follows it: a program of its own may stand for it. */
  readonly unknown: readonly string[];

  constructor(
    message: string,
    path: readonly CommandNode[],
    fault: UsageFault = 'command',
    unknown: readonly string[] = [],
  ) {
    const [program = '', ...rest] = path.map(({ name }) => name);
    super('E_USAGE', message, { hint: `see: ${[program, 'help', ...rest].join(' ')}` });
    this.path = path;
    this.fault = fault;
    this.unknown = unknown;
  }
}

/**
 * Reads a command line as aptly does (spec/cli.md 1): the path is resolved first; flags of every command on it, with one
 * dash or two, may stand at any level before the first positional argument of the leaf.
 * @throws UsageError
 */
export function parseCommandLine(
  root: CommandNode,
  words: readonly string[],
): ParsedCommand | UsageRequest | HelpRequest | VersionRequest {
  if (words.length === 1 && /^--?version$/.test(words[0] ?? '')) return { kind: 'version' };
  const line = new Words(words);
  const path: CommandNode[] = [root];
  const given: GivenFlag[] = [];
  let node = root;
  for (;;) {
    const outcome = takeFlags(line, root, path, given);
    if (outcome === 'usage') return { kind: 'usage', path };
    if (line.peek() === 'help' && (node.kind === 'group' || outcome !== 'ended')) {
      assertKnown(path, given);
      return { kind: 'help', path, topic: line.rest().slice(1) };
    }
    if (node.kind === 'leaf') return finish(path, node, given, line.rest());
    const word = line.next();
    const child: CommandNode | undefined =
      word === undefined ? node.alone : node.commands.find(({ name }) => name === word);
    if (child === undefined) throw unknownCommand(path, node.commands, word, line.rest());
    if (child === node.alone) path.pop();
    node = child;
    path.push(child);
  }
}

type GivenFlag = { readonly flag: Flag; readonly value: string | boolean };

class Words {
  readonly #words: readonly string[];
  #position = 0;

  constructor(words: readonly string[]) {
    this.#words = words;
  }

  peek(): string | undefined {
    return this.#words[this.#position];
  }

  next(): string | undefined {
    const word = this.peek();
    this.#position += 1;
    return word;
  }

  rest(): readonly string[] {
    return this.#words.slice(this.#position);
  }
}

function takeFlags(
  line: Words,
  root: CommandNode,
  path: readonly CommandNode[],
  given: GivenFlag[],
): 'done' | 'ended' | 'usage' {
  for (;;) {
    const word = line.peek();
    if (word === undefined || word === '-' || !word.startsWith('-')) return 'done';
    line.next();
    if (word === '--') return 'ended';
    const { name, value } = splitFlag(word);
    if (name === 'h' || name === 'help') return 'usage';
    const flag = allFlags(root).find((one) => one.name === name);
    if (flag === undefined) throw unknownFlag(name, path, 'flags');
    given.push({ flag, value: readValue(flag, value, line, path) });
  }
}

function splitFlag(word: string): { readonly name: string; readonly value: string | undefined } {
  const text = word.replace(/^--?/, '');
  const equals = text.indexOf('=');
  return equals === -1
    ? { name: text, value: undefined }
    : { name: text.slice(0, equals), value: text.slice(equals + 1) };
}

const trueWords = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const falseWords = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

function readValue(
  flag: Flag,
  value: string | undefined,
  line: Words,
  path: readonly CommandNode[],
): string | boolean {
  if (flag.kind === 'bool') {
    if (value === undefined || trueWords.has(value)) return true;
    if (falseWords.has(value)) return false;
    throw new UsageError(`invalid boolean value "${value}" for -${flag.name}`, path, 'value');
  }
  const text = value ?? line.next();
  if (text === undefined) throw new UsageError(`flag needs an argument: -${flag.name}`, path, 'flags');
  return text;
}

/** A name may be of another kind elsewhere in the tree, so values are judged when the path is known. */
function assertValue(flag: Flag, value: string | boolean, path: readonly CommandNode[]): void {
  const wrong = (advice: string): UsageError =>
    new UsageError(`invalid value "${value}" for flag -${flag.name}: ${advice}`, path, 'value');
  if (flag.kind === 'duration' && !isDuration(String(value))) throw wrong('write it as 90s, 15m or 4h');
  if (flag.kind === 'int' && parseGoInteger(String(value)) === undefined) throw wrong('it is no integer');
}

function isDuration(text: string): boolean {
  try {
    parseDuration(text);
    return true;
  } catch (error) {
    if (isEspejoError(error)) return false;
    throw error;
  }
}

function finish(
  path: readonly CommandNode[],
  leaf: LeafNode,
  given: readonly GivenFlag[],
  args: readonly string[],
): ParsedCommand {
  const known = assertKnown(path, given);
  const values = new Map<string, string | boolean | readonly string[]>();
  for (const { flag, value } of given) {
    const own = known.get(flag.name) ?? flag;
    assertValue(own, value, path);
    const earlier = values.get(flag.name);
    if (own.kind === 'list')
      values.set(flag.name, [...(typeof earlier === 'object' ? earlier : []), String(value)]);
    else values.set(flag.name, value);
  }
  const component = values.get('component');
  if (!acceptsArguments(leaf.arity, args, typeof component === 'string' ? component : '')) {
    throw new UsageError(arityProblem(leaf, args), path);
  }
  return { kind: 'command', path, leaf, flags: values, args };
}

/** The flags of the path by name; every given one is among them. */
function assertKnown(path: readonly CommandNode[], given: readonly GivenFlag[]): ReadonlyMap<string, Flag> {
  const known = new Map(path.flatMap(({ flags }) => flags.map((flag) => [flag.name, flag] as const)));
  const stray = given.find(({ flag }) => !known.has(flag.name));
  if (stray !== undefined) throw unknownFlag(stray.flag.name, path, 'value');
  return known;
}

function arityProblem({ name, usage, arity }: LeafNode, args: readonly string[]): string {
  if (arity.kind === 'count' && arity.maximum === 0) return `${name} takes no arguments, got "${args[0]}"`;
  if (arity.kind === 'count' && args.length > arity.maximum)
    return `${name} takes at most ${arity.maximum} arguments`;
  if (arity.kind === 'count') return `${name} needs more arguments: ${usage}`;
  return `${name} takes other arguments: ${usage}`;
}

function allFlags(node: CommandNode): readonly Flag[] {
  if (node.kind === 'leaf') return node.flags;
  return [...node.flags, ...(node.alone?.flags ?? []), ...node.commands.flatMap(allFlags)];
}

function unknownFlag(name: string, path: readonly CommandNode[], fault: UsageFault): UsageError {
  const known = path.flatMap(({ flags }) => flags.map((flag) => flag.name));
  const [near] = closest(name, known);
  return new UsageError(
    `unknown flag -${name}${near === undefined ? '' : `, did you mean -${near}?`}`,
    path,
    fault,
  );
}

function unknownCommand(
  path: readonly CommandNode[],
  commands: readonly CommandNode[],
  word: string | undefined,
  rest: readonly string[],
): UsageError {
  if (word === undefined) return new UsageError('a command is missing', path);
  const [near] = closest(
    word,
    commands.map(({ name }) => name),
  );
  return new UsageError(
    `unknown command "${word}"${near === undefined ? '' : `, did you mean "${near}"?`}`,
    path,
    'command',
    [word, ...rest],
  );
}
