import { constants } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { throwIfAborted } from '../core/abort.ts';
import type { DigestMeter, FileFacts } from '../core/digest.ts';
import { EspejoError } from '../core/errors.ts';
import { fileError } from '../core/files.ts';

const blockBytes = 1 << 20;
/** No symbolic link is followed, and a pipe planted under the name does not block. */
const openFlags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * A file that grows by appending, together with the meter of everything that is in it.
 * All methods throw E_DISK_FULL, E_PERMISSION or E_IO.
 */
export class PartialFile {
  readonly path: string;
  readonly #handle: FileHandle;
  readonly #newMeter: () => DigestMeter;
  #meter: DigestMeter;
  #size: number;

  private constructor(path: string, handle: FileHandle, newMeter: () => DigestMeter) {
    this.path = path;
    this.#handle = handle;
    this.#newMeter = newMeter;
    this.#meter = newMeter();
    this.#size = 0;
  }

  /** Opens or makes the file; up to `keepBytes` that are there are hashed and kept, a longer file is emptied. */
  static async open(
    path: string,
    options: {
      readonly keepBytes: number;
      readonly newMeter: () => DigestMeter;
      readonly signal: AbortSignal;
    },
  ): Promise<PartialFile> {
    return await guarded(path, async () => {
      const handle = await open(path, openFlags, 0o644);
      const file = new PartialFile(path, handle, options.newMeter);
      try {
        const facts = await handle.stat();
        if (!facts.isFile()) throw new EspejoError('E_IO', `${path}: is not a regular file`);
        if (facts.size > options.keepBytes) await file.restart();
        else if (facts.size > 0) await file.#readAll(Math.min(facts.size, blockBytes), options.signal);
        return file;
      } catch (error) {
        await handle.close();
        throw error;
      }
    });
  }

  get size(): number {
    return this.#size;
  }

  async append(chunk: Uint8Array): Promise<void> {
    await guarded(this.path, async () => {
      let written = 0;
      while (written < chunk.byteLength) {
        const rest = chunk.subarray(written);
        written += (await this.#handle.write(rest, 0, rest.byteLength, this.#size + written)).bytesWritten;
      }
    });
    this.#size += chunk.byteLength;
    this.#meter.update(chunk);
  }

  /** Empties the file. */
  async restart(): Promise<void> {
    await guarded(this.path, () => this.#handle.truncate(0));
    this.#meter = this.#newMeter();
    this.#size = 0;
  }

  /** The facts of the whole file; once, or again after a restart. */
  measure(): FileFacts {
    return this.#meter.finish();
  }

  async close(): Promise<void> {
    await guarded(this.path, () => this.#handle.close());
  }

  /** Closes the unfinished file; an empty one is of no use and is removed. */
  async abandon(): Promise<void> {
    await this.#handle.close();
    if (this.#size === 0) await rm(this.path, { force: true });
  }

  async #readAll(blockSize: number, signal: AbortSignal): Promise<void> {
    const block = Buffer.allocUnsafe(blockSize);
    for (;;) {
      throwIfAborted(signal);
      const { bytesRead } = await this.#handle.read(block, 0, block.byteLength, this.#size);
      if (bytesRead === 0) return;
      this.#meter.update(block.subarray(0, bytesRead));
      this.#size += bytesRead;
    }
  }
}

async function guarded<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    throw fileError(cause, `cannot write ${path}`);
  }
}
