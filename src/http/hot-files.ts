import { type Stats, statSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';

/** A published file in memory, with all that its answers need. */
export type HotFile = {
  readonly etag: string;
  readonly modified: string;
  readonly body: Buffer;
  /** Names and values in turn, as `ServerResponse.writeHead` takes them: of the whole file, and of 304. */
  readonly headers: { readonly whole: string[]; readonly unmodified: string[] };
};

type Kept = HotFile & { readonly path: string; readonly identity: Identity; used: boolean };

/** What tells one state of one file from every other. */
type Identity = Pick<Stats, 'dev' | 'ino' | 'size' | 'mtimeMs' | 'ctimeMs'>;

/** Files up to this size are kept when they are asked for, larger ones when they are asked for again. */
const smallBytes = 64 * 1024;
const rememberedTargets = 4096;

/**
 * The files that clients ask for most, within a limit of bytes. Nothing is answered from memory before the file system
 * has said, through the links as they are at that moment, that the path still leads to the very file that was read: a
 * publication may be flipped at any time.
 */
export class HotFiles {
  readonly #limit: number;
  readonly #largest: number;
  readonly #files = new Map<string, Kept>();
  readonly #askedFor = new Set<string>();
  readonly #beingRead = new Set<string>();
  #bytes = 0;

  /** @param limit bytes of all files together; a file may have a quarter of them */
  constructor(limit: number) {
    this.#limit = limit;
    this.#largest = limit / 4;
  }

  /** The file that the target of a request leads to now, when it is in memory. */
  find(target: string): HotFile | undefined {
    const file = this.#files.get(target);
    if (file === undefined) return undefined;
    if (isStill(file)) {
      file.used = true;
      return file;
    }
    this.#forget(target, file);
    return undefined;
  }

  /**
   * Reads an open file that is worth keeping, once.
   * @returns undefined when it is not, or when another request is reading it
   */
  async read(
    target: string,
    { path, handle, size }: { readonly path: string; readonly handle: FileHandle; readonly size: number },
    describe: (body: Buffer) => HotFile,
  ): Promise<HotFile | undefined> {
    if (!this.#isWorthKeeping(target, size)) return undefined;
    this.#beingRead.add(target);
    try {
      const before = await handle.stat();
      const body = Buffer.allocUnsafeSlow(size);
      const { bytesRead } = await handle.read(body, 0, size, 0);
      const identity = await handle.stat();
      if (bytesRead !== size || !isSame(before, identity)) return undefined;
      const file = { ...describe(body), path, identity, used: false };
      this.#keep(target, file);
      return file;
    } finally {
      this.#beingRead.delete(target);
    }
  }

  #isWorthKeeping(target: string, size: number): boolean {
    if (size > this.#largest || this.#beingRead.has(target)) return false;
    if (size <= smallBytes || this.#askedFor.delete(target)) return true;
    if (this.#askedFor.size >= rememberedTargets) this.#askedFor.clear();
    this.#askedFor.add(target);
    return false;
  }

  #keep(target: string, file: Kept): void {
    const old = this.#files.get(target);
    if (old !== undefined) this.#forget(target, old);
    this.#bytes += file.body.length;
    this.#files.set(target, file);
    // The oldest goes, but one that was used since it was looked at last gets another round.
    for (const [name, oldest] of this.#files) {
      if (this.#bytes <= this.#limit) return;
      this.#forget(name, oldest);
      if (!oldest.used) continue;
      oldest.used = false;
      this.#bytes += oldest.body.length;
      this.#files.set(name, oldest);
    }
  }

  #forget(target: string, file: Kept): void {
    if (this.#files.delete(target)) this.#bytes -= file.body.length;
  }
}

function isStill({ path, identity }: Kept): boolean {
  try {
    const now = statSync(path, { throwIfNoEntry: false });
    return now !== undefined && isSame(now, identity);
  } catch {
    return false;
  }
}

function isSame(left: Identity, right: Identity): boolean {
  return (
    left.ino === right.ino &&
    left.dev === right.dev &&
    left.size === right.size &&
    left.mtimeMs === right.mtimeMs &&
    left.ctimeMs === right.ctimeMs
  );
}
