import { overrun } from '../core/digest.ts';
import { EspejoError, invariant, isEspejoError } from '../core/errors.ts';
import { inflate } from '../deb/inflate.ts';
import { zstdFrames } from '../deb/zstd-frames.ts';

/**
 * Compressions of upstream indexes, best first. xz is a quarter smaller than gz but takes six times its processor
 * time to inflate, which a line of 30 Mbit/s or more does not make up for (test/bench); aptly chooses alike.
 */
export const compressions = ['gz', 'xz', 'bz2', 'zst', 'lz4', 'lzma', 'none'] as const;

export type Compression = (typeof compressions)[number];

type Suffix = '' | `.${Exclude<Compression, 'none'>}`;

/** The file name suffix of a compression; empty for none. */
export function suffixOf(compression: Compression): Suffix {
  return compression === 'none' ? '' : `.${compression}`;
}

type Inflation = {
  /** URL for errors. */
  readonly what: string;
  /** It may inflate to no more. */
  readonly maxBytes: number;
  /** How many bytes Release promises, when it says so. */
  readonly plainBytes?: number | undefined;
  readonly signal: AbortSignal;
};

/**
 * Inflates an index into `consume`, which must still verify what it gets. What follows the promised bytes does not count
 * where apt reads no further either.
 * @throws E_DECOMPRESS, E_SIZE_LIMIT, E_ABORTED, and whatever source and consumer throw
 */
export async function inflateIndex<Result>(
  body: AsyncIterable<Uint8Array>,
  compression: Compression,
  inflation: Inflation,
  consume: (plain: AsyncIterable<Uint8Array>) => Promise<Result>,
): Promise<Result> {
  const { what, plainBytes } = inflation;
  try {
    const { source, first } = await beginning(body);
    if (isPlain(first, compression)) return await inflate(source, '', inflation, consume);
    const suffix = suffixOf(compression);
    if (plainBytes !== undefined && readOnce.has(compression))
      return await inflatePromised(source, suffix, { ...inflation, plainBytes }, consume);
    const framed = compression === 'zst' ? zstdFrames(source, what) : source;
    return await inflate(framed, suffix, inflation, consume);
  } catch (cause) {
    if (!isEspejoError(cause, 'E_DEB_FORMAT')) throw cause;
    throw new EspejoError('E_DECOMPRESS', cause.message, {
      cause,
      hint: 'the upstream may be in the middle of an update; try again later',
    });
  }
}

/** Of these apt 2.6 reads one stream, and does not look at what follows; test/compat asks it. */
const readOnce: ReadonlySet<Compression> = new Set(['xz', 'bz2', 'lz4', 'lzma']);

/** As {@link inflate}, until the promised bytes are there: whatever is wrong behind them is not told. */
async function inflatePromised<Result>(
  source: AsyncIterable<Uint8Array>,
  suffix: Suffix,
  inflation: Inflation & { readonly plainBytes: number },
  consume: (plain: AsyncIterable<Uint8Array>) => Promise<Result>,
): Promise<Result> {
  let done: { readonly value: Result } | undefined;
  try {
    await inflate(leftOpen(source), suffix, inflation, async (plain) => {
      done = { value: await consume(promisedOf(plain, inflation)) };
    });
  } catch (error) {
    if (done === undefined || !isEspejoError(error, 'E_DEB_FORMAT')) throw error;
  }
  invariant(done !== undefined, 'who inflates has called the consumer');
  // The digest of the whole file counts, too.
  for await (const _ of source);
  return done.value;
}

/** So much may come behind the promised bytes and is passed over; a bomb is more. */
const slackBytes = 1 << 20;

async function* promisedOf(
  plain: AsyncIterable<Uint8Array>,
  { what, plainBytes }: { readonly what: string; readonly plainBytes: number },
): AsyncGenerator<Uint8Array, void> {
  let left = plainBytes;
  let seen = 0;
  try {
    for await (const chunk of plain) {
      if (left > 0) yield chunk.subarray(0, left);
      left -= Math.min(left, chunk.byteLength);
      seen += chunk.byteLength;
      const error = overrun(
        { what: `${what} (inflated)`, maxBytes: Infinity, size: plainBytes },
        seen - slackBytes,
      );
      if (error !== undefined) throw error;
    }
  } catch (error) {
    // A fault of the stream ends `inflate` as well, which tells them apart.
    if (left > 0 || (isEspejoError(error) && error.code !== 'E_DEB_FORMAT')) throw error;
  }
}

/** What stops reading this does not close what is read. */
async function* leftOpen(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const chunks = source[Symbol.asyncIterator]();
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
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
