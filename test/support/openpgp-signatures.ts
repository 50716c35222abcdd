import {
  createMessage,
  enums,
  type PrivateKey,
  type SecretKeyPacket,
  SignaturePacket,
  type Subkey,
} from 'openpgp';
import { canonicalText, joinClearsigned } from '../../src/openpgp/clearsigned.ts';
import { openpgpConfig } from '../../src/openpgp/policy.ts';

/** A binary detached signature by any part of a key with any digest: what no well-behaved signer would make. */
export async function detachWith(
  key: PrivateKey,
  content: Buffer,
  at: Date,
  digest: enums.hash,
  part: PrivateKey | Subkey = key.subkeys.at(-1) ?? key,
): Promise<Buffer> {
  const message = await createMessage({ binary: content });
  return packetOf(part, message.packets[0] as object, { at, digest, type: enums.signature.binary });
}

/** A clearsigned document with SHA512. */
export async function clearsignWith(key: PrivateKey, content: Buffer, at: Date): Promise<Buffer> {
  const message = await createMessage({ text: canonicalText(content).toString() });
  const digest = enums.hash.sha512;
  const packet = await packetOf(key, message.packets[0] as object, {
    at,
    digest,
    type: enums.signature.text,
  });
  const lines = packet.toString('base64').replace(/.{64}/g, '$&\n');
  const armored = `-----BEGIN PGP SIGNATURE-----\n\n${lines}\n-----END PGP SIGNATURE-----\n`;
  return joinClearsigned(content, ['SHA512'], armored);
}

type PacketOptions = { readonly at: Date; readonly digest: enums.hash; readonly type: enums.signature };

async function packetOf(part: PrivateKey | Subkey, data: object, options: PacketOptions): Promise<Buffer> {
  const packet = new SignaturePacket();
  packet.signatureType = options.type;
  packet.hashAlgorithm = options.digest;
  packet.publicKeyAlgorithm = part.keyPacket.algorithm;
  const sign = packet.sign.bind(packet) as (...args: readonly unknown[]) => Promise<void>;
  await sign(part.keyPacket as SecretKeyPacket, data, options.at, true, openpgpConfig);
  const body = Buffer.from(packet.write());
  const header = Buffer.from([0xc2, 0xff, 0, 0, 0, 0]);
  header.writeUInt32BE(body.length, 2);
  return Buffer.concat([header, body]);
}
