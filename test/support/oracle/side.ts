import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { runCommandLine } from '../../../src/cli/run-command-line.ts';
import { rootCommand } from '../../../src/cli/table.ts';
import { type Files, writeFiles } from '../../builders/incoming.ts';
import { aptlyProgram } from '../aptly.ts';
import { espejoProgram, sharedCaches } from '../run-cli.ts';
import { openShell, type Ran, type Shell } from './shell.ts';

/** One of the two programs with a directory of its own; its root directory is `root` therein. */
export type Side = {
  readonly cwd: string;
  run(words: readonly string[], stdin?: string): Promise<Ran>;
  /** Other programs of the machine. */
  exec(program: string, words: readonly string[]): Promise<Ran>;
  close(): void;
};

type Place = {
  readonly cwd: string;
  readonly files: Files;
  readonly config: Readonly<Record<string, unknown>>;
};

/** The real aptly, a process for each command. */
export async function aptlySide(place: Place): Promise<Side> {
  const { shell } = await prepare(place);
  const run: Side['run'] = (words, stdin) => shell.run(aptlyProgram ?? 'aptly', words, stdin);
  return { cwd: place.cwd, run, exec: shell.run, close: shell.close };
}

/** espejo in this process, which takes a tenth of a start; as a process where standard input matters. */
export async function espejoSide(place: Place): Promise<Side> {
  const { shell, env } = await prepare(place);
  const { cwd } = place;
  const run: Side['run'] = (words, stdin) =>
    stdin === undefined ? runHere(words, { cwd, env }) : shell.run(espejoProgram, words, stdin);
  return { cwd, run, exec: shell.run, close: shell.close };
}

/** 1.5.0 has another default downloader, with other words. */
const always = { gpgProvider: 'internal', downloader: 'default' };

type Environment = { readonly cwd: string; readonly env: Record<string, string> };

async function prepare({
  cwd,
  files,
  config,
}: Place): Promise<{ shell: Shell; env: Record<string, string> }> {
  const home = join(cwd, 'home');
  await mkdir(home, { recursive: true });
  const text = JSON.stringify({ ...always, rootDir: join(cwd, 'root'), ...config });
  await writeFile(join(home, '.aptly.conf'), text.replaceAll('{cwd}', cwd));
  await writeFiles(cwd, files);
  const env = {
    PATH: `${cwd}/bin:${process.env['PATH']}`,
    HOME: home,
    GNUPGHOME: join(home, '.gnupg'),
    TZ: 'UTC',
    ...sharedCaches,
  };
  return { env, shell: await openShell(join(home, 'said'), { cwd, env }) };
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
