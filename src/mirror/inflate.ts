import { PassThrough, type Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import lzma from 'lzma-native';
import createBunzip2 from 'unbzip2-stream';
import { EspejoError, systemCode } from '../core/errors.ts';

/**
 * Compressions of upstream indexes, best first. xz is a quarter smaller than gz but takes six times its processor
 * time to inflate, which a line of 30 Mbit/s or more does not make up for (test/bench); aptly chooses alike.
 */
export const compressions = ['gz', 'xz', 'bz2', 'none'] as const;

export type Compression = (typeof compressions)[number];

/** The file name suffix of a compression; empty for none. */
export function suffixOf(compression: Compression): string {
  return compression === 'none' ? '' : `.${compression}`;
}

/** Memory that an xz stream may ask for: the most that `xz -9` needs, with room to spare. */
const xzMemoryBytes = 256 * 2 ** 20;

/** Bytes of a piece of an inflated index: zlib's own 16 KiB cost twice the time, the whole chain counted. */
const chunkSize = 64 * 2 ** 10;

/** A stream that inflates; what it passes on must still be capped and verified by its reader. */
export function inflater(compression: Compression): NodeJS.ReadWriteStream {
  switch (compression) {
    case 'xz':
      return lzma.createStream('autoDecoder', {
        memlimit: xzMemoryBytes,
        bufsize: 4 * chunkSize,
      }) as unknown as Transform;
    case 'gz':
      return createGunzip({ chunkSize });
    case 'bz2':
      return createBunzip2();
    case 'none':
      return new PassThrough();
  }
}

/** Turns the error of an inflating stream into E_DECOMPRESS; other errors come back as they are. */
export function inflateError(cause: unknown, what: string): unknown {
  if (!(cause instanceof Error) || cause instanceof EspejoError) return cause;
  const ours = systemCode(cause)?.startsWith('Z_') === true || /^(LZMA|Bzip2Error$)/.test(cause.name);
  if (!ours) return cause;
  return new EspejoError('E_DECOMPRESS', `${what}: cannot be decompressed (${cause.message})`, {
    cause,
    hint: 'the upstream may be in the middle of an update; try again later',
  });
}
