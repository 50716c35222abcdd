import { throwIfAborted } from '../../core/abort.ts';
import { EspejoError } from '../../core/errors.ts';
import type { Job } from '../../core/progress.ts';
import type { AptlyPackage } from './aptly-package.ts';
import type { LevelDb } from './leveldb/database.ts';
import type { KeyRange, KeyValue } from './leveldb/merge.ts';
import { decodeMsgpack } from './msgpack.ts';
import { isSingleRecord, readPackage } from './package-record.ts';

/** A package with its place in the database. */
export type StoredPackage = AptlyPackage & {
  /** In the sorted keys of all packages; lists are made of these. */
  readonly position: number;
  /** Whether any list refers to it; the others are what `aptly db cleanup` would remove. */
  readonly referenced: boolean;
  /** Installed paths without leading slash, one character a byte, when they were asked for and aptly had read them. */
  readonly contents: readonly string[] | undefined;
};

export type PackagesOptions = {
  /** Also packages that no list refers to. Damaged ones are left out with a warning. Default false. */
  readonly unreferenced?: boolean;
  /** Read the cached lists of installed paths. Default false. */
  readonly contents?: boolean;
};

/** The keys of all packages in bytewise order, one character a byte. */
export async function readPackageKeys(db: LevelDb): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const batch of db.entries(prefixRange('P'))) {
    for (const { key } of batch) keys.push(key.toString('latin1'));
  }
  return keys;
}

/**
 * All packages in the order of their keys, in batches. The four or five records of a package lie in as many ranges of
 * the database in the same order; they are read side by side, so memory does not grow with the number of packages.
 * @param referenced by position
 * @throws E_CATALOG for a malformed record, with its key
 */
export async function* readPackages(
  db: LevelDb,
  referenced: Uint8Array,
  { signal, report, unreferenced = false, contents = false }: Job & PackagesOptions,
): AsyncGenerator<readonly StoredPackage[], void> {
  const reels = ['xF', 'xD', 'xE'].map((prefix) => new Reel(db, prefix));
  const contentsReel = contents ? new Reel(db, 'xC') : undefined;
  let position = -1;
  for await (const headers of db.entries(prefixRange('P'))) {
    throwIfAborted(signal);
    const batch: StoredPackage[] = [];
    for (const { key, value: header } of headers) {
      position += 1;
      const isReferenced = referenced[position] === 1;
      if (!isReferenced && !unreferenced) continue;
      const [files, relations, extra] = isSingleRecord(header) ? [] : await takeAll(reels, key);
      const list = await contentsReel?.take(key);
      const name = key.toString('latin1');
      try {
        const record = readPackage(name, { header, files, relations, extra });
        const paths = list === undefined ? undefined : readContents(list, `xC${name}`);
        batch.push({ ...record, position, referenced: isReferenced, contents: paths });
      } catch (error) {
        if (isReferenced || !(error instanceof EspejoError)) throw error;
        report({ type: 'warning', message: `left out, as nothing refers to it: ${error.message}` });
      }
    }
    if (batch.length > 0) yield batch;
  }
}

/** All keys that start with `prefix`, which ends in a letter. */
export function prefixRange(prefix: string): KeyRange {
  const end = Buffer.from(prefix, 'latin1');
  end.writeUInt8(end.readUInt8(end.length - 1) + 1, end.length - 1);
  return { start: Buffer.from(prefix, 'latin1'), end };
}

async function takeAll(reels: readonly Reel[], key: Buffer): Promise<readonly (Buffer | undefined)[]> {
  const values: (Buffer | undefined)[] = [];
  for (const reel of reels) values.push(await reel.take(key));
  return values;
}

/** Reads a range of the database forward and gives the values of the keys asked for, which only rise. */
class Reel {
  readonly #prefix: number;
  readonly #batches: AsyncGenerator<readonly KeyValue[], void>;
  #batch: readonly KeyValue[] = [];
  #at = 0;

  constructor(db: LevelDb, prefix: string) {
    this.#prefix = prefix.length;
    this.#batches = db.entries(prefixRange(prefix));
  }

  async take(key: Buffer): Promise<Buffer | undefined> {
    for (;;) {
      const entry = this.#batch[this.#at];
      if (entry === undefined) {
        const { done, value } = await this.#batches.next();
        if (done) return undefined;
        this.#batch = value;
        this.#at = 0;
        continue;
      }
      const order = Buffer.compare(entry.key.subarray(this.#prefix), key);
      if (order > 0) return undefined;
      this.#at += 1;
      if (order === 0) return entry.value;
    }
  }
}

function readContents(list: Buffer, what: string): readonly string[] {
  const paths = decodeMsgpack(list, what) ?? [];
  if (!Array.isArray(paths)) throw new EspejoError('E_CATALOG', `${what}: malformed record: it is no list`);
  return paths.map((path) => {
    if (!Buffer.isBuffer(path))
      throw new EspejoError('E_CATALOG', `${what}: malformed record: a path is no text`);
    return path.toString('latin1');
  });
}
