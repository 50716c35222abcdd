import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type PrivateKey, readPrivateKeys } from 'openpgp';
import { EspejoError, systemCode } from '../core/errors.ts';
import { fileError } from '../core/files.ts';
import { isArmored, readArmor } from './armor.ts';
import { openpgpConfig } from './policy.ts';

/** A private key and the file it was read from. */
export type StoredKey = {
  readonly key: PrivateKey;
  readonly path: string;
  readonly readableByOthers: boolean;
};

/** The name under which espejo keeps its own pair. */
export const ownKeyName = 'espejo';

const keyFileName = /\.(?:asc|gpg|key)$/;
const maxKeyFileBytes = 1024 * 1024;

/**
 * Reads every private key of a directory: files `*.asc`, `*.gpg` and `*.key`, armoured or binary, in the order of
 * their names. Files without a private key are passed over; a directory that does not exist holds none.
 * @throws E_KEY_INVALID names a file whose private key cannot be read
 */
export async function readPrivateKeysOf(directory: string): Promise<readonly StoredKey[]> {
  const keys: StoredKey[] = [];
  for (const name of await keyFileNames(directory)) keys.push(...(await readKeyFile(join(directory, name))));
  return keys;
}

/**
 * Picks one of the private keys of a directory: by fingerprint or key id (of the key or a subkey), by part of a user
 * id, or by a path; without `wanted`, espejo's own, or the only one.
 * @throws E_KEY_NOT_FOUND, E_KEY_INVALID
 */
export async function findPrivateKey(directory: string, wanted: string | undefined): Promise<StoredKey> {
  if (wanted !== undefined && isPath(wanted))
    return onlyKey(await readKeyFile(resolve(directory, wanted)), wanted);
  const keys = await readPrivateKeysOf(directory);
  if (keys.length === 0) throw notFound(`${directory} holds no private key`);
  if (wanted !== undefined) return onlyKey(matchingKeys(keys, wanted), wanted);
  const own = keys.find(({ path }) => path === join(directory, `${ownKeyName}.sec.asc`));
  if (own !== undefined) return own;
  return onlyKey(keys, directory);
}

/** A key id or fingerprint in lower case, without `0x`, spaces and gpg's `!`; undefined when a text is none. */
export function asKeyId(text: string): string | undefined {
  const digits = text.replaceAll(' ', '').toLowerCase().replace(/^0x/, '').replace(/!$/, '');
  return /^(?:[0-9a-f]{8}|[0-9a-f]{16}|[0-9a-f]{40})$/.test(digits) ? digits : undefined;
}

async function keyFileNames(directory: string): Promise<readonly string[]> {
  try {
    const names = await readdir(directory);
    return names.filter((name) => keyFileName.test(name) && !name.startsWith('.')).sort();
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return [];
    throw fileError(cause, `cannot read ${directory}`);
  }
}

/**
 * The private keys in a file, none when it holds none.
 * @throws E_KEY_NOT_FOUND when it is not there; E_KEY_INVALID
 */
export async function readKeyFile(path: string): Promise<readonly StoredKey[]> {
  const { bytes, mode } = await readSmallFile(path);
  const packets = privatePackets(bytes, path);
  if (packets.length === 0) return [];
  try {
    const keys = await readPrivateKeys({ binaryKeys: packets, config: openpgpConfig });
    return keys.map((key) => ({ key, path, readableByOthers: (mode & 0o077) !== 0 }));
  } catch (cause) {
    throw new EspejoError('E_KEY_INVALID', `${path}: its private key cannot be read`, { cause });
  }
}

async function readSmallFile(path: string): Promise<{ readonly bytes: Buffer; readonly mode: number }> {
  try {
    const { size, mode } = await stat(path);
    if (size > maxKeyFileBytes) return { bytes: Buffer.alloc(0), mode };
    return { bytes: await readFile(path), mode };
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') throw notFound(`${path} does not exist`);
    throw fileError(cause, `cannot read ${path}`);
  }
}

/** The packets of the private keys in a file, empty when it holds none. */
function privatePackets(bytes: Buffer, path: string): Buffer {
  if (!isArmored(bytes)) return beginsWithSecretKey(bytes) ? bytes : Buffer.alloc(0);
  const text = bytes.toString('latin1');
  if (!text.includes('PGP PRIVATE KEY BLOCK')) return Buffer.alloc(0);
  const blocks = readArmor(text, { code: 'E_KEY_INVALID', what: path });
  return Buffer.concat(blocks.filter(({ label }) => label === 'PRIVATE KEY BLOCK').map(({ data }) => data));
}

/** Packet tag 5, in the old or the new header format (RFC 4880, 4.2). */
function beginsWithSecretKey(bytes: Buffer): boolean {
  const first = bytes[0] ?? 0;
  const isNewFormat = (first & 0x40) !== 0;
  return (isNewFormat ? first & 0x3f : (first & 0x3c) >> 2) === 5;
}

function isPath(wanted: string): boolean {
  return wanted.includes('/') || keyFileName.test(wanted);
}

/** Those that have the id or fingerprint, themselves or in a subkey; else those with the text in a user id. */
export function matchingKeys(keys: readonly StoredKey[], wanted: string): readonly StoredKey[] {
  const id = asKeyId(wanted);
  const byId = keys.filter(
    ({ key }) => id !== undefined && fingerprintsOf(key).some((one) => one.endsWith(id)),
  );
  if (byId.length > 0) return byId;
  const text = wanted.toLowerCase();
  return keys.filter(({ key }) => key.getUserIDs().some((userId) => userId.toLowerCase().includes(text)));
}

function fingerprintsOf(key: PrivateKey): readonly string[] {
  return key.getKeys().map((part) => part.getFingerprint());
}

/** The one key that is meant; the same key in two files is one key. */
function onlyKey(keys: readonly StoredKey[], wanted: string): StoredKey {
  const [first] = keys;
  if (first === undefined) throw notFound(`no private key fits "${wanted}"`);
  const others = keys.filter(({ key }) => key.getFingerprint() !== first.key.getFingerprint());
  if (others.length > 0) throw notFound(`several private keys fit "${wanted}"; name one by its fingerprint`);
  return first;
}

function notFound(message: string): EspejoError {
  return new EspejoError('E_KEY_NOT_FOUND', message, {
    hint: 'put one into the key directory, or run "espejo key generate"',
  });
}

/** The keys that a setting names, separated by commas; one undefined means the only one there is. */
export function wantedKeys(key: string | undefined): readonly (string | undefined)[] {
  const names = (key ?? '').split(',').map((name) => name.trim());
  const wanted = names.filter((name) => name !== '');
  return wanted.length === 0 ? [undefined] : wanted;
}
