import { armor, enums, type PrivateKey, type PublicKey } from 'openpgp';
import type { PublicKeyExport } from './contract.ts';
import { openpgpConfig } from './policy.ts';
import { findPrivateKey, readPrivateKeysOf, wantedKeys } from './private-keys.ts';

/**
 * The public part of private keys in a directory, several separated by commas; needs no passphrase.
 * @throws E_KEY_NOT_FOUND, E_KEY_INVALID
 */
export async function exportPublicKey(options: {
  readonly directory: string;
  readonly key?: string;
}): Promise<PublicKeyExport> {
  const found = await Promise.all(
    wantedKeys(options.key).map((wanted) => findPrivateKey(options.directory, wanted)),
  );
  return renderPublicKeys(found.map(({ key }) => key));
}

/**
 * The public parts of all private keys in a directory.
 * @throws E_KEY_INVALID
 */
export async function exportPublicKeys(directory: string): Promise<readonly PublicKeyExport[]> {
  return (await readPrivateKeysOf(directory)).map(({ key }) => renderPublicKeys([key]));
}

/** The public parts of keys, as one block and one keyring. */
export function renderPublicKeys(keys: readonly (PrivateKey | PublicKey)[]): PublicKeyExport {
  const binary = Buffer.concat(keys.map((key) => key.toPublic().write()));
  const block = armor(enums.armor.publicKey, binary, undefined, undefined, undefined, true, openpgpConfig);
  return { armored: block.replaceAll('\r\n', '\n'), binary };
}
