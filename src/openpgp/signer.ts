import { isUtf8 } from 'node:buffer';
import {
  armor,
  createMessage,
  enums,
  type Message,
  type PrivateKey,
  SecretKeyPacket,
  SecretSubkeyPacket,
  type Signature,
  type Subkey,
  sign,
} from 'openpgp';
import { EspejoError, invariant } from '../core/errors.ts';
import { canonicalText, joinClearsigned } from './clearsigned.ts';
import type { Signer } from './contract.ts';
import { renderPublicKeys } from './export-public-key.ts';
import { digestName, keyConfig, openpgpConfig } from './policy.ts';
import { asKeyId, findPrivateKey, type StoredKey, wantedKeys } from './private-keys.ts';
import { signingWarnings } from './signing-warnings.ts';

export type SignerOptions = {
  readonly directory: string;
  /** Fingerprint, key id, part of the user id or path; several keys separated by commas sign together. */
  readonly key?: string;
  readonly passphrase?: string;
  /** Decides between several signing subkeys; now by default. */
  readonly now?: Date;
};

/** A private key that is to sign, and how it was asked for: the id of a subkey chooses that. */
export type ChosenKey = { readonly stored: StoredKey; readonly wanted: string | undefined };

/** A key ready to sign: `part` is the unlocked primary or subkey. */
export type SigningKey = { readonly stored: StoredKey; readonly part: PrivateKey | Subkey };

/**
 * Makes a signer of private keys in a directory.
 * @throws E_KEY_NOT_FOUND, E_KEY_INVALID, E_KEY_PASSPHRASE
 */
export async function loadSigner(options: SignerOptions): Promise<Signer> {
  const { directory, passphrase, now = new Date() } = options;
  const chosen: ChosenKey[] = [];
  for (const wanted of wantedKeys(options.key))
    chosen.push({ stored: await findPrivateKey(directory, wanted), wanted });
  return await makeSigner(chosen, { now, unlock: (key) => unlock(key, passphrase) });
}

/**
 * Makes a signer of keys; all sign together.
 * @param options `unlock` is called for each part that is locked
 * @throws E_KEY_INVALID when a key cannot sign, and what `unlock` throws
 */
export async function makeSigner(
  chosen: readonly ChosenKey[],
  options: { readonly now: Date; readonly unlock: (key: SigningKey) => Promise<void> },
): Promise<Signer> {
  const keys: SigningKey[] = [];
  for (const { stored, wanted } of chosen) {
    const key = { stored, part: await signingPart(stored, wanted, options.now) };
    if (isLocked(key)) await options.unlock(key);
    await validate(key);
    keys.push(key);
  }
  const signer = {
    fingerprints: keys.map(({ part }) => part.getFingerprint().toUpperCase()),
    primaryFingerprints: keys.map(({ stored }) => stored.key.getFingerprint().toUpperCase()),
    warnings: warningsOf(keys),
    publicKey: renderPublicKeys(keys.map(({ stored }) => stored.key)),
    clearsign: (content: Buffer, at: Date) => clearsign(keys, content, at),
    detachSign: (content: Buffer, at: Date) => detachSign(keys, content, at),
  };
  return Object.freeze(signer);
}

/**
 * Unlocks a key.
 * @returns false when the passphrase is not the one
 */
export async function tryPassphrase({ part }: SigningKey, passphrase: string): Promise<boolean> {
  return await secretOf(part)
    .decrypt(passphrase)
    .then(
      () => true,
      () => false,
    );
}

/**
 * The part that signs: the subkey that was named, else the newest subkey that may sign, else the primary. Parts
 * whose secret is elsewhere (an offline primary, gpg's `gnu-dummy`) are passed over.
 */
async function signingPart(
  stored: StoredKey,
  wanted: string | undefined,
  now: Date,
): Promise<PrivateKey | Subkey> {
  const parts = candidates(stored.key, wanted);
  for (const part of parts) {
    if (hasSecret(part) && (await maySign(stored.key, part, now))) return part;
  }
  const expired = parts.find(hasSecret);
  if (expired === undefined) throw invalid(stored, 'its secret part is not in the file');
  throw invalid(stored, 'it may not sign, has expired or was revoked');
}

function candidates(key: PrivateKey, wanted: string | undefined): readonly (PrivateKey | Subkey)[] {
  const subkeys = key.subkeys.toSorted(
    (a, b) => b.getCreationTime().getTime() - a.getCreationTime().getTime(),
  );
  const id = wanted === undefined ? undefined : asKeyId(wanted);
  const named = subkeys.find((subkey) => id !== undefined && subkey.getFingerprint().endsWith(id));
  return named === undefined ? [...subkeys, key] : [named];
}

function hasSecret({ keyPacket }: PrivateKey | Subkey): boolean {
  return isSecret(keyPacket) && !keyPacket.isMissingSecretKeyMaterial();
}

