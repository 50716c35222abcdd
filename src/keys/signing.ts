import { inStage } from '../core/errors.ts';
import type { Job } from '../core/progress.ts';
import type { Signer } from '../openpgp/contract.ts';
import { gpgSigner } from '../openpgp/gpg-program.ts';
import { loadKeyringSigner } from '../openpgp/keyring-signer.ts';
import { readPrivateKeysOf } from '../openpgp/private-keys.ts';
import { loadSigner } from '../openpgp/signer.ts';
import { gnupgPath } from './gnupg-home.ts';
import { namedProvider, type Provider } from './gpg-provider.ts';
import { passphraseOf } from './own-key.ts';
import { readPassphraseFile } from './passphrase.ts';
import type { KeyPorts } from './ports.ts';

/** How a publication is to be signed (spec/semantics.md 7.5); empty texts and lists say nothing. */
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
};

/**
 * The signer of a publication, ready to sign; undefined when it is not to be signed.
 * What gpg says goes as notes to the job.
 * @throws E_BAD_VALUE for an unknown provider; at the stage `sign`: E_TOOL_MISSING, E_KEY_NOT_FOUND, E_KEY_INVALID,
 *   E_KEY_PASSPHRASE, E_IO, E_PERMISSION; E_ABORTED
 */
export async function signerForPublish(
  ports: KeyPorts,
  options: SigningOptions,
  { signal, report }: Job,
): Promise<Signer | undefined> {
  if (options.skip ?? ports.config.aptly.gpgDisableSign) return undefined;
  const keys = wantedKeys(options.keys.length > 0 ? options.keys : ports.config.aptly.gpgKeys);
  const provider = await chooseProvider(ports, { ...options, keys });
  return await inStage('sign', async () => {
    switch (provider) {
      case 'espejo':
        return await ownSigner(ports, options);
      case 'internal':
        return await keyringSigner(ports, { ...options, keys });
      default: {
        const say = (text: string): void => report({ type: 'note', message: text.trimEnd() });
        return await gpgSigner({ ...options, keys, provider, env: ports.env, signal, say });
      }
    }
  });
}

/** Espejo's own key signs when it is there and nothing speaks of other keys. */
async function chooseProvider(ports: KeyPorts, options: SigningOptions): Promise<Provider | 'espejo'> {
  const named = namedProvider(ports, options.provider);
  if (named !== undefined) return named;
  const { keys, keyrings, secretKeyring } = options;
  const speaksOfOthers = keys.length > 0 || keyrings.length > 0 || secretKeyring !== '';
  if (speaksOfOthers || (await readPrivateKeysOf(ports.config.keys.directory)).length === 0) return 'gpg';
  return 'espejo';
}

function wantedKeys(keys: readonly string[]): readonly string[] {
  return keys.map((key) => key.trim()).filter((key) => key !== '');
}

async function ownSigner(ports: KeyPorts, options: SigningOptions): Promise<Signer> {
  const passphrase = (await givenPassphrase(options)) ?? (await passphraseOf(ports));
  return await loadSigner({
    directory: ports.config.keys.directory,
    ...(passphrase === undefined ? {} : { passphrase }),
  });
}

/** Of several keys and keyrings the last one counts, as in aptly. */
async function keyringSigner({ env, askPassphrase }: KeyPorts, options: SigningOptions): Promise<Signer> {
  const { keys, keyrings, secretKeyring, batch } = options;
  return await loadKeyringSigner({
    secretKeyring: gnupgPath(secretKeyring === '' ? 'secring.gpg' : secretKeyring, env),
    publicKeyring: gnupgPath(keyrings.at(-1) ?? 'pubring.gpg', env),
    key: keys.at(-1),
    passphrase: await givenPassphrase(options),
    ask: batch ? undefined : askPassphrase,
  });
}

async function givenPassphrase({ passphrase, passphraseFile }: SigningOptions): Promise<string | undefined> {
  if (passphraseFile === '') return passphrase === '' ? undefined : passphrase;
  return await readPassphraseFile(passphraseFile);
}
