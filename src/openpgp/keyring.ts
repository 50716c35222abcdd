import { readFile, stat } from 'node:fs/promises';
import { type PublicKey, readKeys } from 'openpgp';
import { EspejoError } from '../core/errors.ts';
import { fileError } from '../core/files.ts';
import { isArmored, readArmor } from './armor.ts';
import type { KeyFacts, Keyring, KeyringSource } from './contract.ts';
import { isKeybox, readKeybox } from './keybox.ts';
import { algorithmName, keyWeakness, openpgpConfig } from './policy.ts';

/** Debian's whole developer keyring is 30 MB; archive keyrings are below 100 KB. */
const maxKeyringBytes = 64 * 1024 * 1024;

/**
 * Reads public keys, armoured, binary or in a keybox; of private keys the public part.
 * @throws E_KEYRING_INVALID names the file that cannot be read or holds no key
 */
export async function loadKeyring(sources: readonly KeyringSource[]): Promise<Keyring> {
  const certificates: PublicKey[] = [];
  for (const source of sources) certificates.push(...(await readSource(source)));
  return { keys: certificates.map(keyFacts), certificates };
}

/** Public keys of binary packets, as `gpg --export` writes them; none when they cannot be read. */
export async function readPublicKeys(packets: Buffer): Promise<Keyring> {
  const certificates =
    packets.length === 0
      ? []
      : await readKeys({ binaryKeys: packets, config: openpgpConfig }).then(
          (keys) => keys.map((key) => key.toPublic()),
          () => [],
        );
  return { keys: certificates.map(keyFacts), certificates };
}

/** Several keyrings as one. */
export function joinKeyrings(keyrings: readonly Keyring[]): Keyring {
  return {
    keys: keyrings.flatMap(({ keys }) => keys),
    certificates: keyrings.flatMap(({ certificates }) => certificates),
  };
}

/** What people want to know of a key. */
export function keyFacts(key: PublicKey): KeyFacts {
  return {
    fingerprint: key.getFingerprint().toUpperCase(),
    keyId: key.getKeyID().toHex().toUpperCase(),
    algorithm: algorithmName(key.keyPacket),
    createdAt: key.getCreationTime(),
    userIds: key.getUserIDs(),
    subkeys: key.subkeys.map((subkey) => subkey.getFingerprint().toUpperCase()),
    weakness: keyWeakness(key.keyPacket),
  };
}

async function readSource(source: KeyringSource): Promise<readonly PublicKey[]> {
  const what = 'path' in source ? source.path : 'the key in the configuration';
  const bytes = 'path' in source ? await readKeyringFile(source.path) : Buffer.from(source.armored.trim());
  const packets = keyPackets(bytes, what);
  if (packets.length === 0) throw invalid(what, 'it holds no OpenPGP key');
  try {
    const keys = await readKeys({ binaryKeys: packets, config: openpgpConfig });
    return keys.map((key) => key.toPublic());
  } catch (cause) {
    throw invalid(what, 'its keys cannot be read', cause);
  }
}

async function readKeyringFile(path: string): Promise<Buffer> {
  try {
    const { size } = await stat(path);
    if (size > maxKeyringBytes) throw invalid(path, `it is larger than ${maxKeyringBytes} bytes`);
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof EspejoError) throw cause;
    const { message } = fileError(cause, 'cannot read it') as Error;
    throw invalid(path, message, cause);
  }
}

/** Key packets of a file: binary ones as they are, armoured blocks and those of a keybox joined. */
function keyPackets(bytes: Buffer, what: string): Buffer {
  if (isKeybox(bytes)) return readKeybox(bytes, what);
  if (!isArmored(bytes)) return bytes;
  const blocks = readArmor(bytes.toString('latin1'), { code: 'E_KEYRING_INVALID', what });
  return Buffer.concat(blocks.filter(({ label }) => label.endsWith(' KEY BLOCK')).map(({ data }) => data));
}

function invalid(what: string, reason: string, cause?: unknown): EspejoError {
  return new EspejoError('E_KEYRING_INVALID', `${what}: ${reason}`, { cause });
}
