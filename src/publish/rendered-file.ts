import { DigestMeter, type FileFacts } from '../core/digest.ts';

/** One file of a generation; the path is relative to Release. */
export type RenderedFile = {
  readonly path: string;
  /** Its bytes in pieces, or where they are; undefined: only described, as the plain form of a Contents index is. */
  readonly content: readonly Buffer[] | { readonly path: string; readonly immutable: boolean } | undefined;
  readonly facts: FileFacts;
  /** Whether Release describes it. */
  readonly listed: boolean;
  /** Whether it has by-hash names. */
  readonly byHash: boolean;
};

/** An index or a Release file of a directory. */
export function indexFile(path: string, content: readonly Buffer[]): RenderedFile {
  const meter = new DigestMeter();
  for (const piece of content) meter.update(piece);
  return { path, content, facts: meter.finish(), listed: true, byHash: true };
}
