import { type Config, config, enums, type PublicKey, type SignaturePacket, type Subkey } from 'openpgp';

/** The packet of a primary key or a subkey, public or private. */
type KeyPacket = PublicKey['keyPacket'] | Subkey['keyPacket'];

/** RSA keys below this are weak; apt 3.0 refuses them too. */
const minimumRsaBits = 2048;

/** Digests in which collisions can be made or soon may be; gpgv takes all of them but MD5. */
const weakDigests: ReadonlySet<number> = new Set([enums.hash.md5, enums.hash.sha1, enums.hash.ripemd]);

const rsaAlgorithms: ReadonlySet<number> = new Set([
  enums.publicKey.rsaEncryptSign,
  enums.publicKey.rsaEncrypt,
  enums.publicKey.rsaSign,
]);

/**
 * What the library is told when keys are judged. Weak digests and algorithms are ours to name, see
 * {@link digestWeakness}, so that a weak signature can be told from a wrong one. Self-signatures may be SHA-1, as those of
 * Ubuntu's keys are: a key is trusted because it is in the keyring. Keys without flags may sign (RFC 4880, 5.2.3.21).
 */
export const openpgpConfig: Config = {
  ...config,
  allowMissingKeyFlags: true,
  nonDeterministicSignaturesViaNotation: false,
  showVersion: false,
  showComment: false,
};

/**
 * {@link openpgpConfig} for what a key says of itself, as gpgv reads it: keys of any size, DSA among them, and
 * self-signatures with any digest but MD5. Whether such a key is enough is decided apart, see {@link keyWeakness}.
 */
export const keyConfig: Config = {
  ...openpgpConfig,
  minRSABits: 0,
  rejectHashAlgorithms: new Set([enums.hash.md5]),
  rejectPublicKeyAlgorithms: new Set(),
};

/** {@link openpgpConfig} for the arithmetic of a signature alone: no digest, size or algorithm is refused. */
export const arithmeticConfig: Config = {
  ...openpgpConfig,
  minRSABits: 0,
  rejectHashAlgorithms: new Set(),
  rejectMessageHashAlgorithms: new Set(),
  rejectPublicKeyAlgorithms: new Set(),
  rejectCurves: new Set(),
};

/** Why the digest of a signature is not enough (`SHA1 is too weak`), or undefined when it is. */
export function digestWeakness({ hashAlgorithm }: SignaturePacket): string | undefined {
  if (hashAlgorithm === null || !weakDigests.has(hashAlgorithm)) return undefined;
  return `${digestName(hashAlgorithm)} is too weak`;
}

/** Whether nobody takes a digest any more: gpgv neither. */
export function isBrokenDigest({ hashAlgorithm }: SignaturePacket): boolean {
  return hashAlgorithm === enums.hash.md5;
}

/** Why no signature of a key is enough, or undefined. */
export function keyWeakness(key: KeyPacket): string | undefined {
  const { bits } = key.getAlgorithmInfo();
  if (key.algorithm === enums.publicKey.dsa) return `DSA keys (${bits ?? '?'} bits) are too weak`;
  if (rsaAlgorithms.has(key.algorithm) && (bits ?? 0) < minimumRsaBits) {
    return `an RSA key of ${bits ?? '?'} bits is too weak`;
  }
  return undefined;
}

/** The name of a digest as armour headers write it (`SHA512`), or `#<number>` for one unknown here. */
export function digestName(algorithm: number | null): string {
  return digestNames.get(algorithm ?? 0) ?? `#${algorithm ?? 0}`;
}

const digestNames: ReadonlyMap<number, string> = new Map([
  [enums.hash.md5, 'MD5'],
  [enums.hash.sha1, 'SHA1'],
  [enums.hash.ripemd, 'RIPEMD160'],
  [enums.hash.sha224, 'SHA224'],
  [enums.hash.sha256, 'SHA256'],
  [enums.hash.sha384, 'SHA384'],
  [enums.hash.sha512, 'SHA512'],
  [enums.hash.sha3_256, 'SHA3-256'],
  [enums.hash.sha3_512, 'SHA3-512'],
]);

/** Whether a digest is one that this room can compute. */
export function isKnownDigest(algorithm: number | null): boolean {
  return algorithm !== null && digestNames.has(algorithm);
}

/** A key's algorithm for people, as gpg writes it: `rsa4096`, `dsa1024`, `ed25519`, `nistp256`. */
export function algorithmName(key: KeyPacket): string {
  const { algorithm, bits, curve } = key.getAlgorithmInfo();
  if (rsaAlgorithms.has(key.algorithm)) return `rsa${bits ?? ''}`;
  if (bits !== undefined) return `${algorithm}${bits}`;
  return (curve ?? algorithm).toLowerCase().replace('legacy', '');
}

/** Whether GnuPG 1.4, the verifier of Ubuntu xenial, knows a key's algorithm: no elliptic curves. */
export function isKnownToGnupg1(key: KeyPacket): boolean {
  return rsaAlgorithms.has(key.algorithm) || key.algorithm === enums.publicKey.dsa;
}
