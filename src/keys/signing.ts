import { readFile } from 'node:fs/promises';
import { about, isEspejoError } from '../core/errors.ts';
import { fileError } from '../core/files.ts';
import type { Signer } from '../openpgp/contract.ts';
import { gpgSigner } from '../openpgp/gpg-program.ts';
import { type AskPassphrase, loadKeyringSigner } from '../openpgp/keyring-signer.ts';
import { readPrivateKeysOf } from '../openpgp/private-keys.ts';
import { loadSigner } from '../openpgp/signer.ts';
import { gnupgPath } from './gnupg-home.ts';
import { namedProvider, type Provider } from './gpg-provider.ts';
import { passphraseOf } from './own-key.ts';
import type { KeyPorts } from './ports.ts';

/** How a publication is to be signed (semantics.md 7.5); empty texts and lists say nothing. */
export type SigningOptions = {
  /** Undefined: `gpgDisableSign` of the configuration. */
  readonly skip: boolean | undefined;
  /** `gpg`, `gpg1`, `gpg2` or `internal`; empty: the configuration. */
  readonly provider: string;
  /** Empty: `gpgKeys` of the configuration. */
  readonly keys: readonly string[];
  readonly keyrings: readonly string[];
  readonly secretKeyring: string;
  readonly passphrase: string;
  readonly passphraseFile: string;
  /** Ask nobody. */
  readonly batch: boolean;
  /** Told what gpg says. */
  readonly say?: (text: string) => void;
  /** Asks a person for the passphrase of a key that is used in process. */
  readonly ask?: AskPassphrase;
};

type Place = Pick<KeyPorts, 'config' | 'env'>;

/**
 * The signer of a publication, ready to sign; undefined when it is not to be signed.
 * @throws E_BAD_VALUE for an unknown provider; with aptly's `unable to initialize GPG signer` in front: E_TOOL_MISSING,
 *   E_KEY_NOT_FOUND, E_KEY_INVALID, E_KEY_PASSPHRASE, E_IO, E_PERMISSION; E_ABORTED
 */
export async function signerForPublish(
  place: Place,
  options: SigningOptions,
  signal: AbortSignal,
): Promise<Signer | undefined> {
  if (options.skip ?? place.config.aptly.gpgDisableSign) return undefined;
  const keys = wantedKeys(options.keys.length > 0 ? options.keys : place.config.aptly.gpgKeys);
  const provider = await chooseProvider(place, { ...options, keys });
  try {
    switch (provider) {
      case 'espejo':
        return await ownSigner(place, options);
      case 'internal':
        return await keyringSigner(place, { ...options, keys });
      default:
        return await gpgSigner({ ...options, keys, provider, env: place.env, signal });
    }
  } catch (error) {
    throw isEspejoError(error, 'E_ABORTED') ? error : about('unable to initialize GPG signer', error);
  }
}

/** Espejo's own key signs when it is there and nothing speaks of other keys. */
async function chooseProvider(place: Place, options: SigningOptions): Promise<Provider | 'espejo'> {
  const named = namedProvider(place, options.provider);
  if (named !== undefined) return named;
  const { keys, keyrings, secretKeyring } = options;
  const speaksOfOthers = keys.length > 0 || keyrings.length > 0 || secretKeyring !== '';
  if (speaksOfOthers || (await readPrivateKeysOf(place.config.keys.directory)).length === 0) return 'gpg';
  return 'espejo';
}

function wantedKeys(keys: readonly string[]): readonly string[] {
  return keys.map((key) => key.trim()).filter((key) => key !== '');
}

async function ownSigner(place: Place, options: SigningOptions): Promise<Signer> {
  const passphrase = (await givenPassphrase(options)) ?? (await passphraseOf(place));
  return await loadSigner({
    directory: place.config.keys.directory,
    ...(passphrase === undefined ? {} : { passphrase }),
  });
}

/** Of several keys and keyrings the last one counts, as in aptly. */
async function keyringSigner({ env }: Place, options: SigningOptions): Promise<Signer> {
  const { keys, keyrings, secretKeyring, batch, ask } = options;
  return await loadKeyringSigner({
    secretKeyring: gnupgPath(secretKeyring === '' ? 'secring.gpg' : secretKeyring, env),
    publicKeyring: gnupgPath(keyrings.at(-1) ?? 'pubring.gpg', env),
    key: keys.at(-1),
    passphrase: await givenPassphrase(options),
    ask: batch ? undefined : ask,
  });
}

async function givenPassphrase({ passphrase, passphraseFile }: SigningOptions): Promise<string | undefined> {
  if (passphraseFile === '') return passphrase === '' ? undefined : passphrase;
  try {
    return (await readFile(passphraseFile, 'utf8')).trim();
  } catch (cause) {
    throw fileError(cause, `cannot read the passphrase file ${passphraseFile}`);
  }
}
