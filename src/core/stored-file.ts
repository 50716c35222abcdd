import { createReadStream } from 'node:fs';
import { fileError } from './files.ts';

/** Bytes that are kept somewhere: who wants them elsewhere links or copies them where it can, and else reads them. */
export type StoredFile = {
  /** Absolute; undefined for bytes that are no file of this machine. */
  readonly localPath: string | undefined;
  /** Whether nobody changes it in place, so that a second name for it will do. */
  readonly isImmutable: boolean;
  read(): AsyncIterable<Buffer>;
};

/** A file of this machine. Reading throws E_PERMISSION, E_IO. */
export function localFile(path: string, { isImmutable }: Pick<StoredFile, 'isImmutable'>): StoredFile {
  return { localPath: path, isImmutable, read: () => readLocal(path) };
}

async function* readLocal(path: string): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(path) as AsyncIterable<Buffer>;
  } catch (cause) {
    throw fileError(cause, `cannot read ${path}`);
  }
}
