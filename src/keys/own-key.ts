import type { EspejoConfig, MirrorConfig, PublicationConfig } from '../config/config.ts';
import { isEspejoError } from '../core/errors.ts';
import type { Keyring, PublicKeyExport, Signer } from '../openpgp/contract.ts';
import { exportPublicKey } from '../openpgp/export-public-key.ts';
import { type GeneratedKey, generateKey } from '../openpgp/generate-key.ts';
import { loadKeyring } from '../openpgp/keyring.ts';
import { loadSigner } from '../openpgp/signer.ts';
import { readPassphraseFile } from './passphrase.ts';

type KeyPlace = { readonly config: EspejoConfig; readonly env: Readonly<Record<string, string | undefined>> };

/** The keys that a mirror trusts; empty when it does not verify. */
export async function keyringOf({ keyrings, keys, verifySignatures }: MirrorConfig): Promise<Keyring> {
  if (!verifySignatures) return { keys: [], certificates: [] };
  return await loadKeyring([...keyrings.map((path) => ({ path })), ...keys.map((armored) => ({ armored }))]);
}

/** The signer of a publication; undefined when it is published unsigned. */
export async function signerOf(
  place: KeyPlace,
  { sign, key }: PublicationConfig,
): Promise<Signer | undefined> {
  return sign ? await signerFor(place, key) : undefined;
}

/**
 * The signer with the key asked for, or with the only one there is.
 * @throws E_KEY_NOT_FOUND, E_KEY_INVALID, E_KEY_PASSPHRASE
 */
async function signerFor(place: KeyPlace, key: string | undefined): Promise<Signer> {
  const passphrase = await passphraseOf(place);
  return await loadSigner({
    directory: place.config.keys.directory,
    ...(key === undefined ? {} : { key }),
    ...(passphrase === undefined ? {} : { passphrase }),
  });
}

/** Makes the mirror's own pair unless there is one. */
export async function makeKey(place: KeyPlace & { readonly now: () => Date }): Promise<GeneratedKey> {
  const { directory, userId } = place.config.keys;
  const passphrase = await passphraseOf(place);
  return await generateKey({
    directory,
    userId,
    now: place.now(),
    ...(passphrase === undefined ? {} : { passphrase }),
  });
}

/** The public half of a key, which needs no passphrase. */
export async function publicKeyOf({ config }: KeyPlace, key: string | undefined): Promise<PublicKeyExport> {
  return await exportPublicKey({ directory: config.keys.directory, ...(key === undefined ? {} : { key }) });
}

/** The same, or undefined while there is no key. */
export async function publicKeyIfAny(place: KeyPlace): Promise<PublicKeyExport | undefined> {
  const key = place.config.publications.find((one) => one.key !== undefined)?.key;
  return await publicKeyOf(place, key).catch((error: unknown) => {
    if (isEspejoError(error, 'E_KEY_NOT_FOUND')) return undefined;
    throw error;
  });
}

/** The passphrase of the configuration or the environment. */
export async function passphraseOf({ config, env }: KeyPlace): Promise<string | undefined> {
  const { passphraseFile } = config.keys;
  return passphraseFile === undefined ? env['ESPEJO_PASSPHRASE'] : await readPassphraseFile(passphraseFile);
}
