import { SignaturePacket } from 'openpgp';

const version3 = 3;
/** Type and time, which are all that a signature of version 3 covers beside the text (RFC 4880, 5.2.2). */
const hashedLength = 5;
/** Version, length, type, time, key id, two algorithms and the first digits of the digest. */
const headLength = 19;
const [creationTimeSubpacket, issuerSubpacket] = [2, 16];

/**
 * Reads a signature of version 3, as GnuPG made them until 2009: releases of those years are signed so, and gpgv takes
 * them. The library knows later versions alone, so the packet is given to it in the layout of version 4 and told what is
 * hashed.
 * @param body a signature packet without its header
 * @returns undefined when it is of another version, or damaged
 */
export function readOldSignature(body: Uint8Array): SignaturePacket | undefined {
  if (body[0] !== version3 || body[1] !== hashedLength || body.length <= headLength) return undefined;
  const packet = new OldSignature();
  try {
    void packet.read(inNewLayout(Buffer.from(body)));
  } catch {
    return undefined;
  }
  packet.signatureData = body.slice(2, 2 + hashedLength);
  return packet;
}

/** The trailer belongs to later versions: in version 3 nothing follows type and time. */
class OldSignature extends SignaturePacket {
  calculateTrailer(): Uint8Array {
    return new Uint8Array();
  }
}

/** The same facts with the time as a hashed and the key id as an unhashed subpacket. */
function inNewLayout(body: Buffer): Uint8Array {
  const [type = 0, time, keyId] = [body[2], body.subarray(3, 7), body.subarray(7, 15)];
  const [keyAlgorithm = 0, digest = 0] = [body[15], body[16]];
  return Buffer.concat([
    Buffer.from([4, type, keyAlgorithm, digest]),
    Buffer.from([0, 6, 5, creationTimeSubpacket]),
    time,
    Buffer.from([0, 10, 9, issuerSubpacket]),
    keyId,
    body.subarray(17),
  ]);
}
