import type { App } from '../app/app.ts';
import type { AptlyConfig } from '../config/aptly-schema.ts';
import type { EspejoConfig } from '../config/config.ts';
import type { EspejoError } from '../core/errors.ts';
import type { Reporter } from '../core/progress.ts';
import type { Arity } from './arity.ts';

/** A flag as Go programs know it: `-name value`, `-name=value`, one dash or two. */
export type Flag = {
  readonly name: string;
  /** `int` is written as Go writes integers; it arrives as text. */
  readonly kind: 'bool' | 'string' | 'list' | 'duration' | 'int';
  /** Shown in help. */
  readonly value?: string;
  readonly help: string;
};

/** Values by flag name; a flag that was not given is absent. Lists collect every occurrence. */
export type FlagValues = ReadonlyMap<string, string | boolean | readonly string[]>;

/** One word of the command path: a group with subcommands, or a leaf with a handler that is loaded when it runs. */
export type CommandNode = {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly Flag[];
  /** Commands of aptly: their usage in its layout; errors are told as it tells them, without hint and code. */
  readonly aptlyUsage?: () => string;
  /** What `help` prints of them; undefined for groups, of which it prints the usage. */
  readonly aptlyHelp?: () => string | undefined;
} & (
  | {
      readonly kind: 'group';
      readonly commands: readonly CommandNode[];
      /** What runs when the path ends here, with flags of its own: `espejo publish` beside `espejo publish list`. */
      readonly alone?: LeafNode;
    }
  | LeafFacts
);

type LeafFacts = {
  readonly kind: 'leaf';
  /** Positional arguments, for the usage line: `[<mirror>...]`. */
  readonly usage: string;
  readonly description: string;
  readonly arity: Arity;
  readonly load: () => Promise<{ readonly run: Handler }>;
};

export type LeafNode = Extract<CommandNode, { kind: 'leaf' }>;

/** The configuration and the root directory of a task. */
export type SharedRoot = {
  config(): Promise<EspejoConfig>;
  app(): Promise<App>;
};

export type Invocation = {
  /** The whole command tree, for help. */
  readonly root: CommandNode;
  readonly args: readonly string[];
  readonly flags: FlagValues;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** A command of aptly: without a configuration it makes one, as aptly does. */
  readonly ofAptly?: boolean;
  /** Default: standard input of the process. */
  readonly stdin?: AsyncIterable<Uint8Array> & NodeJS.ReadableStream;
  /** What other command lines of the same task have read and opened. */
  readonly shared?: SharedRoot;
  /** Runs another command line on what is shared, with the global flags of this one; resolves to its exit status. */
  readonly runWords: (words: readonly string[], shared: SharedRoot) => Promise<number>;
  readonly signal: AbortSignal;
  readonly report: Reporter;
  /** Text for people while the command goes on, on standard error. */
  readonly say: (line: string) => void;
  /** A line of a program that runs for long, on standard error: it is written whatever is quiet. */
  readonly log: (line: string) => void;
  /** Whether a person reads standard error. */
  readonly terminal: boolean;
  /** Lines of the result while a command that does not end by itself goes on, on standard output. */
  readonly print: (text: string) => void;
  /** From here on the result is told as the configuration wants it (`log_format`). */
  readonly logAs?: (config: AptlyConfig) => void;
};

/** What a command leaves: the same facts for people and for machines. */
export type Outcome = {
  readonly lines: readonly string[];
  /** For `-json`; absent for commands without that flag. */
  readonly json?: unknown;
  /** Bytes for standard output instead of lines. */
  readonly bytes?: Uint8Array;
  /** What went wrong with parts of the work while the rest was done: told after the lines; the exit status is 1. */
  readonly faults?: readonly EspejoError[];
  /** 0 unless the command did its work but found a fault. */
  readonly exit?: 0 | 1;
};

export type Handler = (invocation: Invocation) => Promise<Outcome>;

export function boolFlag(flags: FlagValues, name: string): boolean {
  return flags.get(name) === true;
}

export function stringFlag(flags: FlagValues, name: string): string | undefined {
  const value = flags.get(name);
  return typeof value === 'string' ? value : undefined;
}

export function listFlag(flags: FlagValues, name: string): readonly string[] {
  const value = flags.get(name);
  return typeof value === 'object' ? value : [];
}
