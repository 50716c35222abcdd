import { constants } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { throwIfAborted } from '../../core/abort.ts';
import { assertFacts, DigestMeter, type DigestName, type FileFacts } from '../../core/digest.ts';
import { EspejoError, systemCode } from '../../core/errors.ts';
import type { LedgerEntry } from '../pool.ts';

const blockBytes = 1 << 20;

/**
 * Opens a file for reading, never through a symbolic link and never a device or pipe.
 * @throws E_UNSAFE_PATH
 */
async function openRegular(path: string): Promise<FileHandle> {
  let handle: FileHandle;
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (systemCode(error) === 'ELOOP') throw notRegular(path, error);
    throw error;
  }
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw notRegular(path, undefined);
}

/**
 * The size and digests of a file, and how to recognise it unchanged.
 * A file of another size than expected is not read.
 * @throws E_UNSAFE_PATH, E_ABORTED, system errors
 */
export async function measureFile(
  path: string,
  options: {
    readonly names: readonly DigestName[];
    /** Absent: whatever it has. */
    readonly expectedSize?: number;
    readonly signal: AbortSignal;
  },
): Promise<{ readonly facts: FileFacts; readonly entry: Omit<LedgerEntry, 'sha256'> }> {
  const handle = await openRegular(path);
  try {
    const { size, mtimeMs, ino } = await handle.stat();
    const entry = { size, mtimeMs, inode: ino };
    if (size !== (options.expectedSize ?? size)) return { facts: { size, digests: {} }, entry };
    const meter = new DigestMeter(options.names);
    for await (const block of blocksOf(handle, size)) {
      throwIfAborted(options.signal);
      meter.update(block);
    }
    return { facts: meter.finish(), entry };
  } finally {
    await handle.close();
  }
}

/**
 * Copies a file to a new name, durably, and proves that the copy holds what was promised; leaves nothing on failure.
 * @throws E_UNSAFE_PATH, E_SIZE_MISMATCH, E_DIGEST_MISMATCH, system errors
 */
export async function copyVerified(from: string, to: string, promised: FileFacts): Promise<void> {
  const source = await openRegular(from);
  try {
    await writeVerified(blocksOf(source, promised.size), to, { what: from, promised });
  } finally {
    await source.close();
  }
}

/**
 * Writes a new file, durably, and proves that it holds what was promised; leaves nothing on failure.
 * @throws E_SIZE_MISMATCH, E_DIGEST_MISMATCH, system errors
 */
export async function writeVerified(
  blocks: AsyncIterable<Buffer>,
  to: string,
  { what, promised }: { readonly what: string; readonly promised: FileFacts },
): Promise<void> {
  const target = await open(to, 'wx', 0o644);
  try {
    const meter = new DigestMeter(['sha256']);
    for await (const block of blocks) {
      meter.update(block);
      await target.writeFile(block);
    }
    assertFacts(what, promised, meter.finish());
    await target.sync();
  } catch (error) {
    await rm(to, { force: true });
    throw error;
  } finally {
    await target.close();
  }
}

/**
 * The file in blocks of up to 1 MiB; a block is valid until the next is asked for.
 * @param size what the file is expected to have
 */
async function* blocksOf(handle: FileHandle, size: number): AsyncGenerator<Buffer> {
  const block = Buffer.allocUnsafe(Math.min(Math.max(size, 1), blockBytes));
  for (let position = 0; ; ) {
    const { bytesRead } = await handle.read(block, 0, block.byteLength, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield block.subarray(0, bytesRead);
  }
}

function notRegular(path: string, cause: unknown): EspejoError {
  return new EspejoError('E_UNSAFE_PATH', `${path}: is not a regular file`, { cause });
}
