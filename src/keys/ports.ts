import type { EspejoConfig } from '../config/config.ts';
import type { AskPassphrase } from '../openpgp/keyring-signer.ts';

/** Where keys are looked for. */
export type KeyPorts = {
  readonly config: EspejoConfig;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Asks a person for the passphrase of a key that is used in process; absent where nobody is there. */
  readonly askPassphrase?: AskPassphrase;
};
