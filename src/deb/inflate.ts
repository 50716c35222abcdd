import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import zlib from 'node:zlib';
import lzma from 'lzma-native';
import { abortedError, throwIfAborted } from '../core/abort.ts';
import { EspejoError, systemCode } from '../core/errors.ts';
import { bunzip2 } from './bunzip2.ts';
import { notAPackage } from './package-format.ts';

/** How a file is compressed, by the end of its name; empty for not at all. */
export type Compression = '' | '.gz' | '.bz2' | '.xz' | '.lzma' | '.zst';

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
  if (compression === '.bz2') return await consume(capped(bunzip2(source, what), inflation));
  const input = { bytes: 0 };
  const stream = inflater(compression, what);
  try {
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

/**
 * Inflates bytes at once, which for a few kilobytes costs a fraction of {@link inflate}.
 * @throws as {@link inflate}
 */
export function inflateAtOnce(
  bytes: Buffer,
  compression: '' | '.gz',
  { what, maxBytes }: Pick<Inflation, 'what' | 'maxBytes'>,
): Buffer {
  if (compression === '') return bytes;
  try {
    return zlib.gunzipSync(bytes, { maxOutputLength: maxBytes });
  } catch (cause) {
    throw systemCode(cause) === 'ERR_BUFFER_TOO_LARGE'
      ? tooLarge(what, maxBytes, cause)
      : inflateError(cause, what);
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

/** Bytes of a piece: zlib's own 16 KiB cost twice the time, the whole chain counted. */
const gunzipBytes = 256 * 1024;

/** The most that `xz -9` needs is 65 MiB; `xz --lzma2=dict=64MiB` still fits. */
const lzmaOptions = { memlimit: 128 * 2 ** 20, writableHighWaterMark: 1 };

function inflater(compression: '.gz' | '.xz' | '.lzma' | '.zst', what: string): Transform {
  switch (compression) {
    case '.gz':
      return zlib.createGunzip({ chunkSize: gunzipBytes });
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
