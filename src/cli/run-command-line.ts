import { inspect } from 'node:util';
import { errorCodes } from '../core/error-codes.ts';
import { EspejoError, isEspejoError } from '../core/errors.ts';
import { fileError } from '../core/files.ts';
import { globalFlags } from './aptly/flags.ts';
import {
  boolFlag,
  type CommandNode,
  type FlagValues,
  type Invocation,
  type Outcome,
  type SharedRoot,
} from './command.ts';
import { type ParsedCommand, parseCommandLine, UsageError } from './grammar.ts';
import type { Help } from './help.ts';
import { loggedCommands, Output } from './output.ts';
import { findPlugin, runPlugin } from './plugins.ts';
import { remedyOf } from './remedies.ts';
import { usageOf } from './usage.ts';

/** What a command line may touch of the process. */
export type CommandIo = {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
};

/** The command line that runs this one as a part of its task. */
export type Outer = { readonly shared: SharedRoot; readonly flags: FlagValues };

/** The exit status after a second signal, which does not wait for anything. */
const exitBySignal = 130;

/**
 * Runs one command line: its result goes to standard output, everything else to standard error.
 * @returns the exit status: 0, 1 for a failure, 2 for a wrong command line
 */
export async function runCommandLine(
  root: CommandNode,
  words: readonly string[],
  io: CommandIo,
  outer?: Outer,
): Promise<number> {
  let json = hasWord(words, 'json');
  let aptly = false;
  try {
    const parsed = parseCommandLine(root, words);
    if (parsed.kind === 'help') {
      return await writeOwnHelp(io, parsed.path, parsed.topic);
    }
    if (parsed.kind === 'version') {
      const { version } = await import('../app/version.ts');
      writeLines(io.stdout, [`espejo version: ${version}`]);
      return 0;
    }
    if (parsed.kind === 'usage') {
      if (isOfEspejo(parsed.path)) return await writeOwnHelp(io, parsed.path, []);
      writeLines(io.stderr, usageOf(parsed.path));
      writeLines(io.stderr, ['ERROR: unable to parse flags']);
      return errorCodes.E_USAGE.exit;
    }
    aptly = isOfAptly(parsed.path);
    json = !aptly && boolFlag(parsed.flags, 'json');
    const output = new Output(io.stdout);
    const flags = mergeFlags(parsed.flags, root, outer);
    const outcome = await execute(root, { ...parsed, flags }, { io, output, outer });
    writeOutcome(io.stdout, output, outcome, json);
    const [fault, ...others] = outcome.faults ?? [];
    if (fault === undefined) return outcome.exit ?? 0;
    for (const one of others) reportError(one, io, { words, json });
    return reportError(fault, io, { words, json });
  } catch (error) {
    const plugin = pluginOf(error, io);
    if (plugin !== undefined) return await runPlugin(plugin.program, plugin.args);
    return aptly || (error instanceof UsageError && isOfAptly(error.path))
      ? reportAptlyError(error, io, words)
      : reportError(error, io, { words, json });
  }
}

type Surroundings = {
  readonly io: CommandIo;
  readonly output: Output;
  readonly outer: Outer | undefined;
};

async function execute(
  root: CommandNode,
  { leaf, path, args, flags }: ParsedCommand,
  { io, output, outer }: Surroundings,
): Promise<Outcome> {
  const { stderr, env, cwd } = io;
  const { run } = await leaf.load();
  const stop = new AbortController();
  const release = abortOnSignals(stop);
  const { progressReporter } = await import('./progress.ts');
  const progress = progressReporter(stderr, {
    json: !isOfAptly(path) && boolFlag(flags, 'json'),
    quiet: boolFlag(flags, 'quiet'),
  });
  const invocation: Invocation = {
    root,
    args,
    flags,
    env,
    cwd,
    ofAptly: isOfAptly(path),
    signal: stop.signal,
    report: progress.report,
    say: progress.say,
    log: progress.log,
    terminal: 'isTTY' in stderr && stderr.isTTY === true,
    print: (text) => {
      progress.clear();
      output.write(text);
    },
    logAs: (config) => {
      if (loggedCommands.has(wordsOf(path))) output.logAs(config);
    },
    runWords: (words, shared) => runCommandLine(root, words, io, { shared, flags }),
    ...(outer === undefined ? {} : { shared: outer.shared }),
  };
  try {
    return await run(invocation);
  } finally {
    progress.end();
    release();
  }
}

/** Global flags keep the values of the outer command line. */
function mergeFlags(flags: FlagValues, root: CommandNode, outer: Outer | undefined): FlagValues {
  if (outer === undefined) return flags;
  const globals = new Set([...root.flags, ...globalFlags].map(({ name }) => name));
  return new Map([
    ...[...flags].filter(([name]) => !globals.has(name)),
    ...[...outer.flags].filter(([name]) => globals.has(name)),
  ]);
}

