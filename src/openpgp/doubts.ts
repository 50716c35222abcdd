import type { CheckedSignature, SignatureDoubt } from './contract.ts';

/** Signatures that apt 3.0 refuses and gpgv takes; MD5 is never allowed, nor what was signed after the key expired. */
export type AllowedDoubts = {
  /** SHA-1, RIPEMD-160, DSA, RSA below 2048 bits. */
  readonly allowWeakSignatures: boolean;
  /** By keys that have expired since. */
  readonly allowExpiredKeys: boolean;
};

/** What gpgv takes, and so aptly: for mirrors and uploads that its commands verify. */
export const allowedByGpgv: AllowedDoubts = { allowWeakSignatures: true, allowExpiredKeys: true };

/** Whether a signature that is not good is to be believed all the same. */
export function isAllowed({ doubts }: CheckedSignature, allowed: AllowedDoubts): boolean {
  return doubts.length > 0 && doubts.every((doubt) => allowed[keyOfDoubt[doubt]]);
}

/** Which permission a doubt needs. */
export const keyOfDoubt = {
  'weak-digest': 'allowWeakSignatures',
  'weak-key': 'allowWeakSignatures',
  'expired-key': 'allowExpiredKeys',
} as const satisfies Readonly<Record<SignatureDoubt, keyof AllowedDoubts>>;
