import { encryptKey } from 'openpgp';
import { makeKey } from '../../support/openpgp-keys.ts';

const key = await makeKey({ name: 'Publisher <publisher@example.org>' });
const locked = await encryptKey({ privateKey: key, passphrase: 'secret' });

/** GnuPG's home with a key that signs, in the form that aptly's internal provider reads. */
export const publisher = {
  'home/.gnupg/pubring.gpg': Buffer.from(key.toPublic().write()),
  'home/.gnupg/secring.gpg': Buffer.from(key.write()),
};

/** The same key behind the passphrase `secret`, which is in `passphrase.txt` too. */
export const lockedPublisher = {
  'home/.gnupg/pubring.gpg': Buffer.from(key.toPublic().write()),
  'home/.gnupg/secring.gpg': Buffer.from(locked.write()),
  'passphrase.txt': 'secret\n',
};

/** The last 16 digits of its fingerprint. */
export const publisherId = key.getKeyID().toHex().toUpperCase();