/** The first SIGINT or SIGTERM stops cleanly, the second at once. */
function abortOnSignals(stop: AbortController): () => void {
  const onSignal = (): void => {
    if (stop.signal.aborted) process.exit(exitBySignal);
    stop.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return () => {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  };
}

function writeOutcome(
  stdout: NodeJS.WritableStream,
  output: Output,
  { lines, json, bytes }: Outcome,
  asJson: boolean,
): void {
  if (bytes !== undefined) stdout.write(bytes);
  else if (asJson) stdout.write(`${JSON.stringify(json, undefined, 2)}\n`);
  else if (lines.length > 0) output.write(`${lines.join('\n')}\n`);
}

/** The words that lead to a command, without the program. */
function wordsOf(path: readonly CommandNode[]): string {
  return path
    .slice(1)
    .map(({ name }) => name)
    .join(' ');
}

/** Help that was asked for, at the width of the terminal that it goes to. */
async function writeOwnHelp(
  io: CommandIo,
  path: readonly CommandNode[],
  topic: readonly string[],
): Promise<number> {
  const { helpOn } = await import('./help.ts');
  const width =
    'columns' in io.stdout && typeof io.stdout.columns === 'number' ? io.stdout.columns : undefined;
  return writeHelp(io, helpOn(path, topic, width));
}

function writeHelp({ stdout, stderr }: CommandIo, help: Help): number {
  switch (help.kind) {
    case 'text':
      writeLines(stdout, help.lines);
      return 0;
    case 'usage':
      writeLines(stderr, help.lines);
      return 0;
    case 'unknown':
      writeLines(stderr, [help.message]);
      return 1;
  }
}

function pluginOf(
  error: unknown,
  { env }: Pick<CommandIo, 'env'>,
): { readonly program: string; readonly args: readonly string[] } | undefined {
  if (!(error instanceof UsageError)) return undefined;
  const [word, ...args] = error.unknown;
  const program = word === undefined ? undefined : findPlugin(error.path, word, env);
  return program === undefined ? undefined : { program, args };
}

/** The program as a whole, and the commands that aptly does not have. */
function isOfEspejo(path: readonly CommandNode[]): boolean {
  return path.length === 1 || !isOfAptly(path);
}

/** Commands of aptly, and the program alone, are told about as aptly does. */
function isOfAptly(path: readonly CommandNode[]): boolean {
  return path.length === 1 || path.at(-1)?.aptlyUsage !== undefined;
}

/**
 * Tells a failure as aptly does, for scripts that read it (spec/cli.md 1.3, 1.4): the bare sentence, without code and remedy.
 * @returns the exit status
 */
function reportAptlyError(cause: unknown, io: Pick<CommandIo, 'stderr'>, words: readonly string[]): number {
  if (!isEspejoError(cause)) return reportError(cause, io, { words, json: false });
  if (cause instanceof UsageError) {
    // The usage of a whole program would push the reason out of sight; aptly prints it here too.
    const isWrongWord = cause.path.length === 1 && words.length > 0;
    if (!isWrongWord) writeLines(io.stderr, usageOf(cause.path));
    writeLines(io.stderr, [`${cause.message} (${cause.hint})`]);
    if (cause.fault !== 'value') writeLines(io.stderr, [`ERROR: unable to parse ${cause.fault}`]);
    return errorCodes.E_USAGE.exit;
  }
  writeLines(io.stderr, [`ERROR: ${cause.message}`, ...cause.details.map((detail) => `  ${detail}`)]);
  if (hasWord(words, 'debug')) writeLines(io.stderr, [inspect(cause)]);
  return errorCodes[cause.code].exit;
}

/**
 * Tells a failure: one line for a person, one object for a machine; causes and stack traces with -debug only.
 * @returns the exit status
 */
export function reportError(
  cause: unknown,
  { stderr }: Pick<CommandIo, 'stderr'>,
  { words, json }: { readonly words: readonly string[]; readonly json: boolean },
): number {
  const known = isEspejoError(cause) ? cause : fileError(cause, systemAction(cause));
  const error = isEspejoError(known)
    ? known
    : new EspejoError('E_INTERNAL', `a fault of espejo itself: ${String(cause)}`, {
        cause,
        hint: 'run again with -debug and report what it shows',
      });
  const { code, message, context, stage } = error;
  const hint = error.hint ?? remedyOf(code);
  if (json) stderr.write(`${JSON.stringify({ error: { code, message, hint, stage, context } })}\n`);
  else {
    stderr.write(`ERROR: ${message}${hint === undefined ? '' : ` (${hint})`} [${code}]\n`);
    writeLines(
      stderr,
      error.details.map((detail) => `  ${detail}`),
    );
  }
  if (hasWord(words, 'debug')) stderr.write(`${inspect(cause)}\n`);
  return errorCodes[code].exit;
}

/** What an error of the system, which nobody has put into words, was about. */
function systemAction(cause: unknown): string {
  const { syscall = 'file operation', path = '' } = cause as { syscall?: string; path?: string };
  return `${syscall} ${path}`.trimEnd();
}

/** Whether a boolean flag stands on a command line that may be wrong elsewhere. */
function hasWord(words: readonly string[], flag: string): boolean {
  return words.includes(`-${flag}`) || words.includes(`--${flag}`);
}

function writeLines(stream: NodeJS.WritableStream, lines: readonly string[]): void {
  if (lines.length > 0) stream.write(`${lines.join('\n')}\n`);
}
