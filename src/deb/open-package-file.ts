import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { throwIfAborted } from '../core/abort.ts';
import { EspejoError } from '../core/errors.ts';
import { fileError } from '../core/files.ts';
import { FileSource, readBytes } from './byte-source.ts';
import { notAPackage } from './package-format.ts';

/** An open regular file and the size it had when it was opened. */
export type OpenFile = { readonly handle: FileHandle; readonly size: number };

/**
 * Opens a file for reading as long as `use` runs. Pipes and devices are refused without waiting for them.
 * @throws E_DEB_FORMAT when it is no regular file; E_IO, E_PERMISSION
 */
export async function withPackageFile<Result>(
  path: string,
  signal: AbortSignal,
  use: (file: OpenFile) => Promise<Result>,
): Promise<Result> {
  throwIfAborted(signal);
  try {
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stats = await handle.stat();
      if (!stats.isFile()) throw notAPackage(path, 'it is not a regular file');
      return await use({ handle, size: stats.size });
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw fileError(cause, `cannot read ${path}`);
  }
}

/**
 * All bytes of a package file, or undefined when it has more than `maxBytes`. It does not go through the pool of threads,
 * which takes most of the time of a thousand small files.
 * @throws E_DEB_FORMAT when it is no regular file, or changes while it is read; E_IO, E_PERMISSION
 */
export function readSmallFile(path: string, maxBytes: number): Buffer | undefined {
  try {
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stats = fstatSync(descriptor);
      if (!stats.isFile()) throw notAPackage(path, 'it is not a regular file');
      return stats.size > maxBytes ? undefined : readAll(descriptor, stats.size, path);
    } finally {
      closeSync(descriptor);
    }
  } catch (cause) {
    throw fileError(cause, `cannot read ${path}`);
  }
}

/** One byte more is asked for, so that a file that grows shows. */
function readAll(descriptor: number, size: number, path: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(size + 1);
  let filled = 0;
  for (;;) {
    const count = readSync(descriptor, bytes, filled, bytes.length - filled, filled);
    filled += count;
    if (count === 0 || filled > size) break;
  }
  if (filled === size) return bytes.subarray(0, size);
  throw notAPackage(path, 'it changed while it was read');
}

/**
 * All bytes of an open control file (.dsc, .changes).
 * @throws E_SIZE_LIMIT when it is longer than 4 MiB
 */
export async function readDocument(file: OpenFile, path: string, signal: AbortSignal): Promise<Buffer> {
  if (file.size > maxDocumentBytes) {
    throw new EspejoError('E_SIZE_LIMIT', `${path}: has more than ${maxDocumentBytes} bytes`, {
      context: { file: path, maxBytes: maxDocumentBytes },
    });
  }
  return await readBytes(new FileSource(file, signal), file.size);
}

const maxDocumentBytes = 4 * 2 ** 20;
