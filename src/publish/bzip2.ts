import { throwIfAborted } from '../core/abort.ts';
import { EspejoError, isEspejoError } from '../core/errors.ts';
import { runProgram } from '../core/run-program.ts';

/** What bzip2 makes of nothing; half of the indexes of a small suite are empty, and each would start a program. */
const nothing = Buffer.from('425a683917724538509000000000', 'hex');

/**
 * Compresses the bytes of some pieces through the `bzip2` program, as aptly does; Node has no compressor for it. Equal input, equal output.
 * @throws E_TOOL_MISSING when the program is not there; E_IO when it fails; E_ABORTED
 */
export async function compressBzip2(pieces: readonly Uint8Array[], signal: AbortSignal): Promise<Buffer> {
  throwIfAborted(signal);
  if (pieces.every(({ length }) => length === 0)) return Buffer.from(nothing);
  const { status, output, complaint } = await run(pieces, signal);
  if (status === 0) return output;
  const reason = complaint.split('\n')[0] ?? '';
  throw new EspejoError('E_IO', `bzip2 failed: ${reason === '' ? `status ${status ?? 'unknown'}` : reason}`);
}

async function run(pieces: readonly Uint8Array[], signal: AbortSignal) {
  try {
    return await runProgram('bzip2', ['-c', '-9'], { input: pieces, signal });
  } catch (cause) {
    if (!isEspejoError(cause, 'E_TOOL_MISSING')) throw cause;
    throw new EspejoError('E_TOOL_MISSING', cause.message, {
      cause,
      hint: 'install the package bzip2, or publish without .bz2 indexes (-skip-bz2)',
    });
  }
}
