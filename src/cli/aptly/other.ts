import { randomBytes } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { configJson, configYaml } from '../../aptly/config-text.ts';
import { renderGraph } from '../../aptly/graph.ts';
import { EspejoError, systemCode } from '../../core/errors.ts';
import { fileError, writeFileAtomically } from '../../core/files.ts';
import { withoutLogins } from '../../core/redact.ts';
import { graphFacts } from '../../upkeep/graph.ts';
import { boolFlag, type Handler, type Invocation, type Outcome, stringFlag } from '../command.ts';
import { configOf, openShared, withApp } from '../session.ts';
import { commandList } from './command-list.ts';
import { drawGraph, isGraphText, openViewer, viewerOf } from './draw-graph.ts';
import { splitWords } from './split-words.ts';

/** The commands that are about no one kind of object. */
export const other = { 'config show': showConfig, graph, 'task run': runTask } satisfies Readonly<
  Record<string, Handler>
>;

/** `config show` (spec/cli.md 3). */
async function showConfig(invocation: Invocation): Promise<Outcome> {
  const config = await configOf(invocation);
  if (boolFlag(invocation.flags, 'yaml')) return { lines: [configYaml(config), ''] };
  return { lines: [configJson(config)] };
}

/** `graph` (spec/cli.md 10). */
async function graph(invocation: Invocation): Promise<Outcome> {
  const { flags, cwd, print } = invocation;
  const output = stringFlag(flags, 'output') ?? '';
  // The name of the file says it best; without an extension the flag does.
  const format = extname(output).slice(1) || (stringFlag(flags, 'format') ?? 'png');
  const layout = stringFlag(flags, 'layout') === 'vertical' ? 'vertical' : 'horizontal';
  const text = renderGraph(await withApp(invocation, graphFacts), layout);
  if (format === 'text' && output === '') return { lines: text.trimEnd().split('\n') };
  print('Generating graph...\n');
  const bytes = isGraphText(format) ? Buffer.from(text) : await drawGraph(text, format, invocation);
  if (output === '') return await show(bytes, format, invocation);
  await save(resolve(cwd, output), bytes);
  return { lines: [`Output saved to ${output}`] };
}

/** Not by a rename: what is named may be a device or a symbolic link. */
async function save(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFile(path, bytes);
  } catch (cause) {
    throw fileError(cause, `cannot write ${path}`);
  }
}

/** Leaves the drawing where the viewer, or the person when there is none, finds it. */
async function show(bytes: Uint8Array, format: string, { env, print }: Invocation): Promise<Outcome> {
  const extension = format.replace(/[^A-Za-z0-9]+/g, '-');
  const path = join(tmpdir(), `espejo-graph-${randomBytes(6).toString('hex')}.${extension}`);
  await writeFileAtomically(path, bytes, 0o600);
  const viewer = viewerOf(process.platform);
  print(`Rendered to ${format} file: ${path}, trying to open it with: ${viewer} ${path}...\n`);
  return { lines: (await openViewer(viewer, path, env)) ? [] : [`Output saved to ${path}`] };
}

type Commands = readonly (readonly string[])[];

/** `task run` (spec/cli.md 13): commands one after the other on one open root, until one fails. */
async function runTask(invocation: Invocation): Promise<Outcome> {
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
}

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
