import { createMessage, LiteralDataPacket, readSignature } from 'openpgp';
import { EspejoError, invariant } from '../core/errors.ts';
import { isArmored, readArmorSequence } from './armor.ts';
import { checkSignature } from './check-signature.ts';
import { canonicalText, splitClearsigned } from './clearsigned.ts';
import type { CheckedDocument, CheckedSignature, Keyring } from './contract.ts';
import { openpgpConfig } from './policy.ts';

/** Each costs a public-key operation; Debian uses up to four. */
const maxSignatures = 32;

/**
 * Checks a clearsigned document, such as InRelease, and gives the text that is signed. Whether the signatures are
 * enough is for the caller to say.
 * @throws E_SIGNATURE_MISSING when it is not clearsigned, E_SIGNATURE_INVALID when it is malformed
 */
export async function verifyClearsigned(
  document: Buffer,
  keyring: Keyring,
  now: Date,
): Promise<CheckedDocument> {
  const { content, signature } = splitClearsigned(document);
  return { content, signatures: await checkAll(canonicalText(content), signature, keyring, now) };
}

/**
 * Checks a detached signature, armoured or binary, such as Release.gpg, over `content`.
 * @throws E_SIGNATURE_MISSING when it is empty, E_SIGNATURE_INVALID when it is none
 */
export async function verifyDetached(
  content: Buffer,
  signature: Buffer,
  keyring: Keyring,
  now: Date,
): Promise<readonly CheckedSignature[]> {
  const reader = { code: 'E_SIGNATURE_INVALID', what: 'the signature file' } as const;
  const packets = isArmored(signature)
    ? readArmorSequence(signature.toString('latin1'), 'SIGNATURE', reader)
    : signature;
  return checkAll(content, packets, keyring, now);
}

async function checkAll(
  content: Buffer,
  signature: Buffer,
  keyring: Keyring,
  now: Date,
): Promise<readonly CheckedSignature[]> {
  const packets = await readPackets(signature);
  const data = await literalData(content);
  const checked: CheckedSignature[] = [];
  for (const packet of packets) checked.push(await checkSignature(packet, data, keyring, now));
  return checked;
}

async function readPackets(signature: Buffer): Promise<readonly unknown[]> {
  if (signature.length === 0) throw new EspejoError('E_SIGNATURE_MISSING', 'there is no signature');
  const config = { ...openpgpConfig, ignoreMalformedPackets: true };
  const packets = await readSignature({ binarySignature: signature, config }).then(
    (read) => Array.from(read.packets),
    (cause: unknown) => {
      throw new EspejoError('E_SIGNATURE_INVALID', 'the signature cannot be read', { cause });
    },
  );
  if (packets.length === 0) throw new EspejoError('E_SIGNATURE_MISSING', 'there is no signature');
  if (packets.length > maxSignatures) {
    throw new EspejoError('E_SIGNATURE_INVALID', `there are more than ${maxSignatures} signatures`);
  }
  return packets;
}

async function literalData(content: Buffer): Promise<LiteralDataPacket> {
  const message = await createMessage({ binary: content });
  const [packet] = message.packets;
  invariant(packet instanceof LiteralDataPacket, 'a message made of bytes is one literal data packet');
  return packet;
}
