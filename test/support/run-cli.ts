import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';

export const espejoProgram = resolve(import.meta.dirname, '../../bin/espejo');

/**
 * What espejo keeps of its code once compiled (bin/espejo) is shared by all that tests start; a new HOME for
 * each would have each compile it again. Node writes each file anew and renames it, so that many can share.
 */
export const sharedCaches = { XDG_CACHE_HOME: resolve(import.meta.dirname, '../../.cache') } as const;

/** For what is started without bin/espejo: where that would find the code. */
export const compiledCode = join(sharedCaches.XDG_CACHE_HOME, 'espejo/compiled');

export type CliRun = {
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output as it came. */
  readonly bytes: Buffer;
  readonly exit: number | null;
};

export type CliOptions = {
  readonly cwd: string;
  /** `HOME`; nothing else of the environment of the tests is handed on but `PATH` and the caches that all share. */
  readonly home?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Instead of bin/espejo. */
  readonly program?: string;
};

/** Runs bin/espejo to its end. */
export async function runCli(args: readonly string[], options: CliOptions): Promise<CliRun> {
  const { ended } = startCli(args, options);
  return await ended;
}

export type RunningCli = {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<CliRun>;
  /** Resolves once `stream` has said something that fits, with all it said so far; rejects when it ends before. */
  said(stream: 'stdout' | 'stderr', pattern: RegExp): Promise<string>;
};

/** Starts bin/espejo. */
export function startCli(
  args: readonly string[],
  { cwd, home = cwd, env = {}, program = espejoProgram }: CliOptions,
): RunningCli {
  const path = process.env['PATH'] ?? '';
  const child = spawn(program, args, { cwd, env: { PATH: path, HOME: home, ...sharedCaches, ...env } });
  const chunks = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  const text = (stream: 'stdout' | 'stderr'): string => Buffer.concat(chunks[stream]).toString();
  child.stdout.on('data', (chunk: Buffer) => chunks.stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.stderr.push(chunk));
  const ended = new Promise<CliRun>((done, failed) => {
    child.once('error', failed);
    child.once('close', (exit) => {
      done({ stdout: text('stdout'), stderr: text('stderr'), bytes: Buffer.concat(chunks.stdout), exit });
    });
  });
  const said = (stream: 'stdout' | 'stderr', pattern: RegExp): Promise<string> =>
    new Promise((done, failed) => {
      const look = (): void => {
        if (pattern.test(text(stream))) done(text(stream));
      };
      child[stream].on('data', look);
      child.once('close', () =>
        failed(new Error(`it never said ${pattern}:\n${text('stdout')}${text('stderr')}`)),
      );
      look();
    });
  return { child, ended, said };
}
