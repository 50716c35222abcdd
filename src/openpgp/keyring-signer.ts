import { EspejoError, isEspejoError } from '../core/errors.ts';
import type { KeyFacts, Signer } from './contract.ts';
import { keyFacts, loadKeyring } from './keyring.ts';
import { matchingKeys, readKeyFile, type StoredKey } from './private-keys.ts';
import { makeSigner, type SigningKey, tryPassphrase } from './signer.ts';

export type KeyringSignerOptions = {
  /** Secret keys as GnuPG 1 keeps them (`secring.gpg`) or exports them. */
  readonly secretKeyring: string;
  /** Their public parts, which may be newer (`pubring.gpg`); it may be absent. */
  readonly publicKeyring: string;
  /** Key id, fingerprint or part of a user id; the first key that there is by default. */
  readonly key: string | undefined;
  readonly passphrase: string | undefined;
  /** Asks a person for the passphrase of a locked key; undefined when nobody is there. */
  readonly ask: AskPassphrase | undefined;
  readonly now?: Date;
};

/** @param attempt from 1 on */
export type AskPassphrase = (key: KeyFacts, attempt: number) => Promise<string>;

const attempts = 3;

/**
 * Makes a signer of one key in a keyring of GnuPG, in process (aptly's `internal` provider).
 * @throws E_KEY_NOT_FOUND, E_KEY_PASSPHRASE in aptly's words; E_KEY_INVALID
 */
export async function loadKeyringSigner(options: KeyringSignerOptions): Promise<Signer> {
  const keys = await secretKeys(options.secretKeyring);
  const stored = await refreshed(chosenKey(keys, options), options.publicKeyring);
  return await makeSigner([{ stored, wanted: options.key }], {
    now: options.now ?? new Date(),
    unlock: (key) => unlock(key, options),
  });
}

async function secretKeys(path: string): Promise<readonly StoredKey[]> {
  try {
    return await readKeyFile(path);
  } catch (error) {
    if (isEspejoError(error, 'E_KEY_NOT_FOUND')) return [];
    throw error;
  }
}

function chosenKey(keys: readonly StoredKey[], { key, secretKeyring }: KeyringSignerOptions): StoredKey {
  const [first] = key === undefined ? keys : matchingKeys(keys, key);
  if (first !== undefined) return first;
  const message =
    key === undefined
      ? 'looks like there are no keys in gpg, please create one (official manual: http://www.gnupg.org/gph/en/manual.html)'
      : `couldn't find key for key reference ${key} in private keyring`;
  throw new EspejoError('E_KEY_NOT_FOUND', message, {
    context: { secretKeyring },
    hint: `GnuPG 2 keeps secret keys elsewhere: gpg --export-secret-keys > ${secretKeyring}`,
  });
}

/** The key with what the public keyring knows of it, as a later date of expiry. */
async function refreshed(stored: StoredKey, publicKeyring: string): Promise<StoredKey> {
  try {
    const { certificates } = await loadKeyring([{ path: publicKeyring }]);
    const newer = certificates.find((one) => one.getFingerprint() === stored.key.getFingerprint());
    return newer === undefined ? stored : { ...stored, key: await stored.key.update(newer) };
  } catch (error) {
    if (isEspejoError(error, 'E_KEYRING_INVALID')) return stored;
    throw error;
  }
}

async function unlock(key: SigningKey, { passphrase, ask }: KeyringSignerOptions): Promise<void> {
  if (passphrase !== undefined && passphrase !== '') {
    if (await tryPassphrase(key, passphrase)) return;
  } else if (ask === undefined) {
    throw locked('key is locked with passphrase, but no passphrase was given in batch mode');
  } else {
    const facts = keyFacts(key.stored.key.toPublic());
    for (let attempt = 1; attempt <= attempts; attempt += 1)
      if (await tryPassphrase(key, await ask(facts, attempt))) return;
  }
  throw locked('unable to decrypt the key, passphrase is wrong');
}

function locked(message: string): EspejoError {
  return new EspejoError('E_KEY_PASSPHRASE', message, { hint: 'give it with -passphrase-file' });
}
