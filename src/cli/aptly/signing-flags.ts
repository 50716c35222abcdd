import type { SigningOptions } from '../../keys/signing.ts';
import { boolFlag, type Invocation, listFlag, stringFlag } from '../command.ts';

/** How the flags of `publish` say to sign. */
export function signingOptions({ flags }: Pick<Invocation, 'flags'>): SigningOptions {
  const skip = flags.get('skip-signing');
  return {
    skip: typeof skip === 'boolean' ? skip : undefined,
    provider: stringFlag(flags, 'gpg-provider') ?? '',
    keys: listFlag(flags, 'gpg-key'),
    keyrings: listFlag(flags, 'keyring'),
    secretKeyring: stringFlag(flags, 'secret-keyring') ?? '',
    passphrase: stringFlag(flags, 'passphrase') ?? '',
    passphraseFile: stringFlag(flags, 'passphrase-file') ?? '',
    batch: boolFlag(flags, 'batch'),
  };
}
