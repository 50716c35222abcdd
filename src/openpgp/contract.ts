import type { PublicKey } from 'openpgp';

/**
 * `bad` does not fit the text, the rest fits or could not be tried: `unknown-key` is by a key outside the keyring,
 * `weak` by a digest or key that proves little, `expired` and `revoked` speak of the key (or the signature) now,
 * `unsupported` cannot be judged here or comes from a key that may not sign. Of several the worst: revoked, unsupported,
 * expired, weak.
 */
export type SignatureStatus = 'good' | 'bad' | 'unknown-key' | 'weak' | 'expired' | 'revoked' | 'unsupported';

/** What speaks against a signature that gpgv of GnuPG 2.2 still takes; an `expired-key` had not expired when it signed. */
export type SignatureDoubt = 'weak-digest' | 'weak-key' | 'expired-key';

export type CheckedSignature = {
  /** 16 upper-case hexadecimal digits of the signing key or subkey; zeros when the signature does not tell. */
  readonly keyId: string;
  /** Upper-case hexadecimal, of the signing key or subkey; undefined when it is not in the keyring. */
  readonly fingerprint: string | undefined;
  /** Of the primary key that the signing key belongs to. */
  readonly primaryFingerprint: string | undefined;
  readonly status: SignatureStatus;
  /** `SHA512` */
  readonly digest: string;
  readonly createdAt: Date | undefined;
  /** Why the status is not `good`. */
  readonly reason: string | undefined;
  /** All that makes it `weak` or `expired`, when that is all; empty when it is good or when nobody takes it. */
  readonly doubts: readonly SignatureDoubt[];
};

/** A signed text and what its signatures are worth. */
export type CheckedDocument = {
  /** Exactly what is signed: lines end in LF. Untrusted until a signature is `good`. */
  readonly content: Buffer;
  readonly signatures: readonly CheckedSignature[];
};

/** Where public keys come from: a file (armoured, binary or a keybox) or armoured text. Each may hold several keys. */
export type KeyringSource = { readonly path: string } | { readonly armored: string };

/** Public keys that may sign. */
export type Keyring = {
  readonly keys: readonly KeyFacts[];
  /** The parsed keys, for this room only; a key that stands in two sources is here twice. */
  readonly certificates: readonly PublicKey[];
};

/** One public key for people; fingerprints and ids are upper-case hexadecimal. */
export type KeyFacts = {
  readonly fingerprint: string;
  readonly keyId: string;
  /** As gpg writes it: `rsa4096`, `ed25519`. */
  readonly algorithm: string;
  readonly createdAt: Date;
  readonly userIds: readonly string[];
  readonly subkeys: readonly string[];
  /** Why its signatures are never enough, or undefined. */
  readonly weakness: string | undefined;
};

/** Public keys in both forms that apt reads: armoured (apt 1.4 and later) and binary (every apt). */
export type PublicKeyExport = { readonly armored: string; readonly binary: Buffer };

/** Signs Release files with one or several keys. */
export interface Signer {
  /** Of the keys and subkeys that sign, upper case; what `Signed-By` of every apt accepts. */
  readonly fingerprints: readonly string[];
  /** Of the primary keys, in the same order. */
  readonly primaryFingerprints: readonly string[];
  /** What a user should know; one sentence each. */
  readonly warnings: readonly string[];
  readonly publicKey: PublicKeyExport;
  /**
   * The clearsigned form of a text in UTF-8 (InRelease). Same text and date, same bytes, but for ECDSA keys.
   * @throws E_KEY_INVALID when a key is not valid at that date
   */
  clearsign(content: Buffer, at: Date): Promise<Buffer>;
  /**
   * An armoured detached signature (Release.gpg).
   * @throws E_KEY_INVALID when a key is not valid at that date
   */
  detachSign(content: Buffer, at: Date): Promise<Buffer>;
}
