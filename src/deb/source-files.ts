import { type DigestName, digestNames, type FileFacts } from '../core/digest.ts';
import { EspejoError } from '../core/errors.ts';
import type { Stanza } from './control.ts';
import { fileListFields } from './field-names.ts';
import { addDigest, type DigestDraft, parseSize } from './file-facts.ts';
import { wordsOf } from './words.ts';

type ListedFile = { readonly name: string; readonly facts: FileFacts };

/**
 * The files of a source stanza: `Files` and the `Checksums-*` lists merged by name.
 * @param options.paths whether names may have directories in them; default false
 * @throws E_CONTROL_SYNTAX for a malformed line, lists that contradict each other, or no file at all
 */
export function parseSourceFiles(
  stanza: Stanza,
  { paths = false }: { readonly paths?: boolean } = {},
): readonly ListedFile[] {
  const lists = stanza.pick(fileListOrder.map(({ field }) => field.toLowerCase()));
  const files = new Map<string, { size: number; digests: DigestDraft }>();
  for (const [position, { digest }] of fileListOrder.entries()) {
    for (const { hex, size, name } of parseFileList(lists[position] ?? '')) {
      if (!paths && name.includes('/'))
        throw new EspejoError('E_CONTROL_SYNTAX', `"${name}" is not a file name`);
      mergeFile(files, { name, size, digest, hex });
    }
  }
  if (files.size === 0) throw new EspejoError('E_CONTROL_SYNTAX', 'no file is listed');
  return Array.from(files, ([name, facts]) => ({ name, facts }));
}

/**
 * The lines of a digest list as source stanzas and Release files have it: digest, size in bytes, name.
 * @throws E_CONTROL_SYNTAX
 */
export function parseFileList(
  list: string,
): readonly { readonly hex: string; readonly size: number; readonly name: string }[] {
  const entries = [];
  for (const line of list.split('\n')) {
    const words = wordsOf(line);
    if (words.length === 0) continue;
    const [hex, size, name] = words;
    if (hex === undefined || size === undefined || name === undefined || words.length > 3) {
      throw new EspejoError('E_CONTROL_SYNTAX', `"${line}" is not a digest, a size and a name`);
    }
    entries.push({ hex, size: parseSize(size), name });
  }
  return entries;
}

/**
 * Adds what one digest list says of a file to what others said.
 * @throws E_CONTROL_SYNTAX when it contradicts them
 */
export function mergeFile(
  files: Map<string, { readonly size: number; readonly digests: DigestDraft }>,
  entry: { readonly name: string; readonly size: number; readonly digest: DigestName; readonly hex: string },
): void {
  const { name, size, digest, hex } = entry;
  const known = files.get(name) ?? { size, digests: {} };
  if (known.size !== size) {
    throw new EspejoError(
      'E_CONTROL_SYNTAX',
      `"${name}" is listed with ${known.size} and with ${size} bytes`,
    );
  }
  addDigest(known.digests, digest, hex);
  files.set(name, known);
}

/** The fields that list files, in the order in which they are written. */
export const fileListOrder: readonly { readonly field: string; readonly digest: DigestName }[] =
  digestNames.map((digest) => ({ field: fileListFields[digest], digest }));
