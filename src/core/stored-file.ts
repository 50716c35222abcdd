import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { EspejoError } from './errors.ts';
import { fileError } from './files.ts';

/** Bytes that are kept somewhere: who wants them elsewhere links or copies them where it can, and else reads them. */
export type StoredFile = {
  /** Absolute; undefined for bytes that are no file of this machine. */
  readonly localPath: string | undefined;
  /** Whether nobody changes it in place, so that a second name for it will do. */
  readonly isImmutable: boolean;
  read(): AsyncIterable<Buffer>;
};

/** A file of this machine. Reading throws E_UNSAFE_PATH for a pipe or a device, without waiting for it; E_PERMISSION, E_IO. */
export function localFile(path: string, { isImmutable }: Pick<StoredFile, 'isImmutable'>): StoredFile {
  return { localPath: path, isImmutable, read: () => readLocal(path) };
}

const blockBytes = 256 * 1024;

async function* readLocal(path: string): AsyncGenerator<Buffer> {
  try {
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (!(await handle.stat()).isFile())
        throw new EspejoError('E_UNSAFE_PATH', `${path}: is not a regular file`);
      yield* handle.createReadStream({
        autoClose: false,
        highWaterMark: blockBytes,
      }) as AsyncIterable<Buffer>;
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw fileError(cause, `cannot read ${path}`);
  }
}
