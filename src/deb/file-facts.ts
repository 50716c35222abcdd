import type { DigestName } from '../core/digest.ts';
import { EspejoError } from '../core/errors.ts';

/** Digests while they are gathered from several fields. */
export type DigestDraft = { [Name in DigestName]?: string };

/** Reads a size in bytes: decimal digits only. @throws E_CONTROL_SYNTAX */
export function parseSize(text: string): number {
  const size = /^[0-9]{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(size))
    throw new EspejoError('E_CONTROL_SYNTAX', `"${text}" is not a size in bytes`);
  return size;
}

/**
 * Adds a digest in hexadecimal to a draft; an absent one adds nothing.
 * @throws E_CONTROL_SYNTAX when it is none of that algorithm, or another than the draft has
 */
export function addDigest(draft: DigestDraft, name: DigestName, text: string | undefined): void {
  if (text === undefined) return;
  if (text.length !== hexLengths[name] || !/^[0-9a-fA-F]*$/.test(text)) {
    throw new EspejoError('E_CONTROL_SYNTAX', `"${text}" is not a ${name.toUpperCase()} digest`);
  }
  const hex = text.toLowerCase();
  if ((draft[name] ?? hex) !== hex) {
    throw new EspejoError('E_CONTROL_SYNTAX', `two different ${name.toUpperCase()} digests`);
  }
  draft[name] = hex;
}

const hexLengths: Readonly<Record<DigestName, number>> = { md5: 32, sha1: 40, sha256: 64, sha512: 128 };
