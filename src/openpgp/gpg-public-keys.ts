import { isEspejoError } from '../core/errors.ts';
import { type ProgramOptions, runProgram } from '../core/run-program.ts';
import type { Keyring } from './contract.ts';
import { findGpgs } from './find-gpg.ts';
import { readPublicKeys } from './keyring.ts';

/**
 * Public keys that the `gpg` programs of this machine have, of both families.
 * @param ids fingerprints or key ids, hexadecimal
 * @returns nothing where there is no gpg, or none that has them
 * @throws E_ABORTED
 */
export async function findPublicKeys(
  ids: readonly string[],
  running: Pick<ProgramOptions, 'env' | 'signal'>,
): Promise<Keyring> {
  const found: Buffer[] = [];
  try {
    for (const { name } of await findGpgs('gpg', running)) {
      const wanted = ids.map((id) => `0x${id}`);
      const { output } = await runProgram(name, ['--batch', '--no-tty', '--export', ...wanted], running);
      found.push(output);
    }
  } catch (error) {
    if (!isEspejoError(error, 'E_TOOL_MISSING', 'E_PERMISSION', 'E_IO')) throw error;
  }
  return await readPublicKeys(Buffer.concat(found));
}
