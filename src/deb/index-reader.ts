import { EspejoError } from '../core/errors.ts';

export type ParagraphOptions = {
  /** Names the index in errors: its URL or path. */
  readonly what: string;
  /** No paragraph may be longer; bytes, default 2 MiB (aptly's limit for a line). */
  readonly maxParagraphBytes?: number;
};

/**
 * Streams a Packages or Sources file: yields batches of paragraphs, each without the newline and blank line that end it.
 * A paragraph is a part of the chunk that it came in and keeps it alive: a reader that keeps a whole index thus keeps
 * its bytes once. One that reaches over several chunks is put together in memory of its own, and is the only one
 * that is held between chunks.
 * @throws E_INDEX_SYNTAX for a paragraph over the limit, and whatever the source throws
 */
export async function* readParagraphs(
  source: AsyncIterable<Uint8Array>,
  options: ParagraphOptions,
): AsyncGenerator<readonly Buffer[], void, undefined> {
  const splitter = new ParagraphSplitter(options);
  for await (const chunk of source) {
    yield* splitter.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
  }
  const last = splitter.finish();
  if (last.length > 0) yield [last];
}

const defaultMaxParagraphBytes = 2 * 2 ** 20;
const maxBatch = 1024;
const newline = 0x0a;

class ParagraphSplitter {
  /** The beginning of a paragraph whose end is in a later chunk; `#held` bytes of it are in use. */
  #rest = Buffer.alloc(0);
  #held = 0;
  readonly #what: string;
  readonly #maxBytes: number;

  constructor({ what, maxParagraphBytes = defaultMaxParagraphBytes }: ParagraphOptions) {
    this.#what = what;
    this.#maxBytes = maxParagraphBytes;
  }

  *push(chunk: Buffer): Generator<readonly Buffer[], void, undefined> {
    let batch: Buffer[] = [];
    let start = 0;
    for (;;) {
      if (this.#held === 0) start = afterNewlines(chunk, start);
      const blankLine = this.#blankLine(chunk, start);
      if (blankLine < 0) break;
      batch.push(this.#take(chunk, start, blankLine));
      start = blankLine + 1;
      if (batch.length === maxBatch) {
        yield batch;
        batch = [];
      }
    }
    this.#hold(chunk, start);
    if (batch.length > 0) yield batch;
  }

  /** What follows the last blank line; empty when there is nothing. */
  finish(): Buffer {
    const end = this.#held > 0 && this.#rest[this.#held - 1] === newline ? this.#held - 1 : this.#held;
    return this.#copyOfHeld(end);
  }

  /** The position of the newline that makes an empty line, or -1. */
  #blankLine(chunk: Buffer, start: number): number {
    if (this.#held > 0 && chunk[start] === newline && this.#rest[this.#held - 1] === newline) return start;
    const end = chunk.indexOf('\n\n', start, 'latin1');
    return end < 0 ? end : end + 1;
  }

  #take(chunk: Buffer, start: number, blankLine: number): Buffer {
    if (this.#held === 0) {
      this.#checkLength(blankLine - 1 - start);
      return chunk.subarray(start, blankLine - 1);
    }
    this.#hold(chunk.subarray(0, blankLine), start);
    const paragraph = this.#copyOfHeld(this.#held - 1);
    this.#held = 0;
    return paragraph;
  }

  /**
   * Appends to the unfinished paragraph, of which the last byte may be the newline that ends it. The buffer grows by
   * doubling, so tiny chunks cost no more than large ones.
   */
  #hold(chunk: Buffer, start: number): void {
    const needed = this.#held + chunk.length - start;
    this.#checkLength(needed - 1);
    if (needed > this.#rest.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#rest.length * 2));
      this.#rest.copy(grown, 0, 0, this.#held);
      this.#rest = grown;
    }
    chunk.copy(this.#rest, this.#held, start);
    this.#held = needed;
  }

  #copyOfHeld(end: number): Buffer {
    this.#checkLength(end);
    const copy = Buffer.allocUnsafeSlow(end);
    this.#rest.copy(copy, 0, 0, end);
    return copy;
  }

  #checkLength(bytes: number): void {
    if (bytes <= this.#maxBytes) return;
    throw new EspejoError(
      'E_INDEX_SYNTAX',
      `${this.#what}: a paragraph has more than ${this.#maxBytes} bytes`,
      {
        context: { index: this.#what, maxBytes: this.#maxBytes },
      },
    );
  }
}

function afterNewlines(bytes: Buffer, start: number): number {
  let at = start;
  while (bytes[at] === newline) at += 1;
  return at;
}
