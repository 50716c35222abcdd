import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  constants,
  createZstdCompress,
  createZstdDecompress,
  zstdCompressSync,
  zstdDecompressSync,
} from 'node:zlib';
import type { Catalog, StoredIndex } from '../catalog/contract.ts';
import { sha256Hex, verified } from '../core/digest.ts';
import { makeDirectory } from '../core/directories.ts';
import { invariant, isEspejoError, systemCode } from '../core/errors.ts';
import { fileError, syncDirectory, writeFileAtomically } from '../core/files.ts';

const zstdOptions = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/**
 * Verified upstream metadata, kept by the SHA-256 of its plain bytes so that what did not change is not fetched
 * again. Stored zstd-compressed; every read is verified again, and a damaged file counts as absent.
 */
export type UpstreamFiles = {
  /** A small document, or undefined when it is not kept. */
  document(sha256: string): Promise<Buffer | undefined>;
  keepDocument(bytes: Buffer): Promise<string>;
  /** Hands a kept index to `consume`; undefined when it is not kept or damaged. */
  readIndex<Result>(
    sha256: string,
    consume: ConsumeIndex<Result>,
    signal: AbortSignal,
  ): Promise<Result | undefined>;
  /** Starts a copy of an index that is being read from upstream. */
  record(signal: AbortSignal): IndexRecording;
  /** Removes what no suite needs any more, and what a killed process left; only for the holder of the root's lock. */
  sweep(): Promise<void>;
};

type ConsumeIndex<Result> = (source: AsyncIterable<Uint8Array>) => Promise<Result>;

/** A copy under way: it gets its name by `keep`, once the digest is known to be right. */
export type IndexRecording = {
  write(chunk: Uint8Array): Promise<void>;
  keep(sha256: string, size: number): Promise<void>;
  discard(): Promise<void>;
};

/** @param directory `<root>/db/indexes` */
export function openUpstreamFiles(directory: string, catalog: Catalog): UpstreamFiles {
  const pathOf = (sha256: string): string => join(directory, `${sha256}.zst`);
  return {
    async document(sha256) {
      const compressed = await readIfThere(pathOf(sha256));
      if (compressed === undefined) return undefined;
      const bytes = inflateDocument(compressed);
      return bytes !== undefined && sha256Hex(bytes) === sha256 ? bytes : undefined;
    },

    async keepDocument(bytes) {
      const sha256 = sha256Hex(bytes);
      await writeFileAtomically(pathOf(sha256), zstdCompressSync(bytes, zstdOptions));
      await catalog.rememberIndex({ sha256, size: bytes.byteLength });
      return sha256;
    },

    async readIndex(sha256, consume, signal) {
      const known = await catalog.storedIndex(sha256);
      if (known === undefined || !(await isFile(pathOf(sha256)))) return undefined;
      const file = { path: pathOf(sha256), sha256, size: known.size };
      try {
        return await readVerified(file, consume, signal);
      } catch (error) {
        if (signal.aborted || (!isDamage(error) && (await isWhole(file, signal)))) throw error;
        await rm(file.path, { force: true });
        return undefined;
      }
    },

    record(signal) {
      return startRecording(directory, signal, async (temporary, { sha256, size }) => {
        await rename(temporary, pathOf(sha256));
        await syncDirectory(directory);
        await catalog.rememberIndex({ sha256, size });
      });
    },

    async sweep() {
      await catalog.forgetUnusedIndexes();
      for (const name of await namesIn(directory)) {
        const known = name.endsWith('.zst') ? await catalog.storedIndex(name.slice(0, -4)) : undefined;
        if (known === undefined) await rm(join(directory, name), { force: true });
      }
    },
  };
}

/** Whether a kept file itself is broken, as opposed to what is done with it. */
function isDamage(error: unknown): boolean {
  return (
    isEspejoError(error, 'E_DIGEST_MISMATCH', 'E_SIZE_MISMATCH', 'E_SIZE_LIMIT') ||
    /^(ZSTD_|Z_|ERR_BUFFER_TOO_LARGE)/.test(systemCode(error) ?? '')
  );
}

type KeptFile = StoredIndex & { readonly path: string };

/** The faults of a damaged file may show as faults of what reads it, so in doubt the file is read for itself. */
async function isWhole(file: KeptFile, signal: AbortSignal): Promise<boolean> {
  const discard = async (source: AsyncIterable<Uint8Array>): Promise<void> => {
    for await (const _ of source);
  };
  try {
    await readVerified(file, discard, signal);
    return true;
  } catch (error) {
    if (isDamage(error)) return false;
    throw error;
  }
}

async function readVerified<Result>(
  { path, sha256, size }: KeptFile,
  consume: ConsumeIndex<Result>,
  signal: AbortSignal,
): Promise<Result> {
  let result: { readonly value: Result } | undefined;
  await pipeline(
    createReadStream(path),
    createZstdDecompress({ chunkSize: 64 * 2 ** 10 }),
    verified({ what: path, maxBytes: size, size, digests: { sha256 } }),
    async (source: AsyncIterable<Uint8Array>) => {
      result = { value: await consume(source) };
    },
    { signal },
  );
  invariant(result !== undefined, 'a pipeline that ended has called its consumer');
  return result.value;
}

function startRecording(
  directory: string,
  signal: AbortSignal,
  name: (temporary: string, index: StoredIndex) => Promise<void>,
): IndexRecording {
  const temporary = join(directory, `.${randomBytes(6).toString('hex')}.tmp`);
  const compressor = createZstdCompress(zstdOptions);
  const written = writeTo(temporary, compressor);
  written.catch(() => undefined);
  const guarded = async (work: Promise<unknown>): Promise<void> => {
    try {
      await work;
    } catch (cause) {
      throw fileError(cause, `cannot write ${directory}`);
    }
  };
  return {
    async write(chunk) {
      if (compressor.write(chunk)) return;
      await guarded(Promise.race([once(compressor, 'drain', { signal }), written]));
    },

    async keep(sha256, size) {
      compressor.end();
      await guarded(written.then(() => name(temporary, { sha256, size })));
    },

    async discard() {
      compressor.destroy();
      await written.catch(() => undefined);
      await rm(temporary, { force: true });
    },
  };
}

/** Has ended, and closed its file, when it settles: what is removed after that stays removed. */
async function writeTo(path: string, source: Readable): Promise<void> {
  source.on('error', () => undefined);
  makeDirectory(dirname(path));
  const file = await open(path, 'wx');
  try {
    await file.writeFile(source);
    await file.sync();
  } finally {
    source.destroy();
    await file.close();
  }
}

/** Undefined for a damaged one. */
function inflateDocument(compressed: Buffer): Buffer | undefined {
  try {
    return zstdDecompressSync(compressed);
  } catch (error) {
    if (isDamage(error)) return undefined;
    throw error;
  }
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return undefined;
    throw fileError(cause, `cannot read ${path}`);
  }
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return [];
    throw fileError(cause, `cannot read ${directory}`);
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return false;
    throw fileError(cause, `cannot read ${path}`);
  }
}
