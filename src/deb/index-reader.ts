import { EspejoError } from '../core/errors.ts';
import { printable } from '../core/redact.ts';

export type ParagraphOptions = {
  /** Names the index in errors: its URL or path. */
  readonly what: string;
  /** No paragraph may be longer; bytes, default 2 MiB (aptly's limit for a line). */
  readonly maxParagraphBytes?: number;
  /**
   * Is told of lines that end in CR LF, of which the CR is taken away, and of paragraphs that are left out for their
   * length. Without it the first are left as they are, and the others are errors.
   */
  readonly onOdd?: (oddity: Oddity) => void;
};

/** What is odd about a part of an index. */
export type Oddity = {
  /** Oddities of one kind read alike: "a version", "Size". */
  readonly kind: string;
  /** Index, package, field and why, in one line. */
  readonly message: string;
  /** Whether a package is left out; it is taken otherwise. */
  readonly isLeftOut: boolean;
};

/**
 * Streams a Packages or Sources file: yields batches of paragraphs, each without the newline and blank line that end it.
 * A paragraph is a part of the chunk that it came in and keeps it alive: a reader that keeps a whole index thus keeps
 * its bytes once. One that reaches over several chunks is put together in memory of its own, and is the only one
 * that is held between chunks.
 * @throws E_INDEX_SYNTAX for a paragraph over the limit that nobody is told of, and whatever the source throws
 */
export async function* readParagraphs(
  source: AsyncIterable<Uint8Array>,
  options: ParagraphOptions,
): AsyncGenerator<readonly Buffer[], void, undefined> {
  const splitter = new ParagraphSplitter(options);
  const { what, onOdd } = options;
  const lines = new LineEnds();
  for await (const chunk of source) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    yield* splitter.push(onOdd === undefined ? bytes : lines.plain(bytes));
  }
  if (lines.removed > 0) {
    const message = `${what}: ${lines.removed} lines end in CR LF; read as if they did not`;
    onOdd?.({ kind: 'line ends', message, isLeftOut: false });
  }
  const last = splitter.finish();
  if (last.length > 0) yield [last];
}

const defaultMaxParagraphBytes = 2 * 2 ** 20;
const maxBatch = 1024;
const newline = 0x0a;

/** Takes the CR of CR LF away, also where a chunk ends between the two. */
class LineEnds {
  removed = 0;
  #holdsReturn = false;

  plain(chunk: Buffer): Buffer {
    if (!this.#holdsReturn && !chunk.includes(carriageReturn)) return chunk;
    const plain = Buffer.allocUnsafeSlow(chunk.length + 1);
    let length = 0;
    for (const byte of chunk) {
      if (this.#holdsReturn) {
        if (byte === newline) this.removed += 1;
        else plain[length++] = carriageReturn;
      }
      this.#holdsReturn = byte === carriageReturn;
      if (!this.#holdsReturn) plain[length++] = byte;
    }
    return plain.subarray(0, length);
  }
}

const carriageReturn = 0x0d;

class ParagraphSplitter {
  /** The beginning of a paragraph whose end is in a later chunk; `#held` bytes of it are in use. */
  #rest = Buffer.alloc(0);
  #held = 0;
  /** Whether the paragraph under way is over the limit: its bytes are passed over, but for the last one. */
  #isTooLong = false;
  readonly #what: string;
  readonly #maxBytes: number;
  readonly #onOdd: ParagraphOptions['onOdd'];

  constructor({ what, maxParagraphBytes = defaultMaxParagraphBytes, onOdd }: ParagraphOptions) {
    this.#what = what;
    this.#maxBytes = maxParagraphBytes;
    this.#onOdd = onOdd;
  }

  *push(chunk: Buffer): Generator<readonly Buffer[], void, undefined> {
    let batch: Buffer[] = [];
    let start = 0;
    for (;;) {
      if (this.#held === 0) start = afterNewlines(chunk, start);
      const blankLine = this.#blankLine(chunk, start);
      if (blankLine < 0) break;
      const paragraph = this.#take(chunk, start, blankLine);
      if (paragraph !== undefined) batch.push(paragraph);
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
    if (this.#isTooLong) return Buffer.alloc(0);
    const end = this.#held > 0 && this.#rest[this.#held - 1] === newline ? this.#held - 1 : this.#held;
    return this.#copyOfHeld(end);
  }

  /** The position of the newline that makes an empty line, or -1. */
  #blankLine(chunk: Buffer, start: number): number {
    if (this.#held > 0 && chunk[start] === newline && this.#rest[this.#held - 1] === newline) return start;
    const end = chunk.indexOf('\n\n', start, 'latin1');
    return end < 0 ? end : end + 1;
  }

  /** Undefined for one that is too long. */
  #take(chunk: Buffer, start: number, blankLine: number): Buffer | undefined {
    if (this.#held === 0) {
      const paragraph = chunk.subarray(start, blankLine - 1);
      return this.#fits(paragraph.length, paragraph) ? paragraph : undefined;
    }
    this.#hold(chunk.subarray(0, blankLine), start);
    const paragraph = this.#isTooLong ? undefined : this.#copyOfHeld(this.#held - 1);
    this.#held = 0;
    this.#isTooLong = false;
    return paragraph;
  }

  /**
   * Appends to the unfinished paragraph, of which the last byte may be the newline that ends it. The buffer grows by
   * doubling, so tiny chunks cost no more than large ones.
   */
  #hold(chunk: Buffer, start: number): void {
    if (start >= chunk.length) return;
    const needed = this.#held + chunk.length - start;
    this.#isTooLong ||= !this.#fits(needed - 1, this.#held === 0 ? chunk.subarray(start) : this.#rest);
    if (this.#isTooLong) {
      // Only whether the last byte ended a line is still of interest.
      this.#rest = Buffer.from(chunk.subarray(-1));
      this.#held = 1;
      return;
    }
    if (needed > this.#rest.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#rest.length * 2));
      this.#rest.copy(grown, 0, 0, this.#held);
      this.#rest = grown;
    }
    chunk.copy(this.#rest, this.#held, start);
    this.#held = needed;
  }

  #copyOfHeld(end: number): Buffer {
    const copy = Buffer.allocUnsafeSlow(end);
    this.#rest.copy(copy, 0, 0, end);
    return copy;
  }

  #fits(bytes: number, beginning: Buffer): boolean {
    if (bytes <= this.#maxBytes) return true;
    if (this.#onOdd === undefined) {
      throw new EspejoError(
        'E_INDEX_SYNTAX',
        `${this.#what}: a paragraph has more than ${this.#maxBytes} bytes`,
        { context: { index: this.#what, maxBytes: this.#maxBytes } },
      );
    }
    const line = printable(beginning.toString('utf8', 0, 80).split('\n', 1)[0] ?? '');
    const message = `${this.#what}: the paragraph that begins with "${line}" has more than ${this.#maxBytes} bytes; left out`;
    this.#onOdd({ kind: 'length', message, isLeftOut: true });
    return false;
  }
}

function afterNewlines(bytes: Buffer, start: number): number {
  let at = start;
  while (bytes[at] === newline) at += 1;
  return at;
}
