import { enums, type LiteralDataPacket, type PublicKey, SignaturePacket, type Subkey } from 'openpgp';
import type { CheckedSignature, Keyring, SignatureStatus } from './contract.ts';
import { arithmeticConfig, digestName, isKnownDigest, openpgpConfig, weaknessOf } from './policy.ts';

/** A key of the keyring together with the part of it that a signature names. */
type Issuer = { readonly key: PublicKey; readonly part: PublicKey | Subkey };

type Verdict = { readonly status: SignatureStatus; readonly reason: string | undefined };

const good: Verdict = { status: 'good', reason: undefined };

/** Judges one packet of a signature block over `data` at the time `now`. Never throws. */
export async function checkSignature(
  packet: unknown,
  data: LiteralDataPacket,
  keyring: Keyring,
  now: Date,
): Promise<CheckedSignature> {
  if (!(packet instanceof SignaturePacket)) return unreadable;
  const obstacle = unsupportedReason(packet);
  if (obstacle !== undefined) return report(packet, undefined, { status: 'unsupported', reason: obstacle });
  const issuers = issuersOf(packet, keyring);
  if (issuers.length === 0) {
    return report(packet, undefined, { status: 'unknown-key', reason: 'the key is not in the keyring' });
  }
  const judged: CheckedSignature[] = [];
  for (const issuer of issuers) judged.push(report(packet, issuer, await judge(packet, issuer, data, now)));
  return decisive(judged);
}

const unreadable: CheckedSignature = {
  keyId: '0000000000000000',
  fingerprint: undefined,
  primaryFingerprint: undefined,
  status: 'unsupported',
  digest: '#0',
  createdAt: undefined,
  reason: 'the signature has a version, algorithm or form that is not supported',
};

function unsupportedReason(packet: SignaturePacket): string | undefined {
  if (packet.signatureType !== enums.signature.binary && packet.signatureType !== enums.signature.text) {
    return `it is no signature of a document (type ${packet.signatureType ?? '?'})`;
  }
  if (!isKnownDigest(packet.hashAlgorithm))
    return `the digest ${digestName(packet.hashAlgorithm)} is unknown`;
  const critical = [...packet.unknownSubpackets, ...packet.rawNotations].some((part) => part.critical);
  return critical ? 'it demands something that is not supported (a critical subpacket)' : undefined;
}

/** Keys that a signature may come from; the fingerprint decides where the signature gives one, not the short id. */
function issuersOf(packet: SignaturePacket, keyring: Keyring): readonly Issuer[] {
  const wanted = packet.issuerFingerprint === null ? undefined : hex(packet.issuerFingerprint);
  return keyring.certificates.flatMap((key) =>
    [key, ...key.subkeys]
      .filter((part) => part.getKeyID().equals(packet.issuerKeyID))
      .filter((part) => wanted === undefined || part.getFingerprint() === wanted)
      .map((part) => ({ key, part })),
  );
}

/** Arithmetic first, so that everything but `bad` is said of a signature that fits. */
async function judge(
  packet: SignaturePacket,
  { key, part }: Issuer,
  data: LiteralDataPacket,
  now: Date,
): Promise<Verdict> {
  const mismatch = await mismatchOf(packet, part, data);
  if (mismatch !== undefined) return { status: 'bad', reason: mismatch };
  const weakness = weaknessOf(packet, part.keyPacket) ?? weaknessOf(packet, key.keyPacket);
  if (weakness !== undefined) return { status: 'weak', reason: weakness };
  if (hasPassed(packet.getExpirationTime(), now))
    return { status: 'expired', reason: 'the signature has expired' };
  return judgeKey(packet, { key, part }, now);
}

async function mismatchOf(
  packet: SignaturePacket,
  part: PublicKey | Subkey,
  data: LiteralDataPacket,
): Promise<string | undefined> {
  const type = packet.signatureType ?? enums.signature.binary;
  try {
    await packet.verify(part.keyPacket, type, data, noDate, true, arithmeticConfig);
  } catch {
    return 'the signature does not fit the file';
  }
  if (packet.created !== null && packet.created < part.getCreationTime()) {
    return 'the signature is older than its key';
  }
  return undefined;
}

/**
 * Judges the key by what its owner says of it now: with the newest self-signature, a key that has not expired now had
 * not expired when it signed, however often its owner has prolonged it since.
 */
async function judgeKey(packet: SignaturePacket, { key, part }: Issuer, now: Date): Promise<Verdict> {
  if (await isRevoked(key, part, now)) return { status: 'revoked', reason: 'the key was revoked' };
  const ends = [await key.getExpirationTime(undefined, openpgpConfig)];
  if (!isPrimary(part)) ends.push(await part.getExpirationTime(now, openpgpConfig));
  const signedAt = packet.created ?? now;
  if (ends.some((end) => hasPassed(end, now) || hasPassed(end, signedAt))) {
    return { status: 'expired', reason: 'the key has expired' };
  }
  try {
    await key.getSigningKey(part.getKeyID(), now, undefined, openpgpConfig);
    return good;
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    return { status: 'unsupported', reason: `the key may not sign: ${detail}` };
  }
}

async function isRevoked(key: PublicKey, part: PublicKey | Subkey, now: Date): Promise<boolean> {
  if (await key.isRevoked(undefined, undefined, now, openpgpConfig)) return true;
  const [binding] = isPrimary(part) ? [] : part.bindingSignatures;
  if (isPrimary(part) || binding === undefined) return false;
  return part.isRevoked(binding, key.keyPacket, now, openpgpConfig);
}

function isPrimary(part: PublicKey | Subkey): part is PublicKey {
  return 'users' in part;
}

/** `null` is no date: the key's validity is judged apart. */
function hasPassed(end: Date | number | null, at: Date): boolean {
  return end instanceof Date && end <= at;
}

/** The library takes null for "at any time", its types do not. */
const noDate = null as unknown as Date;

/** Of one key in several copies: one that knows of a revocation counts, then one that knows a later expiry. */
function decisive(judged: readonly CheckedSignature[]): CheckedSignature {
  const first =
    judged.find(({ status }) => status === 'revoked') ?? judged.find(({ status }) => status === 'good');
  return first ?? judged[0] ?? unreadable;
}

function report(packet: SignaturePacket, issuer: Issuer | undefined, verdict: Verdict): CheckedSignature {
  return {
    keyId: packet.issuerKeyID.toHex().toUpperCase().padStart(16, '0'),
    fingerprint: issuer?.part.getFingerprint().toUpperCase(),
    primaryFingerprint: issuer?.key.getFingerprint().toUpperCase(),
    digest: digestName(packet.hashAlgorithm),
    createdAt: packet.created ?? undefined,
    ...verdict,
  };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
