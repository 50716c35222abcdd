import { spawn } from 'node:child_process';
import { EspejoError, isEspejoError } from '../../core/errors.ts';
import { runProgram } from '../../core/run-program.ts';

type DrawOptions = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Told what `dot` says on its standard error. */
  readonly say: (text: string) => void;
};

/** Formats that are the text of a graph itself, for which Graphviz is not needed. */
export function isGraphText(format: string): boolean {
  return ['dot', 'gv', 'text'].includes(format);
}

/**
 * A graph drawn by the program `dot`.
 * @param format anything that `dot -T` knows
 * @throws E_TOOL_MISSING; E_BAD_VALUE with the words of aptly when `dot` refuses; E_ABORTED
 */
export async function drawGraph(text: string, format: string, options: DrawOptions): Promise<Buffer> {
  const { env, signal, say } = options;
  const { status, output, complaint } = await runProgram('dot', [`-T${format}`], {
    env,
    signal,
    input: Buffer.from(text),
  }).catch((error: unknown) => {
    throw isEspejoError(error, 'E_TOOL_MISSING', 'E_PERMISSION', 'E_IO') ? missing(error) : error;
  });
  if (complaint !== '') say(complaint.trimEnd());
  if (status === 0) return output;
  throw new EspejoError('E_BAD_VALUE', `exit status ${status ?? 'unknown'}`, { context: { program: 'dot' } });
}

function missing(error: EspejoError): EspejoError {
  const { message } = error.cause instanceof Error ? error.cause : error;
  return new EspejoError(
    'E_TOOL_MISSING',
    `unable to execute dot: ${message} (is graphviz package installed?)`,
    { cause: error, hint: 'install graphviz, or use -format=dot' },
  );
}

/** The program of the system that opens a file with whatever shows its kind. */
export function viewerOf(platform: NodeJS.Platform): string {
  return platform === 'darwin' ? '/usr/bin/open' : 'xdg-open';
}

/**
 * Opens a file for the person at the screen and does not wait until it is closed.
 * @returns whether there is such a program
 */
export async function openViewer(
  program: string,
  path: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<boolean> {
  const child = spawn(program, [path], { env, detached: true, stdio: 'ignore' });
  return await new Promise((resolve) => {
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}
