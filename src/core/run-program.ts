import { type ChildProcess, spawn } from 'node:child_process';
import { throwIfAborted } from './abort.ts';
import { EspejoError, systemCode } from './errors.ts';

export type ProgramOptions = {
  readonly signal: AbortSignal;
  /** `PATH` of it is searched; that of this process by default. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Bytes for its standard input, or pieces of them; with `terminal` it has that of this process. Nothing by default. */
  readonly input?: Uint8Array | readonly Uint8Array[] | 'terminal';
  /** Bytes that it may read from descriptor 3, where nobody else sees them. */
  readonly secret?: Uint8Array;
  /** Told what it writes to its standard error, as it comes. */
  readonly onComplaint?: (text: string) => void;
};

export type ProgramEnd = {
  /** Null when a signal ended it. */
  readonly status: number | null;
  readonly output: Buffer;
  /** What it wrote to its standard error. */
  readonly complaint: string;
};

/**
 * Runs a program to its end; the signal kills it.
 * @throws E_TOOL_MISSING when it is not there; E_PERMISSION, E_IO when it cannot be started; E_ABORTED
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<ProgramEnd> {
  const { signal, input, secret, onComplaint } = options;
  throwIfAborted(signal);
  const child = start(program, args, options);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  feed(child.stdin, input === 'terminal' ? undefined : input);
  feed(child.stdio[3], secret);
  const [output, complaint]: [Buffer[], string[]] = [[], []];
  child.stdout?.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint.push(text);
    onComplaint?.(text);
  });
  const status = await ended.catch((cause: unknown) => {
    throwIfAborted(signal);
    throw notStarted(program, cause);
  });
  return { status, output: Buffer.concat(output), complaint: complaint.join('') };
}

function start(
  program: string,
  args: readonly string[],
  { signal, env, input, secret }: ProgramOptions,
): ChildProcess {
  try {
    return spawn(program, args, {
      signal,
      ...(env === undefined ? {} : { env }),
      stdio: [
        input === 'terminal' ? 'inherit' : 'pipe',
        'pipe',
        'pipe',
        ...(secret === undefined ? [] : ['pipe' as const]),
      ],
    });
  } catch (cause) {
    throw notStarted(program, cause);
  }
}

/** A program that ends early says why in its status; that nobody read the rest says nothing more. */
function feed(stream: unknown, bytes: Uint8Array | readonly Uint8Array[] = []): void {
  const writable = stream as NodeJS.WritableStream | null | undefined;
  writable?.on('error', () => undefined);
  for (const piece of bytes instanceof Uint8Array ? [bytes] : bytes) writable?.write(piece);
  writable?.end();
}

function notStarted(program: string, cause: unknown): unknown {
  const system = systemCode(cause);
  const context = { program };
  switch (system) {
    case 'ENOENT':
      return new EspejoError('E_TOOL_MISSING', `${program} is not on this machine`, { cause, context });
    case 'EACCES':
    case 'EPERM':
      return new EspejoError('E_PERMISSION', `${program} may not be run (${system})`, { cause, context });
    default:
      return new EspejoError('E_IO', `${program} cannot be run: ${system ?? String(cause)}`, {
        cause,
        context,
      });
  }
}
