import { digestsOf } from '../../src/core/digest.ts';
import { signingKey } from '../support/signing-keys.ts';
import type { Files } from './incoming.ts';

/** What a .changes file says beside its lists of files. */
export type ChangesSpec = {
  readonly source?: string;
  readonly binary?: string;
  readonly architecture?: string;
  readonly distribution?: string;
  /** Text in place of the lists of `files`. */
  readonly lists?: string;
};

/** Of every upload of the tests. */
export const signedAt = new Date('2026-06-01T12:00:00Z');

/** The text of a .changes file for files by their names. */
export function changesText(files: Files, spec: ChangesSpec = {}): string {
  const { source = 'app', binary = source, architecture = 'amd64', distribution = 'r1' } = spec;
  return `Format: 1.8
Date: Mon, 01 Jun 2026 12:00:00 +0000
Source: ${source}
Binary: ${binary}
Architecture: ${architecture}
Version: 1.0
Distribution: ${distribution}
Urgency: medium
Maintainer: A <a@example.org>
Description:
 app - x
Changes:
 app (1.0) sid; urgency=medium
 .
   * New.
${spec.lists ?? uploadLists(files)}`;
}

/** `Checksums-Sha1`, `Checksums-Sha256` and `Files`. */
export function uploadLists(files: Files): string {
  const list = (digest: 'md5' | 'sha1' | 'sha256', columns: string): string =>
    Object.entries(files)
      .map(([name, content]) => {
        const { size, digests } = digestsOf(Buffer.from(content));
        return ` ${digests[digest]} ${size} ${columns}${name}\n`;
      })
      .join('');
  return `Checksums-Sha1:\n${list('sha1', '')}Checksums-Sha256:\n${list('sha256', '')}Files:\n${list('md5', 'net optional ')}`;
}

/** A text clearsigned by the test key of `owner`. */
export async function clearsigned(text: string, owner = 'uploader'): Promise<string> {
  const { signer } = await signingKey(owner);
  return (await signer.clearsign(Buffer.from(text), signedAt)).toString();
}

/** The file that a verifier reads, with the keys of `owners`. */
export async function keyring(...owners: readonly string[]): Promise<Buffer> {
  const keys = await Promise.all(owners.map((owner) => signingKey(owner)));
  return Buffer.concat(keys.map(({ signer }) => signer.publicKey.binary));
}

/** The 16 digits of the key of `owner`. */
export async function keyIdOf(owner = 'uploader'): Promise<string> {
  return (await signingKey(owner)).fingerprint.slice(-16);
}

/** A folder with files and a signed `app.changes` about them. */
export async function signedUpload(folder: string, files: Files, spec?: ChangesSpec): Promise<Files> {
  return uploadOf(folder, files, await clearsigned(changesText(files, spec)));
}

/** A folder with files and any `app.changes`. */
export function uploadOf(folder: string, files: Files, changes: string): Files {
  const all = { ...files, 'app.changes': changes };
  return Object.fromEntries(Object.entries(all).map(([name, content]) => [`${folder}/${name}`, content]));
}
