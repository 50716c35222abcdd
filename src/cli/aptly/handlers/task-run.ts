import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { EspejoError, systemCode } from '../../../core/errors.ts';
import { fileError } from '../../../core/files.ts';
import { withoutLogins } from '../../../core/redact.ts';
import { type Handler, type Invocation, stringFlag } from '../../command.ts';
import { configOf, openShared } from '../../session.ts';
import { commandList } from '../command-list.ts';
import { splitWords } from '../split-words.ts';

type Commands = readonly (readonly string[])[];

/** `task run` (spec/cli.md 13): commands one after the other on one open root, until one fails. */
export const run: Handler = async (invocation) => {
  await using shared = openShared(invocation);
  await configOf({ ...invocation, shared });
  const commands = await commandsOf(invocation);
  let failed = false;
  for (const [position, command] of commands.entries()) {
    const title = `${position + 1}) [${failed ? 'Skipping' : 'Running'}]: ${withoutLogins(command.join(' '))}`;
    if (failed) {
      invocation.print(`${title}\n`);
      continue;
    }
    invocation.print(`${title}\n\nBegin command output: ----------------------------\n`);
    failed = (await invocation.runWords(command, shared)) !== 0;
    invocation.print('\nEnd command output: ------------------------------\n');
    invocation.signal.throwIfAborted();
  }
  if (failed) throw new EspejoError('E_TASK_FAILED', 'at least one command has reported an error');
  return { lines: [] };
};

async function commandsOf(invocation: Invocation): Promise<Commands> {
  const { args, flags, print } = invocation;
  const filename = stringFlag(flags, 'filename') ?? '';
  if (filename !== '') {
    const text = await readCommands(resolve(invocation.cwd, filename), filename);
    print('Reading file...\n\n');
    return notEmpty(commandsIn(text.split('\n')), 'the file is empty');
  }
  if (args.length > 0) return notEmpty(commandList(args), 'nothing entered');
  return notEmpty(commandsIn(await askForLines(invocation)), 'nothing entered');
}

function commandsIn(lines: readonly string[]): Commands {
  return lines.flatMap((line) => commandList(splitWords(line.trim())));
}

function notEmpty(commands: Commands, complaint: string): Commands {
  if (commands.length === 0) throw new EspejoError('E_BAD_VALUE', complaint);
  return commands;
}

async function readCommands(path: string, name: string): Promise<string> {
  try {
    if ((await stat(path)).isDirectory()) throw noSuchFile(name);
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw systemCode(cause) === 'ENOENT' ? noSuchFile(name) : fileError(cause, `unable to read ${name}`);
  }
}

function noSuchFile(name: string): EspejoError {
  return new EspejoError('E_IO', `no such file, ${name}`);
}

/** Lines of standard input up to an empty one or its end. */
async function askForLines({ print, stdin = process.stdin }: Invocation): Promise<readonly string[]> {
  print('Please enter one command per line and leave one blank when finished.\n> ');
  const input = createInterface({ input: stdin, crlfDelay: Number.POSITIVE_INFINITY });
  const lines: string[] = [];
  for await (const line of input) {
    if (line.trim() === '') break;
    lines.push(line);
    print('> ');
  }
  input.close();
  return lines;
}
