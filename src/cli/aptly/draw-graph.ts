import { spawn } from 'node:child_process';
import { buffer } from 'node:stream/consumers';
import { abortedError } from '../../core/abort.ts';
import { EspejoError } from '../../core/errors.ts';

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
  const child = spawn('dot', [`-T${format}`], { env, signal, stdio: 'pipe' });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) => reject(signal.aborted ? abortedError(signal) : missing(error)));
    child.once('close', resolve);
  });
  // It may end without having read everything.
  child.stdin.on('error', () => undefined);
  child.stdin.end(text);
  const [exit, drawing, complaint] = await Promise.all([ended, buffer(child.stdout), buffer(child.stderr)]);
  if (complaint.byteLength > 0) say(complaint.toString('utf8').trimEnd());
  if (exit === 0) return drawing;
  throw new EspejoError('E_BAD_VALUE', `exit status ${exit ?? 'unknown'}`, { context: { program: 'dot' } });
}

function missing(cause: Error): EspejoError {
  return new EspejoError(
    'E_TOOL_MISSING',
    `unable to execute dot: ${cause.message} (is graphviz package installed?)`,
    { cause, hint: 'install graphviz, or use -format=dot' },
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
