import { type SpawnOptions, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { runCommandLine } from '../../../src/cli/run-command-line.ts';
import { rootCommand } from '../../../src/cli/table.ts';
import { type Files, writeFiles } from '../../builders/incoming.ts';
import { aptlyProgram } from '../aptly.ts';
import { espejoProgram } from '../run-cli.ts';

export type Ran = { readonly exit: number | null; readonly stdout: string; readonly stderr: string };

/** One of the two programs with a directory of its own; its root directory is `root` therein. */
export type Side = {
  readonly cwd: string;
  run(words: readonly string[], stdin?: string): Promise<Ran>;
};

type Place = {
  readonly cwd: string;
  readonly files: Files;
  readonly config: Readonly<Record<string, unknown>>;
};

/** The real aptly, a process for each command. */
export async function aptlySide(place: Place): Promise<Side> {
  const env = await prepare(place);
  const { cwd } = place;
  return { cwd, run: (words, stdin) => runProcess(aptlyProgram ?? 'aptly', words, { cwd, env }, stdin) };
}

/** espejo in this process, which takes a tenth of a start; as a process where standard input matters. */
export async function espejoSide(place: Place): Promise<Side> {
  const env = await prepare(place);
  const { cwd } = place;
  return {
    cwd,
    run: (words, stdin) =>
      stdin === undefined
        ? runHere(words, { cwd, env })
        : runProcess(espejoProgram, words, { cwd, env }, stdin),
  };
}

/** 1.5.0 has another default downloader, with other words. */
const always = { gpgProvider: 'internal', downloader: 'default' };

type Environment = { readonly cwd: string; readonly env: Record<string, string> };

async function prepare({ cwd, files, config }: Place): Promise<Record<string, string>> {
  const home = join(cwd, 'home');
  await mkdir(home, { recursive: true });
  const text = JSON.stringify({ ...always, rootDir: join(cwd, 'root'), ...config });
  await writeFile(join(home, '.aptly.conf'), text);
  await writeFiles(cwd, files);
  return {
    PATH: `${cwd}/bin:${process.env['PATH']}`,
    HOME: home,
    GNUPGHOME: join(home, '.gnupg'),
    TZ: 'UTC',
  };
}

async function runHere(words: readonly string[], { cwd, env }: Environment): Promise<Ran> {
  const stdout = new Collector();
  const stderr = new Collector();
  const exit = await runCommandLine(rootCommand, words, { stdout, stderr, env, cwd });
  return { exit, stdout: stdout.text(), stderr: stderr.text() };
}

class Collector extends Writable {
  readonly #chunks: Buffer[] = [];

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#chunks.push(chunk);
    done();
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString();
  }
}

/** Runs a program to its end. */
export function runProcess(
  program: string,
  words: readonly string[],
  options: SpawnOptions,
  stdin = '',
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { ...options, stdio: 'pipe' });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(stdin);
    child.once('error', reject);
    child.once('close', (exit) => resolve({ exit, stdout, stderr }));
  });
}
