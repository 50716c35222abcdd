import type { PublicKey, Subkey } from 'openpgp';
import { algorithmName, isKnownToGnupg1, keyWeakness } from './policy.ts';

/** A key and the part of it that signs. */
export type SigningParts = { readonly key: PublicKey; readonly part: PublicKey | Subkey };

/** Which clients will not take what some keys sign together; one sentence each. */
export function signingWarnings(signers: readonly SigningParts[]): readonly string[] {
  if (signers.length === 0) return [];
  const warnings = signers.flatMap(({ key, part }) => {
    const weak = [part, key].find(({ keyPacket }) => keyWeakness(keyPacket) !== undefined);
    return weak === undefined ? [] : [weakText(weak)];
  });
  if (!signers.some(({ part }) => isKnownToGnupg1(part.keyPacket))) {
    warnings.push('no key is RSA: apt of Ubuntu xenial (gpgv 1.4) cannot verify elliptic curve signatures');
  }
  return warnings;
}

/** Measured: gpgv of apt 1.2 to 2.6 takes RSA-1024 and DSA-1024 with SHA-256 and SHA-512, sqv of apt 3.0 neither. */
function weakText(key: PublicKey | Subkey): string {
  const name = `${key.getFingerprint().toUpperCase()} (${algorithmName(key.keyPacket)})`;
  return `the signing key ${name} is weak: apt up to 2.6 (Debian 12) takes it, apt 3.0 (Debian 13) refuses it`;
}
