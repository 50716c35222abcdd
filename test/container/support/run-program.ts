import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

export type ProgramOptions = {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutSeconds?: number;
};

/** Runs a program to its end and returns its standard output; a failure carries all it printed. */
export async function runProgram(
  program: string,
  args: readonly string[],
  { cwd, env = {}, timeoutSeconds = 60 }: ProgramOptions = {},
): Promise<string> {
  const options = {
    cwd,
    env: { ...process.env, ...env },
    timeout: timeoutSeconds * 1000,
    maxBuffer: 64 * 1024 * 1024,
  };
  const { stdout } = await execute(program, args, options).catch((cause: unknown) => {
    throw new Error(`${program} ${args.join(' ')} failed${printed(cause)}`, { cause });
  });
  return stdout;
}

function printed(cause: unknown): string {
  if (!(cause instanceof Error) || !('stdout' in cause) || !('stderr' in cause)) return '';
  return `\n${cause.stdout}\n${cause.stderr}`.slice(-8000);
}
