import { DigestMeter } from '../core/digest.ts';
import type { GenerationFile } from '../endpoint/contract.ts';

/** One file of a generation. */
export type RenderedFile = Omit<GenerationFile, 'content'> & {
  /** Undefined: only described, as the plain form of a Contents index is, or there already. */
  readonly content: GenerationFile['content'] | undefined;
  /** Whether Release describes it. */
  readonly listed: boolean;
  /** The component whose list decides it, together with the settings. */
  readonly component?: string;
};

/** An index or a Release file of a directory. */
export function indexFile(path: string, content: readonly Buffer[]): RenderedFile {
  const meter = new DigestMeter();
  for (const piece of content) meter.update(piece);
  return { path, content, facts: meter.finish(), listed: true, byHash: true };
}
