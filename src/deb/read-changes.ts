import { EspejoError } from '../core/errors.ts';
import { parseStanza, type Stanza } from './control.ts';
import type { DigestDraft } from './file-facts.ts';
import { parseSize } from './file-facts.ts';
import { readDocument, withPackageFile } from './open-package-file.ts';
import { assertSafePath } from './paths.ts';
import type { Companion } from './read-dsc.ts';
import { readingPackage } from './reading-package.ts';
import { mergeFile, parseFileList } from './source-files.ts';
import { stripArmour } from './strip-armour.ts';
import { wordsOf } from './words.ts';

/** What an upload consists of (spec/semantics.md 8.3). */
export type Changes = {
  readonly stanza: Stanza;
  /** Each with its MD5, SHA1 and SHA256, in the order of `Files`. */
  readonly files: readonly Companion[];
  /** `Architecture`: what was built, `source` among them. */
  readonly architectures: readonly string[];
  /** `Binary`: names of packages. */
  readonly binaries: readonly string[];
};

/** A .changes file that nobody has verified. */
export type ChangesDocument = {
  /** The bytes of the file: what a verifier of clearsigned documents wants. */
  readonly document: Buffer;
  readonly signed: boolean;
  /** The text inside the armour, or the document. Pass what the verifier returned to {@link parseChanges} instead. */
  readonly content: Buffer;
};

/**
 * Reads a .changes file without looking into it.
 * @throws E_DEB_FORMAT when its armour is malformed; E_SIZE_LIMIT; E_IO, E_PERMISSION; E_ABORTED
 */
export async function readChanges(
  path: string,
  { signal }: { readonly signal: AbortSignal },
): Promise<ChangesDocument> {
  const document = await withPackageFile(path, signal, (file) => readDocument(file, path, signal));
  return { document, ...stripArmour(document, path) };
}

/**
 * Understands the content of a .changes file.
 * @param what names the file in errors
 * @throws E_CONTROL_SYNTAX also when a file lacks one of its three digests, E_UNSAFE_PATH when it is no plain name
 */
export function parseChanges(content: Buffer, what: string): Changes {
  const stanza = parseStanza(content, what);
  const files = readingPackage(what, () => changedFiles(stanza));
  for (const { name } of files) assertSafePath(name, what);
  return {
    stanza,
    files,
    architectures: wordsOf(stanza.get('Architecture')),
    binaries: wordsOf(stanza.get('Binary')),
  };
}

function changedFiles(stanza: Stanza): readonly Companion[] {
  const [files = '', sha1 = '', sha256 = ''] = stanza.pick(['files', 'checksums-sha1', 'checksums-sha256']);
  const found = new Map<string, { readonly size: number; readonly digests: DigestDraft }>();
  for (const entry of uploadList(files)) mergeFile(found, { ...entry, digest: 'md5' });
  for (const entry of parseFileList(sha1)) mergeFile(found, { ...entry, digest: 'sha1' });
  for (const entry of parseFileList(sha256)) mergeFile(found, { ...entry, digest: 'sha256' });
  if (found.size === 0) throw new EspejoError('E_CONTROL_SYNTAX', 'no file is listed');
  return Array.from(found, ([name, facts]) => {
    if (name.includes('/')) throw new EspejoError('E_UNSAFE_PATH', `"${name}" is not a file name`);
    const { md5, sha1: first, sha256: second } = facts.digests;
    if (md5 !== undefined && first !== undefined && second !== undefined) return { name, facts };
    throw new EspejoError(
      'E_CONTROL_SYNTAX',
      `"${name}" is not in all of Files, Checksums-Sha1 and Checksums-Sha256`,
    );
  });
}

/** Digest, size, section, priority, name (policy 5.6.21). */
function uploadList(
  list: string,
): readonly { readonly hex: string; readonly size: number; readonly name: string }[] {
  const entries = [];
  for (const line of list.split('\n')) {
    const [hex, size, section, priority, name, ...others] = wordsOf(line);
    if (hex === undefined) continue;
    const complete = size !== undefined && section !== undefined && priority !== undefined;
    if (!complete || name === undefined || others.length > 0) {
      throw new EspejoError(
        'E_CONTROL_SYNTAX',
        `"${line}" is not a digest, a size, a section, a priority and a name`,
      );
    }
    entries.push({ hex, size: parseSize(size), name });
  }
  return entries;
}
