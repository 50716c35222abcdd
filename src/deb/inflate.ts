import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import zlib from 'node:zlib';
import lzma from 'lzma-native';
import { abortedError, throwIfAborted } from '../core/abort.ts';
import { EspejoError, systemCode } from '../core/errors.ts';
import { bunzip2 } from './bunzip2.ts';
import { gunzip } from './gunzip.ts';
import { unlz4 } from './lz4.ts';
import { notAPackage } from './package-format.ts';

/** How a file is compressed, by the end of its name; empty for not at all. */
export type Compression = '' | '.gz' | '.bz2' | '.xz' | '.lzma' | '.zst' | '.lz4';

type Inflation = {
  /** Names the file in errors. */
  readonly what: string;
  /** It may inflate to no more. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
};

/**
 * Inflates bytes and hands them to `consume`, which must read to the end.
 * @throws E_SIZE_LIMIT as soon as there are more bytes than allowed
 * @throws E_DEB_FORMAT when the bytes are damaged, cut short, or followed by others
 * @throws E_ABORTED, and whatever source and consumer throw
 */
export async function inflate<Result>(
  source: AsyncIterable<Uint8Array>,
  compression: Compression,
  inflation: Inflation,
  consume: (plain: AsyncIterable<Uint8Array>) => Promise<Result>,
): Promise<Result> {
  const { what, signal } = inflation;
  if (compression === '') return await consume(capped(source, inflation));
  const input = { bytes: 0 };
  try {
    const decoder = decoders[compression];
    if (decoder !== undefined) return await consume(capped(decoder(source, what), inflation));
    const stream = inflater(compression as StreamedCompression, what);
    return await pipeline(
      Readable.from(counted(isLzma(compression) ? sliced(source) : source, input), { objectMode: false }),
      stream,
      async (plain: AsyncIterable<Uint8Array>) => {
        const result = await consume(capped(plain, inflation));
        // zlib stops at the end of the first frame and says nothing of what it leaves.
        if (compression === '.zst' && (stream as zlib.ZstdDecompress).bytesWritten !== input.bytes)
          throw notAPackage(what, 'bytes follow its first zstd frame');
        return result;
      },
      { signal },
    );
  } catch (cause) {
    if (signal.aborted) throw abortedError(signal);
    throw inflateError(cause, what);
  }
}

/** What inflates by pulling. */
const decoders: Partial<Record<Compression, typeof bunzip2>> = {
  '.gz': gunzip,
  '.bz2': bunzip2,
  '.lz4': unlz4,
};

/** What inflates in a stream that is written to. */
type StreamedCompression = '.xz' | '.lzma' | '.zst';

/**
 * Inflates bytes at once, which for a few kilobytes costs a fraction of {@link inflate}.
 * @throws as {@link inflate}
 */
export async function inflateAtOnce(
  bytes: Buffer,
  compression: '' | '.gz',
  inflation: Inflation,
): Promise<Buffer> {
  if (compression === '') return bytes;
  const { what, maxBytes } = inflation;
  try {
    return zlib.gunzipSync(bytes, { maxOutputLength: maxBytes });
  } catch (cause) {
    if (systemCode(cause) === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(what, maxBytes, cause);
    // Node refuses what follows the last member, and does not say that it was that.
    return await inflate(Readable.from([bytes]), compression, inflation, async (plain) => {
      const pieces: Uint8Array[] = [];
      for await (const piece of plain) pieces.push(piece);
      return Buffer.concat(pieces);
    });
  }
}

function tooLarge(what: string, maxBytes: number, cause?: unknown): EspejoError {
  return new EspejoError('E_SIZE_LIMIT', `${what}: inflates to more than ${maxBytes} bytes`, {
    cause,
    context: { file: what, maxBytes },
  });
}

function isLzma(compression: Compression): boolean {
  return compression === '.xz' || compression === '.lzma';
}

/**
 * lzma-native inflates whatever it is given at once and holds it all: 1 byte may become 7,000, so it gets little at a
 * time (a bomb then costs some 16 MiB, of 8 KiB at a time 110), and nothing may queue before it, because it joins what does.
 */
async function* sliced(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    for (let at = 0; at < chunk.byteLength; at += sliceBytes) yield chunk.subarray(at, at + sliceBytes);
  }
}

const sliceBytes = 1024;

/** The most that `xz -9` needs is 65 MiB; `xz --lzma2=dict=64MiB` still fits. */
const lzmaOptions = { memlimit: 128 * 2 ** 20, writableHighWaterMark: 1 };

function inflater(compression: StreamedCompression, what: string): Transform {
  switch (compression) {
    case '.xz':
    case '.lzma':
      return lzma.createDecompressor(lzmaOptions) as unknown as Transform;
    case '.zst':
      // Node 20 has none.
      if (typeof zlib.createZstdDecompress !== 'function')
        throw notAPackage(what, `zstd is not supported by Node ${process.versions.node}`);
      return zlib.createZstdDecompress();
  }
}

async function* counted(
  source: AsyncIterable<Uint8Array>,
  input: { bytes: number },
): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    input.bytes += chunk.byteLength;
    yield chunk;
  }
}

async function* capped(
  plain: AsyncIterable<Uint8Array>,
  { what, maxBytes, signal }: Inflation,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of plain) {
    throwIfAborted(signal);
    size += chunk.byteLength;
    if (size > maxBytes) throw tooLarge(what, maxBytes);
    yield chunk;
  }
}

function inflateError(cause: unknown, what: string): unknown {
  if (!(cause instanceof Error) || cause instanceof EspejoError) return cause;
  const code = systemCode(cause);
  const ours =
    code?.startsWith('Z_') === true || code?.startsWith('ZSTD_') === true || cause.name.startsWith('LZMA_');
  return ours ? notAPackage(what, `cannot be decompressed (${cause.message})`, cause) : cause;
}
