import { EspejoError, isEspejoError } from '../core/errors.ts';
import { inflate } from '../deb/inflate.ts';

/**
 * Compressions of upstream indexes, best first. xz is a quarter smaller than gz but takes six times its processor
 * time to inflate, which a line of 30 Mbit/s or more does not make up for (test/bench); aptly chooses alike.
 */
export const compressions = ['gz', 'xz', 'bz2', 'zst', 'lzma', 'none'] as const;

export type Compression = (typeof compressions)[number];

/** The file name suffix of a compression; empty for none. */
export function suffixOf(compression: Compression): '' | `.${Exclude<Compression, 'none'>}` {
  return compression === 'none' ? '' : `.${compression}`;
}

type Inflation = {
  /** URL for errors. */
  readonly what: string;
  /** It may inflate to no more. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
};

/**
 * Inflates an index into `consume`, which must still verify what it gets.
 * @throws E_DECOMPRESS, E_SIZE_LIMIT, E_ABORTED, and whatever source and consumer throw
 */
export async function inflateIndex<Result>(
  body: AsyncIterable<Uint8Array>,
  compression: Compression,
  inflation: Inflation,
  consume: (plain: AsyncIterable<Uint8Array>) => Promise<Result>,
): Promise<Result> {
  try {
    const { source, first } = await beginning(body);
    const suffix = isPlain(first, compression) ? '' : suffixOf(compression);
    return await inflate(source, suffix, inflation, consume);
  } catch (cause) {
    if (!isEspejoError(cause, 'E_DEB_FORMAT')) throw cause;
    throw new EspejoError('E_DECOMPRESS', cause.message, {
      cause,
      hint: 'the upstream may be in the middle of an update; try again later',
    });
  }
}

/**
 * What some generators call `Packages.gz` is not compressed at all, and zlib's own reader, apt's, takes it as it is. No
 * bytes are no index whatever they are called. Digests say whether it is what was meant.
 */
function isPlain(first: Buffer, compression: Compression): boolean {
  return first.length === 0 || (compression === 'gz' && !first.subarray(0, 2).equals(gzipMagic));
}

const gzipMagic = Buffer.from([0x1f, 0x8b]);

async function beginning(
  body: AsyncIterable<Uint8Array>,
): Promise<{ readonly source: AsyncIterable<Uint8Array>; readonly first: Buffer }> {
  const chunks = body[Symbol.asyncIterator]();
  const held: Uint8Array[] = [];
  let length = 0;
  while (length < gzipMagic.length) {
    const next = await chunks.next();
    if (next.done === true) break;
    held.push(next.value);
    length += next.value.length;
  }
  const first = Buffer.concat(held);
  return { source: rejoined(first, chunks), first };
}

async function* rejoined(
  first: Buffer,
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield first;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}
