import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { DigestMeter } from '../core/digest.ts';
import type { RenderedFile } from './rendered-file.ts';

/** A file that is passed through, and listed in Release as it is. */
export type Extra = {
  /** Relative to Release. */
  readonly path: string;
  /** Absolute. */
  readonly source: string;
  /** Whether nobody changes it in place: it lies in the pool. */
  readonly immutable: boolean;
};

/** Each path once: where two sources have one, the last. */
export async function* extraFiles(
  extras: readonly Extra[],
  signal: AbortSignal,
): AsyncGenerator<RenderedFile> {
  for (const { path, source, immutable } of new Map(extras.map((one) => [one.path, one])).values()) {
    const meter = new DigestMeter();
    await pipeline(
      createReadStream(source),
      async (bytes) => {
        for await (const chunk of bytes) meter.update(chunk);
      },
      { signal },
    );
    yield { path, content: { path: source, immutable }, facts: meter.finish(), listed: true, byHash: true };
  }
}
