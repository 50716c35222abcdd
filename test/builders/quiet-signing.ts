import type { SigningOptions } from '../../src/keys/signing.ts';

/** Signs with whatever key there is, and asks nobody. */
export const quietSigning: SigningOptions = {
  skip: undefined,
  provider: '',
  keys: [],
  keyrings: [],
  secretKeyring: '',
  passphrase: '',
  passphraseFile: '',
  batch: true,
};
