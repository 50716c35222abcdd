import { EspejoError } from '../core/errors.ts';

const openpgpBlob = 2;
/** Length, type, version and flags: what every blob begins with. */
const minimumBlobBytes = 8;
/** Up to the offset and the length of the key block. */
const minimumOpenpgpBlobBytes = 16;

/** Whether a file is a keybox: its first blob carries a magic word. */
export function isKeybox(bytes: Buffer): boolean {
  return bytes.toString('latin1', 8, 12) === 'KBXf';
}

/**
 * The OpenPGP packets of a GnuPG keybox (GnuPG 2.1, kbx/keybox-blob.c), in the order of the file. The blobs follow each
 * other, each with its length; certificates (X.509) and deleted blobs are passed over.
 * @param what names the file in errors
 * @throws E_KEYRING_INVALID when a blob or its key block does not fit into what holds it
 */
export function readKeybox(bytes: Buffer, what: string): Buffer {
  const keys: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (bytes.length - at < minimumBlobBytes) throw damaged(what, at);
    const length = bytes.readUInt32BE(at);
    if (length < minimumBlobBytes || length > bytes.length - at) throw damaged(what, at);
    const blob = bytes.subarray(at, at + length);
    if (blob[4] === openpgpBlob) keys.push(keyBlock(blob) ?? fail(what, at));
    at += length;
  }
  return Buffer.concat(keys);
}

function keyBlock(blob: Buffer): Buffer | undefined {
  if (blob.length < minimumOpenpgpBlobBytes) return undefined;
  const offset = blob.readUInt32BE(8);
  const length = blob.readUInt32BE(12);
  return offset + length <= blob.length ? blob.subarray(offset, offset + length) : undefined;
}

function fail(what: string, at: number): never {
  throw damaged(what, at);
}

function damaged(what: string, at: number): EspejoError {
  return new EspejoError('E_KEYRING_INVALID', `${what}: the keybox is damaged at byte ${at}`, {
    hint: 'let gpg write it anew: gpg --no-default-keyring --keyring <file> --list-keys tells whether it can be read',
  });
}
