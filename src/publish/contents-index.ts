import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { MinHeap } from '../core/min-heap.ts';

/** Sorted lines `<path> NUL <location>` of several packages, compressed block by block. */
export type ContentsRun = readonly Buffer[];

/** Characters that are sorted at once; with the strings around them some four times as many bytes. */
const batchCharacters = 16 * 2 ** 20;
/** Lines of a block, which is what a run costs while it is merged. */
const blockLines = 4096;

/**
 * Collects what packages install and keeps it sorted and compressed: a million paths are a few megabytes. What is
 * collected of one component and architecture can be rendered alone and together with others
 * (see {@link renderContents}), so that every package is added once.
 */
export class ContentsRuns {
  readonly #batchCharacters: number;
  readonly #runs: ContentsRun[] = [];
  #lines: string[] = [];
  #characters = 0;

  constructor(options: { readonly batchCharacters?: number } = {}) {
    this.#batchCharacters = options.batchCharacters ?? batchCharacters;
  }

  /**
   * @param location `<section>/<name>` of the package, or `<name>`
   * @param paths in any order, one character for each byte; those that do not fit in a line are passed over
   */
  add(location: string, paths: readonly string[]): void {
    const suffix = `\0${Buffer.from(location).toString('latin1')}`;
    for (const path of paths) {
      if (path === '' || path.includes('\n') || path.includes('\0')) continue;
      this.#lines.push(path + suffix);
      this.#characters += path.length + suffix.length;
    }
    if (this.#characters >= this.#batchCharacters) this.#seal();
  }

  /** What was added so far. */
  runs(): readonly ContentsRun[] {
    this.#seal();
    return [...this.#runs];
  }

  #seal(): void {
    if (this.#lines.length === 0) return;
    const lines = this.#lines.sort();
    const run: Buffer[] = [];
    for (let at = 0; at < lines.length; at += blockLines) {
      const block = lines.slice(at, at + blockLines).join('\n');
      run.push(zstdCompressSync(Buffer.from(block, 'latin1')));
    }
    this.#runs.push(run);
    this.#lines = [];
    this.#characters = 0;
  }
}

/**
 * Renders a Contents index (spec/semantics.md 7.3): `FILE LOCATION`, then `<path> <location>[,<location>...]`, sorted by the
 * bytes of the paths, locations sorted and each once. Yields pieces of some 64 KiB; nothing at all for no paths.
 */
export function* renderContents(runs: readonly ContentsRun[]): Generator<Buffer, void> {
  let piece: string[] = [];
  let characters = 0;
  const put = (text: string): void => {
    piece.push(text);
    characters += text.length;
  };
  let isFirst = true;
  for (const line of contentsLines(runs)) {
    if (isFirst) put('FILE LOCATION\n');
    isFirst = false;
    put(line);
    if (characters < pieceCharacters) continue;
    yield Buffer.from(piece.join(''), 'latin1');
    piece = [];
    characters = 0;
  }
  if (piece.length > 0) yield Buffer.from(piece.join(''), 'latin1');
}

const pieceCharacters = 64 * 1024;

/** One line for each path. */
function* contentsLines(runs: readonly ContentsRun[]): Generator<string, void> {
  let path: string | undefined;
  let locations: string[] = [];
  for (const entry of merged(runs)) {
    const end = entry.indexOf('\0');
    const location = entry.slice(end + 1);
    if (path !== undefined && end === path.length && entry.startsWith(path)) {
      if (locations.at(-1) !== location) locations.push(location);
      continue;
    }
    if (path !== undefined) yield `${path} ${locations.join(',')}\n`;
    path = entry.slice(0, end);
    locations = [location];
  }
  if (path !== undefined) yield `${path} ${locations.join(',')}\n`;
}

/** The lines of all runs in order: NUL is less than all that stands in a path, so paths come together. */
function* merged(runs: readonly ContentsRun[]): Generator<string, void> {
  const heap = new MinHeap<Cursor>((a, b) => a.line < b.line);
  for (const run of runs) {
    const cursor = new Cursor(run);
    if (cursor.advance()) heap.push(cursor);
  }
  for (let cursor = heap.first; cursor !== undefined; cursor = heap.first) {
    yield cursor.line;
    if (cursor.advance()) heap.settleFirst();
    else heap.removeFirst();
  }
}

/** Goes through the lines of a run. */
class Cursor {
  line = '';
  readonly #run: ContentsRun;
  #lines: readonly string[] = [];
  #block = 0;
  #at = 0;

  constructor(run: ContentsRun) {
    this.#run = run;
  }

  /** Goes to the next line; false at the end. */
  advance(): boolean {
    if (this.#at === this.#lines.length && !this.#nextBlock()) return false;
    this.line = this.#lines[this.#at] ?? '';
    this.#at += 1;
    return true;
  }

  #nextBlock(): boolean {
    const block = this.#run[this.#block];
    if (block === undefined) return false;
    this.#lines = zstdDecompressSync(block).toString('latin1').split('\n');
    this.#block += 1;
    this.#at = 0;
    return true;
  }
}
