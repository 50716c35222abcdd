import { join } from 'node:path';
import { generateKey as generatePair, type PrivateKey } from 'openpgp';
import { makeDirectory } from '../core/directories.ts';
import { EspejoError, invariant, isEspejoError } from '../core/errors.ts';
import { createFileAtomically, fileError, writeFileAtomically } from '../core/files.ts';
import { renderPublicKeys } from './export-public-key.ts';
import { openpgpConfig } from './policy.ts';
import { ownKeyName, readPrivateKeysOf, type StoredKey } from './private-keys.ts';

export type GenerateKeyOptions = {
  /** Made with mode 0700 when it is absent. */
  readonly directory: string;
  /** `Espejo mirror <mirror@example.org>` */
  readonly userId: string;
  /** Locks the private key; without it the file's mode is its only protection. */
  readonly passphrase?: string;
  readonly now: Date;
  /** 4096 unless a test is in a hurry. */
  readonly rsaBits?: 2048 | 4096;
};

export type GeneratedKey = {
  /** False when the directory held a private key already: that one is used, unchanged. */
  readonly created: boolean;
  /** Upper-case hexadecimal. */
  readonly fingerprint: string;
  readonly privatePath: string;
  /** Armoured; its binary twin, which apt of xenial needs in trusted.gpg.d, is beside it as `.gpg`. */
  readonly publicPath: string;
};

/**
 * Makes sure that a directory holds a signing key: RSA, because xenial's gpgv 1.4 knows nothing newer, and without
 * subkeys, because its apt wants the fingerprint of the key that signs. The first of several processes wins, the
 * others use its key.
 * @throws E_KEY_INVALID, E_PERMISSION, E_DISK_FULL, E_IO
 */
export async function generateKey(options: GenerateKeyOptions): Promise<GeneratedKey> {
  const present = await presentKey(options.directory);
  if (present !== undefined) return adopt(present, options.directory, false);
  await makePrivateDirectory(options.directory);
  const privatePath = join(options.directory, `${ownKeyName}.sec.asc`);
  const created = await createFileAtomically(privatePath, await newPrivateKey(options), 0o600);
  const stored = await presentKey(options.directory);
  invariant(stored !== undefined, 'a private key that was written can be found');
  return adopt(stored, options.directory, created);
}

/** Espejo's own key, or else the first that somebody put there. */
async function presentKey(directory: string): Promise<StoredKey | undefined> {
  const keys = await readPrivateKeysOf(directory);
  return keys.find(({ path }) => path.endsWith(`/${ownKeyName}.sec.asc`)) ?? keys[0];
}

async function adopt(stored: StoredKey, directory: string, created: boolean): Promise<GeneratedKey> {
  const publicPath = join(directory, `${ownKeyName}.pub.asc`);
  await writePublicTwins(stored.key, directory).catch((error: unknown) => {
    // Keys are often mounted read-only; the twins are a convenience.
    if (created || !isEspejoError(error, 'E_PERMISSION')) throw error;
  });
  const fingerprint = stored.key.getFingerprint().toUpperCase();
  return { created, fingerprint, privatePath: stored.path, publicPath };
}

async function writePublicTwins(key: PrivateKey, directory: string): Promise<void> {
  const { armored, binary } = renderPublicKeys([key]);
  await writeFileAtomically(join(directory, `${ownKeyName}.pub.gpg`), binary);
  await writeFileAtomically(join(directory, `${ownKeyName}.pub.asc`), armored);
}

async function makePrivateDirectory(directory: string): Promise<void> {
  try {
    makeDirectory(directory, 0o700);
  } catch (cause) {
    throw fileError(cause, `cannot make ${directory}`);
  }
}

async function newPrivateKey({
  userId,
  passphrase,
  now,
  rsaBits = 4096,
}: GenerateKeyOptions): Promise<string> {
  if (userId.trim() === '' || /[\u0000-\u001f\u007f]/.test(userId)) {
    throw new EspejoError('E_KEY_INVALID', 'the user id of a key is one line of text', {
      hint: 'set keys.user_id, for example "Mirror <mirror@example.org>"',
    });
  }
  const { privateKey } = await generatePair({
    type: 'rsa',
    rsaBits,
    subkeys: [],
    // The library only joins name and e-mail; a whole user id is a name.
    userIDs: [{ name: userId }],
    date: now,
    format: 'armored',
    config: openpgpConfig,
    ...(passphrase === undefined || passphrase === '' ? {} : { passphrase }),
  });
  return privateKey.replaceAll('\r\n', '\n');
}
