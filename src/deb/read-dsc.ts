import type { FileFacts } from '../core/digest.ts';
import { parseStanza, type Stanza } from './control.ts';
import { type OpenFile, readDocument, withPackageFile } from './open-package-file.ts';
import { notAPackage } from './package-format.ts';
import { assertSafePath } from './paths.ts';
import { readingPackage } from './reading-package.ts';
import { parseSourceFiles } from './source-files.ts';
import { stripArmour } from './strip-armour.ts';

/** A file that a .dsc or .changes file names; it lies beside it. */
export type Companion = {
  /** A base name. */
  readonly name: string;
  readonly facts: FileFacts;
};

/** A source package control file. */
export type SourceControl = {
  readonly stanza: Stanza;
  /** In the order of the file, the .dsc itself not among them. */
  readonly files: readonly Companion[];
};

/**
 * Reads a .dsc. A signature is taken off without verification, as aptly does (spec/semantics.md 8.1).
 * @throws E_DEB_FORMAT, E_CONTROL_SYNTAX; E_UNSAFE_PATH when a file it names is not a plain name; E_SIZE_LIMIT; E_IO
 */
export async function readDsc(
  path: string,
  { signal }: { readonly signal: AbortSignal },
): Promise<SourceControl> {
  return await withPackageFile(path, signal, (file) => readDscOf(file, path, signal));
}

/** As {@link readDsc}, of a file that is open. */
export async function readDscOf(file: OpenFile, path: string, signal: AbortSignal): Promise<SourceControl> {
  const { content } = stripArmour(await readDocument(file, path, signal), path);
  const stanza = parseStanza(content, path);
  if ((stanza.get('Source') ?? '') === '') throw notAPackage(path, 'it has no Source field');
  const files = readingPackage(path, () => parseSourceFiles(stanza));
  for (const { name } of files) assertSafePath(name, path);
  return { stanza, files };
}
