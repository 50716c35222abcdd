import {
  enums,
  type LiteralDataPacket,
  type PublicKey,
  SignaturePacket,
  type Subkey,
  UnparseablePacket,
} from 'openpgp';
import type { CheckedSignature, Keyring, SignatureDoubt, SignatureStatus } from './contract.ts';
import { readOldSignature } from './old-signature.ts';
import {
  arithmeticConfig,
  digestName,
  digestWeakness,
  isBrokenDigest,
  isKnownDigest,
  keyConfig,
  keyWeakness,
} from './policy.ts';

/** A key of the keyring together with the part of it that a signature names. */
type Issuer = { readonly key: PublicKey; readonly part: PublicKey | Subkey };

/** What is known against a signature; of several the first that nobody takes decides, else all that are doubts. */
type Finding = {
  readonly status: Exclude<SignatureStatus, 'good'>;
  readonly reason: string;
  /** Undefined: gpgv does not take it either. */
  readonly doubt?: SignatureDoubt;
};

type Verdict = Pick<CheckedSignature, 'status' | 'reason' | 'doubts'>;

/** Judges one packet of a signature block over `data` at the time `now`. Never throws. */
export async function checkSignature(
  read: unknown,
  data: LiteralDataPacket,
  keyring: Keyring,
  now: Date,
): Promise<CheckedSignature> {
  const packet = read instanceof UnparseablePacket ? readOldSignature(read.write()) : read;
  if (!(packet instanceof SignaturePacket)) return unreadable;
  const obstacle = unsupportedReason(packet);
  if (obstacle !== undefined) {
    return report(packet, undefined, verdictOf([{ status: 'unsupported', reason: obstacle }]));
  }
  const issuers = issuersOf(packet, keyring);
  if (issuers.length === 0) {
    const unknown = { status: 'unknown-key', reason: 'the key is not in the keyring' } as const;
    return report(packet, undefined, verdictOf([unknown]));
  }
  const judged: CheckedSignature[] = [];
  for (const issuer of issuers)
    judged.push(report(packet, issuer, verdictOf(await findingsOf(packet, issuer, data, now))));
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
  doubts: [],
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

/** Arithmetic first, so that everything but `bad` is said of a signature that fits. The worst comes first. */
async function findingsOf(
  packet: SignaturePacket,
  { key, part }: Issuer,
  data: LiteralDataPacket,
  now: Date,
): Promise<readonly Finding[]> {
  const mismatch = await mismatchOf(packet, part, data);
  if (mismatch !== undefined) return [{ status: 'bad', reason: mismatch }];
  return [...(await keyFindings(packet, { key, part }, now)), ...weaknesses(packet, { key, part })];
}

function verdictOf(findings: readonly Finding[]): Verdict {
  const [worst] = findings;
  if (worst === undefined) return { status: 'good', reason: undefined, doubts: [] };
  const doubts = findings.flatMap(({ doubt }) => (doubt === undefined ? [] : [doubt]));
  const isFinal = doubts.length < findings.length;
  return {
    status: worst.status,
    reason: findings.map(({ reason }) => reason).join('; '),
    doubts: isFinal ? [] : [...new Set(doubts)],
  };
}

function weaknesses(packet: SignaturePacket, { key, part }: Issuer): readonly Finding[] {
  const findings: Finding[] = [];
  const digest = digestWeakness(packet);
  if (digest !== undefined) {
    const doubt = isBrokenDigest(packet) ? {} : ({ doubt: 'weak-digest' } as const);
    findings.push({ status: 'weak', reason: digest, ...doubt });
  }
  const weakKey = keyWeakness(part.keyPacket) ?? keyWeakness(key.keyPacket);
  if (weakKey !== undefined) findings.push({ status: 'weak', reason: weakKey, doubt: 'weak-key' });
  return findings;
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
async function keyFindings(
  packet: SignaturePacket,
  { key, part }: Issuer,
  now: Date,
): Promise<readonly Finding[]> {
  if (await isRevoked(key, part, now)) return [{ status: 'revoked', reason: 'the key was revoked' }];
  const ends = await endsOf(key, part, now);
  const signedAt = packet.created ?? now;
  if (ends.some((end) => end <= signedAt)) return [{ status: 'expired', reason: 'the key has expired' }];
  const [end] = ends.filter((one) => one <= now);
  // What an expired key may do is asked for the last moment at which it was good.
  const at = end === undefined ? now : new Date(end.getTime() - 1000);
  const disability = await disabilityOf(key, part, at);
  if (disability !== undefined) return [{ status: 'unsupported', reason: disability }];
  if (hasPassed(packet.getExpirationTime(), now))
    return [{ status: 'expired', reason: 'the signature has expired' }];
  return end === undefined
    ? []
    : [{ status: 'expired', reason: 'the key has expired', doubt: 'expired-key' }];
}

/** When the key and its part stop being good, the first one first. */
async function endsOf(key: PublicKey, part: PublicKey | Subkey, now: Date): Promise<readonly Date[]> {
  const ends = [await key.getExpirationTime(undefined, keyConfig)];
  if (!isPrimary(part)) ends.push(await part.getExpirationTime(now, keyConfig));
  return ends.filter((end) => end instanceof Date).sort((a, b) => a.getTime() - b.getTime());
}

/** Why a part of a key may not sign, or undefined when it may. */
async function disabilityOf(key: PublicKey, part: PublicKey | Subkey, at: Date): Promise<string | undefined> {
  try {
    await key.getSigningKey(part.getKeyID(), at, undefined, keyConfig);
    return undefined;
  } catch (cause) {
    return `the key may not sign: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
}

async function isRevoked(key: PublicKey, part: PublicKey | Subkey, now: Date): Promise<boolean> {
  if (await key.isRevoked(undefined, undefined, now, keyConfig)) return true;
  const [binding] = isPrimary(part) ? [] : part.bindingSignatures;
  if (isPrimary(part) || binding === undefined) return false;
  return part.isRevoked(binding, key.keyPacket, now, keyConfig);
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
    judged.find(({ status }) => status === 'revoked') ??
    judged.find(({ status }) => status === 'good') ??
    judged.find(({ doubts }) => doubts.length > 0 && !doubts.includes('expired-key')) ??
    judged.find(({ doubts }) => doubts.length > 0);
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
