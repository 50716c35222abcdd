import { spawn } from 'node:child_process';
import { throwIfAborted } from '../core/abort.ts';
import { EspejoError, systemCode } from '../core/errors.ts';

/**
 * Compresses bytes through the `bzip2` program, as aptly does; Node has no compressor for it. Equal input, equal output.
 * @throws E_TOOL_MISSING when the program is not there; E_IO when it fails; E_ABORTED
 */
export async function compressBzip2(bytes: Uint8Array, signal: AbortSignal): Promise<Buffer> {
  throwIfAborted(signal);
  const child = spawn(program, ['-c', '-9'], { stdio: ['pipe', 'pipe', 'pipe'], signal });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  // A program that ends early says why in its status; the broken pipe says nothing more.
  child.stdin.on('error', () => undefined);
  child.stdin.end(bytes);
  const [status, output, complaint] = await Promise.all([
    ended,
    child.stdout.toArray(),
    child.stderr.toArray(),
  ]).catch((cause: unknown) => {
    throwIfAborted(signal);
    throw notStarted(cause);
  });
  if (status === 0) return Buffer.concat(output);
  throw new EspejoError('E_IO', `${program} failed: ${firstLine(complaint) || `status ${status}`}`);
}

const program = 'bzip2';

function notStarted(cause: unknown): unknown {
  if (systemCode(cause) !== 'ENOENT') return cause;
  return new EspejoError('E_TOOL_MISSING', `${program} is not on this machine`, {
    cause,
    hint: 'install the package bzip2, or publish without .bz2 indexes (-skip-bz2)',
  });
}

function firstLine(output: readonly Buffer[]): string {
  return Buffer.concat(output).toString('utf8').split('\n')[0] ?? '';
}
