import { readFile } from 'node:fs/promises';
import { fileError } from '../core/files.ts';

/**
 * The passphrase in a file, without blanks and line ends around it, as aptly reads it.
 * @throws E_IO, E_PERMISSION
 */
export async function readPassphraseFile(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (cause) {
    throw fileError(cause, `cannot read the passphrase file ${path}`);
  }
}
