import type { FileHandle } from 'node:fs/promises';
import { throwIfAborted } from '../core/abort.ts';

/** Bytes that are read once, forwards. */
export interface ByteSource {
  /** How many bytes were read or skipped. */
  readonly offset: number;
  /** The next bytes, at least one and at most `most`; empty at the end. */
  chunk(most: number): Promise<Buffer>;
  /** Passes over bytes. @returns how many: fewer than asked for at the end */
  skip(size: number): Promise<number>;
}

/** The next `size` bytes; fewer at the end. */
export async function readBytes(source: ByteSource, size: number): Promise<Buffer> {
  const first = await source.chunk(size);
  if (first.length === size || first.length === 0) return first;
  const chunks = [first];
  for (let missing = size - first.length; missing > 0; ) {
    const chunk = await source.chunk(missing);
    if (chunk.length === 0) break;
    chunks.push(chunk);
    missing -= chunk.length;
  }
  return Buffer.concat(chunks);
}

/** Bytes that come as a stream. */
export class StreamSource implements ByteSource {
  offset = 0;
  #rest: Buffer = Buffer.alloc(0);
  readonly #chunks: AsyncIterator<Uint8Array>;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  async chunk(most: number): Promise<Buffer> {
    if (most === 0 || !(await this.#fill())) return Buffer.alloc(0);
    const chunk = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(chunk.length);
    this.offset += chunk.length;
    return chunk;
  }

  async skip(size: number): Promise<number> {
    let skipped = 0;
    while (skipped < size) {
      const chunk = await this.chunk(size - skipped);
      if (chunk.length === 0) break;
      skipped += chunk.length;
    }
    return skipped;
  }

  /** Whether there are no more bytes. */
  async isAtEnd(): Promise<boolean> {
    return !(await this.#fill());
  }

  /** Gives back the last bytes of what was read. */
  unread(bytes: Buffer): void {
    const rest = this.#rest;
    const isJoined = bytes.buffer === rest.buffer && bytes.byteOffset + bytes.length === rest.byteOffset;
    this.#rest = isJoined
      ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length + rest.length)
      : Buffer.concat([bytes, rest]);
    this.offset -= bytes.length;
  }

  async #fill(): Promise<boolean> {
    while (this.#rest.length === 0) {
      const { done, value } = await this.#chunks.next();
      if (done === true) return false;
      this.#rest = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    }
    return true;
  }
}

/** Bytes that are in memory. */
export class MemorySource implements ByteSource {
  offset = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  async chunk(most: number): Promise<Buffer> {
    const chunk = this.#bytes.subarray(this.offset, this.offset + most);
    this.offset += chunk.length;
    return chunk;
  }

  async skip(size: number): Promise<number> {
    const skipped = Math.min(size, this.#bytes.length - this.offset);
    this.offset += skipped;
    return skipped;
  }
}

/** Bytes of an open file, from its beginning; skipping costs nothing. The handle stays its owner's. */
export class FileSource implements ByteSource {
  offset = 0;
  readonly #handle: FileHandle;
  readonly #size: number;
  readonly #signal: AbortSignal;

  /** @param file with the size that it had when it was opened; what grows behind that is not read */
  constructor(file: { readonly handle: FileHandle; readonly size: number }, signal: AbortSignal) {
    this.#handle = file.handle;
    this.#size = file.size;
    this.#signal = signal;
  }

  /** @throws E_ABORTED, and the errors of the file system */
  async chunk(most: number): Promise<Buffer> {
    throwIfAborted(this.#signal);
    const length = Math.min(most, this.#size - this.offset, maxRead);
    if (length <= 0) return Buffer.alloc(0);
    const buffer = Buffer.allocUnsafeSlow(length);
    const { bytesRead } = await this.#handle.read(buffer, 0, length, this.offset);
    this.offset += bytesRead;
    return buffer.subarray(0, bytesRead);
  }

  async skip(size: number): Promise<number> {
    const skipped = Math.max(0, Math.min(size, this.#size - this.offset));
    this.offset += skipped;
    return skipped;
  }
}

const maxRead = 128 * 1024;
