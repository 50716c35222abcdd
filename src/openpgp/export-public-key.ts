import { armor, enums, type PrivateKey } from 'openpgp';
import type { PublicKeyExport } from './contract.ts';
import { openpgpConfig } from './policy.ts';
import { findPrivateKey } from './private-keys.ts';

/**
 * The public part of a private key in a directory; needs no passphrase.
 * @throws E_KEY_NOT_FOUND, E_KEY_INVALID
 */
export async function exportPublicKey(options: {
  readonly directory: string;
  readonly key?: string;
}): Promise<PublicKeyExport> {
  const { key } = await findPrivateKey(options.directory, options.key);
  return renderPublicKeys([key]);
}

/** The public parts of keys, as one block and one keyring. */
export function renderPublicKeys(keys: readonly PrivateKey[]): PublicKeyExport {
  const binary = Buffer.concat(keys.map((key) => key.toPublic().write()));
  const block = armor(enums.armor.publicKey, binary, undefined, undefined, undefined, true, openpgpConfig);
  return { armored: block.replaceAll('\r\n', '\n'), binary };
}
