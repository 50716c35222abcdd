import { inspect } from 'node:util';
import { errorCodes } from '../core/error-codes.ts';
import { EspejoError, isEspejoError } from '../core/errors.ts';
import { boolFlag, type Invocation, type Outcome } from './command.ts';
import { type ParsedCommand, parseCommandLine, UsageError } from './grammar.ts';
import { rootCommand } from './table.ts';
import { usageLines } from './usage.ts';

/** The second signal does not wait for anything. */
const exitBySignal = 130;

process.exitCode = await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<number> {
  let command: ParsedCommand | undefined;
  try {
    const parsed = parseCommandLine(rootCommand, words);
    if (parsed.kind === 'help') {
      writeLines(process.stderr, usageLines(parsed.path));
      return errorCodes.E_USAGE.exit;
    }
    command = parsed;
    const outcome = await execute(parsed);
    await writeOutcome(parsed, outcome);
    return outcome.exit ?? 0;
  } catch (error) {
    return reportError(error, command);
  }
}

async function execute({ leaf, args, flags }: ParsedCommand): Promise<Outcome> {
  const { run } = await leaf.load();
  const stop = new AbortController();
  const release = abortOnSignals(stop);
  const { progressReporter } = await import('./progress.ts');
  const progress = progressReporter(process.stderr, {
    json: boolFlag(flags, 'json'),
    quiet: boolFlag(flags, 'quiet'),
  });
  const invocation: Invocation = {
    root: rootCommand,
    args,
    flags,
    env: process.env,
    cwd: process.cwd(),
    signal: stop.signal,
    report: progress.report,
    say: progress.say,
    print: (text) => process.stdout.write(text),
  };
  try {
    return await run(invocation);
  } finally {
    progress.end();
    release();
  }
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

async function writeOutcome({ flags }: ParsedCommand, { lines, json, bytes }: Outcome): Promise<void> {
  if (bytes !== undefined) process.stdout.write(bytes);
  else if (boolFlag(flags, 'json')) process.stdout.write(`${JSON.stringify(json, undefined, 2)}\n`);
  else writeLines(process.stdout, lines);
}

/** One line for a person, one object for a machine; stack traces with -debug only. */
function reportError(cause: unknown, command: ParsedCommand | undefined): number {
  const error = isEspejoError(cause)
    ? cause
    : new EspejoError('E_INTERNAL', String(cause), { cause, hint: 'run again with -debug' });
  const { code, message, hint, context } = error;
  if (command !== undefined && boolFlag(command.flags, 'json')) {
    process.stderr.write(`${JSON.stringify({ error: { code, message, hint, context } })}\n`);
  } else {
    process.stderr.write(`ERROR: ${message}${hint === undefined ? '' : ` (${hint})`} [${code}]\n`);
  }
  if (command !== undefined && boolFlag(command.flags, 'debug')) process.stderr.write(`${inspect(cause)}\n`);
  if (error instanceof UsageError) writeLines(process.stderr, ['', ...usageLines(error.path)]);
  return errorCodes[code].exit;
}

function writeLines(stream: NodeJS.WritableStream, lines: readonly string[]): void {
  if (lines.length > 0) stream.write(`${lines.join('\n')}\n`);
}
