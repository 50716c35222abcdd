import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type App, openApp } from '../../src/app/app.ts';
import { leafCommands } from '../../src/cli/aptly/command-spec.ts';
import { handlers } from '../../src/cli/aptly/handlers.ts';
import { aptlyCommands } from '../../src/cli/aptly/table.ts';
import type { CommandNode, FlagValues, Invocation } from '../../src/cli/command.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { EspejoError } from '../../src/core/errors.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** What a command left. */
export type Ran = {
  /** Standard output. */
  readonly stdout: string;
  /** The message of the error that it failed with. */
  readonly error: string | undefined;
  readonly code: string | undefined;
};

/** A root directory that the handlers of aptly's commands work on. */
export type CommandRoot = {
  readonly directory: string;
  /** Runs the words of a command line without the program: `snapshot list -raw`. */
  run(...words: readonly string[]): Promise<Ran>;
  /** Standard output of a command that must not fail. */
  output(...words: readonly string[]): Promise<string>;
  /** What the commands warned of so far. */
  warnings(): readonly string[];
  /** Other lines that they told on standard error. */
  said(): readonly string[];
  /** Prepares what no command makes yet. */
  withApp<Result>(work: (app: App) => Promise<Result>): Promise<Result>;
};

/**
 * @param program what the messages call the program
 * @param options.config more keys of the configuration
 * @param options.parent where the directory is made
 */
export async function makeCommandRoot(
  program = 'espejo',
  { config: keys = {}, env = {}, parent }: CommandRootOptions = {},
): Promise<CommandRoot> {
  const directory = temporaryDirectory('commands', parent);
  const config = join(directory, 'aptly.conf');
  await writeFile(config, JSON.stringify({ rootDir: join(directory, 'root'), ...keys }));
  const warnings: string[] = [];
  const said: string[] = [];
  const run = (...words: readonly string[]): Promise<Ran> =>
    runWords(words, { directory, config, program, env, warnings, said });
  return {
    directory,
    run,
    warnings: () => warnings,
    said: () => said,
    async output(...words) {
      const { stdout, error } = await run(...words);
      if (error !== undefined) throw new Error(`${words.join(' ')}: ${error}`);
      return stdout;
    },
    async withApp(work) {
      const app = await openApp({
        config: await loadConfig({ env: {}, cwd: directory, explicitPath: config }),
        env: {},
        lockWaitMs: 1000,
        report: () => undefined,
      });
      try {
        return await work(app);
      } finally {
        await app.close();
      }
    },
  };
}

type CommandRootOptions = {
  readonly config?: object;
  readonly env?: Invocation['env'];
  readonly parent?: string;
};

type Place = {
  readonly directory: string;
  readonly config: string;
  readonly program: string;
  readonly env: Invocation['env'];
  readonly warnings: string[];
  readonly said: string[];
};

function loaderOf(words: string) {
  const load = handlers[words];
  if (load === undefined) throw new Error(`no command: ${words}`);
  return load;
}

async function runWords(words: readonly string[], place: Place): Promise<Ran> {
  const { directory, config, program, env, warnings, said } = place;
  const { path, flags, args } = parseWords(words);
  const { run } = await loaderOf(path.join(' '))();
  const printed: string[] = [];
  const invocation: Invocation = {
    root: { kind: 'group', name: program, summary: '', flags: [], commands: [] } satisfies CommandNode,
    args,
    flags: new Map([...flags, ['config', config]]),
    env,
    cwd: directory,
    ofAptly: true,
    signal: new AbortController().signal,
    report: (event) => {
      if (event.type === 'warning') warnings.push(event.message);
    },
    say: (line) => void said.push(line),
    runWords: () => Promise.reject(new Error('commands run alone here')),
    log: () => undefined,
    terminal: false,
    print: (text) => void printed.push(text),
  };
  try {
    const { lines, bytes } = await run(invocation);
    const result = bytes === undefined ? lines.map((line) => `${line}\n`).join('') : bytes.toString();
    return { stdout: printed.join('') + result, error: undefined, code: undefined };
  } catch (error) {
    if (!(error instanceof EspejoError)) throw error;
    return { stdout: printed.join(''), error: error.message, code: error.code };
  }
}

/** Flags as `-name` or `-name=value`, at any place before the arguments. */
function parseWords(words: readonly string[]): {
  readonly path: readonly string[];
  readonly flags: FlagValues;
  readonly args: readonly string[];
} {
  const flags = new Map<string, string | boolean | readonly string[]>();
  const rest: string[] = [];
  let leaf: ReturnType<typeof leafCommands>[number] | undefined;
  for (const word of words) {
    if (leaf !== undefined && rest.length > leaf.path.length) rest.push(word);
    else if (word.startsWith('-')) setFlag(flags, word);
    else {
      rest.push(word);
      leaf ??= leafCommands(aptlyCommands()).find(({ path }) => path.join(' ') === rest.join(' '));
    }
  }
  const path = leaf?.path ?? rest;
  return { path, flags, args: rest.slice(path.length) };
}

function setFlag(flags: Map<string, string | boolean | readonly string[]>, word: string): void {
  const [name = '', ...value] = word.replace(/^--?/, '').split('=');
  const text = value.join('=');
  const before = flags.get(name);
  if (listFlags.has(name)) flags.set(name, [...(Array.isArray(before) ? before : []), text]);
  else if (value.length === 0) flags.set(name, true);
  else flags.set(name, text === 'true' || text === 'false' ? text === 'true' : text);
}

const listFlags: ReadonlySet<string> = new Set(['keyring', 'gpg-key']);