function isSecret(packet: object): packet is SecretKeyPacket | SecretSubkeyPacket {
  return packet instanceof SecretKeyPacket || packet instanceof SecretSubkeyPacket;
}

/** Never by the message of the library's error: any failure means that this part is not the one. */
async function maySign(key: PrivateKey, part: PrivateKey | Subkey, at: Date): Promise<boolean> {
  try {
    const found = await key.getSigningKey(part.getKeyID(), at, undefined, keyConfig);
    return found.getFingerprint() === part.getFingerprint();
  } catch {
    return false;
  }
}

function isLocked({ part }: SigningKey): boolean {
  return !secretOf(part).isDecrypted();
}

function secretOf({ keyPacket }: PrivateKey | Subkey): SecretKeyPacket | SecretSubkeyPacket {
  invariant(isSecret(keyPacket), 'only parts with a secret are chosen to sign');
  return keyPacket;
}

async function unlock(key: SigningKey, passphrase: string | undefined): Promise<void> {
  if (passphrase === undefined || passphrase === '') throw locked(key.stored, 'it is locked by a passphrase');
  if (!(await tryPassphrase(key, passphrase))) throw locked(key.stored, 'the passphrase does not unlock it');
}

async function validate({ stored, part }: SigningKey): Promise<void> {
  await secretOf(part)
    .validate()
    .catch((cause: unknown) => {
      throw invalid(stored, 'its secret and public parts do not fit together', cause);
    });
}

async function clearsign(keys: readonly SigningKey[], content: Buffer, at: Date): Promise<Buffer> {
  invariant(isUtf8(content), 'a text to clearsign is UTF-8');
  const message = await createMessage({ text: canonicalText(content).toString('utf8') });
  const signature = await signMessage(keys, message, at);
  const digests = new Set(signature.packets.map((packet) => digestName(packet.hashAlgorithm)));
  return joinClearsigned(content, [...digests], armorSignature(signature));
}

async function detachSign(keys: readonly SigningKey[], content: Buffer, at: Date): Promise<Buffer> {
  const message = await createMessage({ binary: content });
  return Buffer.from(armorSignature(await signMessage(keys, message, at)));
}

async function signMessage(
  keys: readonly SigningKey[],
  message: Message<string> | Message<Uint8Array>,
  at: Date,
): Promise<Signature> {
  for (const { stored, part } of keys) {
    if (!(await maySign(stored.key, part, at)))
      throw invalid(stored, `it may not sign on ${at.toISOString()}`);
  }
  const signingKeys = keys.map(({ stored }) => stored.key);
  const preferredHashAlgorithm = await commonDigest(signingKeys, at);
  const signed = await sign({
    message: message as Message<Uint8Array>,
    detached: true,
    format: 'object',
    signingKeys,
    signingKeyIDs: keys.map(({ part }) => part.getKeyID()),
    date: at,
    config: { ...keyConfig, preferredHashAlgorithm },
  });
  return signed as unknown as Signature;
}

/** SHA512 when every owner lists it, else SHA256, which all know; never one that old verifiers lack, as SHA-3. */
async function commonDigest(keys: readonly PrivateKey[], at: Date): Promise<enums.hash> {
  for (const key of keys) {
    const { selfCertification } = await key.getPrimaryUser(at, undefined, keyConfig);
    const digests = selfCertification.preferredHashAlgorithms ?? [];
    if (!digests.includes(enums.hash.sha512)) return enums.hash.sha256;
  }
  return enums.hash.sha512;
}

/** With a checksum: GnuPG misreads some armour without one (https://dev.gnupg.org/T7071). */
function armorSignature(signature: Signature): string {
  const text = armor(
    enums.armor.signature,
    signature.write() as Uint8Array,
    undefined,
    undefined,
    undefined,
    true,
    openpgpConfig,
  );
  return text.replaceAll('\r\n', '\n');
}

function warningsOf(keys: readonly SigningKey[]): readonly string[] {
  const open = keys.filter(({ stored }) => stored.readableByOthers);
  const warnings = open.map(({ stored }) => `${stored.path} can be read by other users; run chmod 600 on it`);
  return [...warnings, ...signingWarnings(keys.map(({ stored, part }) => ({ key: stored.key, part })))];
}

function invalid(stored: StoredKey, reason: string, cause?: unknown): EspejoError {
  return new EspejoError('E_KEY_INVALID', `the signing key in ${stored.path} cannot be used: ${reason}`, {
    cause,
  });
}

function locked(stored: StoredKey, reason: string): EspejoError {
  return new EspejoError('E_KEY_PASSPHRASE', `the signing key in ${stored.path} cannot be used: ${reason}`, {
    hint: 'give its passphrase in a file (keys.passphrase_file)',
  });
}
