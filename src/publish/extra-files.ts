import { throwIfAborted } from '../core/abort.ts';
import { DigestMeter } from '../core/digest.ts';
import type { StoredFile } from '../core/stored-file.ts';
import type { RenderedFile } from './rendered-file.ts';

/** A file that is passed through, and listed in Release as it is. */
export type Extra = {
  /** Relative to Release. */
  readonly path: string;
  readonly source: StoredFile;
};

/** Each path once: where two sources have one, the last. */
export async function* extraFiles(
  extras: readonly Extra[],
  signal: AbortSignal,
): AsyncGenerator<RenderedFile> {
  for (const { path, source } of new Map(extras.map((one) => [one.path, one])).values()) {
    const meter = new DigestMeter();
    for await (const chunk of source.read()) {
      throwIfAborted(signal);
      meter.update(chunk);
    }
    yield { path, content: source, facts: meter.finish(), listed: true, byHash: true };
  }
}
