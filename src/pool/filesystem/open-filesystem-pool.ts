import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { lstat, readdir, rename as renameFile, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { throwIfAborted } from '../../core/abort.ts';
import { assertFacts, type Digests, digestNames, type FileFacts } from '../../core/digest.ts';
import { makeDirectory } from '../../core/directories.ts';
import { EspejoError, isEspejoError, systemCode } from '../../core/errors.ts';
import { fileError } from '../../core/files.ts';
import { localFile, type StoredFile } from '../../core/stored-file.ts';
import { syncPaths } from '../../core/sync-paths.ts';
import { assertSafeFilePath, poolPath } from '../../deb/paths.ts';
import type {
  LedgerEntry,
  MeasuredFile,
  Pool,
  PoolEntry,
  PoolFile,
  PoolLedger,
  StagedFile,
  TemporaryLife,
} from '../pool.ts';
import { copyVerified, measureFile, writeVerified } from './file-io.ts';
import {
  assertDirectories,
  identify,
  identityOf,
  isThere,
  makeDirectoryOf,
  regularFile,
  writeKept,
} from './keep-file.ts';
import { listEverything, listPool } from './list-pool.ts';

const partialSuffix = '.partial';
const damagedPrefix = 'damaged-';

type FilesystemPoolOptions = {
  /** Directory of the pool; made when absent. */
  readonly root: string;
  /** Directory of partial and damaged files, best on the same file system; made when absent. */
  readonly temporary: string;
  readonly ledger: PoolLedger;
  /** Told of each file that was found damaged. */
  readonly onDamaged?: (damage: {
    readonly path: string;
    readonly movedTo: string;
    readonly reason: string;
  }) => void;
  readonly rename?: (from: string, to: string) => Promise<void>;
};

/** A {@link Pool} in a directory. Throws E_DISK_FULL, E_PERMISSION, E_IO. */
export async function openFilesystemPool(options: FilesystemPoolOptions): Promise<Pool> {
  const root = resolve(options.root);
  const temporary = resolve(options.temporary);
  try {
    makeDirectory(root);
    makeDirectory(temporary);
  } catch (cause) {
    const error = fileError(cause, `cannot make the pool in ${root}`);
    // Where nothing may be written, the root can be read all the same; what writes says what is wrong.
    if (!isEspejoError(error, 'E_PERMISSION')) throw error;
  }
  return new FilesystemPool({ ...options, root, temporary });
}

class FilesystemPool implements Pool {
  readonly #root: string;
  /** Directories that got names since the last flush, and files that were kept. */
  readonly #unsynced = new Set<string>();
  /** What the ledger learns once the files are durable: it must not vouch for bytes that a power failure took. */
  readonly #pending = new Map<string, LedgerEntry>();
  readonly #temporary: string;
  readonly #ledger: PoolLedger;
  readonly #onDamaged: NonNullable<FilesystemPoolOptions['onDamaged']>;
  readonly #rename: (from: string, to: string) => Promise<void>;

  constructor(options: FilesystemPoolOptions) {
    this.#root = options.root;
    this.#temporary = options.temporary;
    this.#ledger = options.ledger;
    this.#onDamaged = options.onDamaged ?? (() => undefined);
    this.#rename = options.rename ?? renameFile;
  }

  path(file: PoolFile): string {
    const byDigest = poolPath(sha256Of(file), file.name);
    if (file.legacyPath !== undefined) assertSafeFilePath(file.legacyPath, 'pool');
    return file.legacyPath ?? byDigest;
  }

  nameOf(path: string): string {
    return join(this.#root, path);
  }

  stored(path: string): StoredFile {
    return localFile(this.#absolute(path), { isImmutable: true });
  }

  async size(path: string): Promise<number | undefined> {
    const target = this.#absolute(path);
    return await guarded(`cannot read ${target}`, async () => (await regularIfThere(target))?.size);
  }

  async isUnchanged(path: string, { size, digests }: FileFacts): Promise<boolean> {
    const target = this.#absolute(path);
    const known = this.#recall(path);
    if (known === undefined || digests.sha256 === undefined || known.size !== size) return false;
    const facts = await guarded(`cannot read ${target}`, () => regularIfThere(target));
    if (facts === undefined) return false;
    const { mtimeMs, ino } = facts;
    return isSame(known, { size: facts.size, mtimeMs, inode: ino, sha256: digests.sha256 });
  }

  async measure(path: string, signal: AbortSignal): Promise<MeasuredFile | undefined> {
    const target = this.#absolute(path);
    return await guarded(`cannot read ${target}`, async () => {
      if ((await regularIfThere(target)) === undefined) return undefined;
      const { facts, entry } = await measureFile(target, { names: digestNames, signal });
      const digests = facts.digests as Required<Digests>;
      this.#remember(path, { ...entry, sha256: digests.sha256 });
      return { size: facts.size, digests };
    });
  }

  stage(file: PoolFile, owner?: string): StagedFile {
    const name = `${sha256Of(file)}${partialSuffix}`;
    return { localPath: join(this.#temporary, owner === undefined ? name : `${owner}-${name}`) };
  }

  async check(
    file: PoolFile,
    signal: AbortSignal,
    { thorough } = { thorough: false },
  ): Promise<'present' | 'absent'> {
    const path = this.path(file);
    return await guarded(`cannot read ${this.#absolute(path)}`, async () => {
      const found = identify({ root: this.#root, path });
      if (found === undefined) {
        this.#forget(path);
        return 'absent';
      }
      const isKnown = !thorough && isSame(this.#recall(path), { ...found, sha256: sha256Of(file) });
      if (isKnown && found.size === file.facts.size) return 'present';
      const problem = await this.#problemOf(path, { file, signal });
      if (problem === undefined) return 'present';
      await this.#setAside(path, problem);
      return 'absent';
    });
  }

  async admit({ localPath }: StagedFile, file: PoolFile): Promise<{ readonly path: string }> {
    const path = this.path(file);
    const target = this.#absolute(path);
    return await guarded(`cannot put ${target} in place`, async () => {
      const { size } = regularFile(localPath);
      assertFacts(localPath, { size: file.facts.size }, { size, digests: {} });
      if (isThere({ root: this.#root, path })) {
        await this.#assertSame(path, file);
        await rm(localPath, { force: true });
        return { path };
      }
      this.#noteUnsynced(makeDirectoryOf({ root: this.#root, path }));
      await this.#move(localPath, target, file);
      this.#pending.set(path, { ...identityOf(target), sha256: sha256Of(file) });
      return { path };
    });
  }

  async copy(source: StoredFile, file: PoolFile, signal: AbortSignal): Promise<void> {
    const staged = this.stage(file);
    const from = source.localPath ?? file.name;
    await guarded(`cannot copy ${from} to the pool`, async () => {
      await rm(staged.localPath, { force: true });
      const blocks = untilAborted(source.read(), signal);
      await writeVerified(blocks, staged.localPath, { what: from, promised: file.facts });
    });
    await this.admit(staged, file);
  }

  async keep(bytes: Uint8Array, file: PoolFile, signal: AbortSignal): Promise<void> {
    const path = this.path(file);
    const target = this.#absolute(path);
    await guarded(`cannot put ${target} in place`, async () => {
      if (isThere({ root: this.#root, path }) && (await this.check(file, signal)) === 'present') return;
      const made = writeKept(bytes, { root: this.#root, path, partial: this.stage(file).localPath });
      this.#noteUnsynced(made.unsynced);
      this.#pending.set(path, { ...made.entry, sha256: sha256Of(file) });
    });
  }

  async flush(signal: AbortSignal): Promise<void> {
    const [paths, entries] = [[...this.#unsynced], new Map(this.#pending)];
    await guarded(`cannot make the pool in ${this.#root} durable`, () => syncPaths(paths, signal));
    for (const path of paths) this.#unsynced.delete(path);
    if (entries.size > 0) this.#ledger.rememberAll(entries);
    for (const path of entries.keys()) this.#pending.delete(path);
  }

  async sweepTemporary({
    partials,
    damaged,
  }: TemporaryLife): Promise<readonly { readonly name: string; readonly size: number }[]> {
    const gone: { readonly name: string; readonly size: number }[] = [];
    await guarded(`cannot clean ${this.#temporary}`, async () => {
      for (const name of await readdir(this.#temporary)) {
        const isDamaged = name.startsWith(damagedPrefix);
        if (!isDamaged && !name.endsWith(partialSuffix)) continue;
        const path = join(this.#temporary, name);
        const { size, mtime, ctime } = await lstat(path);
        // A damaged file keeps its time when it is set aside; that of its inode is when that was.
        if (isDamaged ? ctime >= damaged : mtime >= partials) continue;
        await rm(path, { force: true });
        if (isDamaged) gone.push({ name: path, size });
      }
    });
    return gone;
  }

  async remove(paths: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
    const usable = paths.filter((path) => this.#isUsable(path));
    for (const path of usable) this.#pending.delete(path);
    this.#ledger.forgetAll(usable);
    for (const path of usable) {
      throwIfAborted(signal);
      const target = this.#absolute(path);
      await guarded(`cannot remove ${target}`, () => rm(target, { force: true }));
    }
    const removed = new Set(usable);
    return paths.filter((path) => !removed.has(path));
  }

  list(): AsyncIterable<string> {
    return listPool(this.#root);
  }

  listAll(signal: AbortSignal): AsyncIterable<PoolEntry> {
    return listEverything(this.#root, signal);
  }

  /** @throws E_UNSAFE_PATH */
  #absolute(path: string): string {
    assertSafeFilePath(path, 'pool');
    return join(this.#root, path);
  }

  /** Whether a path is one of the pool's, and no link on its way leads elsewhere. */
  #isUsable(path: string): boolean {
    try {
      this.#absolute(path);
      assertDirectories({ root: this.#root, path });
      return true;
    } catch (error) {
      if (isEspejoError(error, 'E_UNSAFE_PATH')) return false;
      throw fileError(error, `cannot remove ${join(this.#root, path)}`);
    }
  }

  #recall(path: string): LedgerEntry | undefined {
    return this.#pending.get(path) ?? this.#ledger.recall(path);
  }

  #remember(path: string, entry: LedgerEntry): void {
    if (this.#pending.has(path)) this.#pending.set(path, entry);
    else this.#ledger.remember(path, entry);
  }

  #forget(path: string): void {
    this.#pending.delete(path);
    this.#ledger.forget(path);
  }

  /** Hashes the file and remembers it when it is right; else says what is wrong. */
  async #problemOf(
    path: string,
    { file, signal }: { readonly file: PoolFile; readonly signal: AbortSignal },
  ): Promise<string | undefined> {
    try {
      const { facts, entry } = await measureFile(this.#absolute(path), {
        names: digestNames.filter((name) => file.facts.digests[name] !== undefined),
        expectedSize: file.facts.size,
        signal,
      });
      assertFacts(this.#absolute(path), file.facts, facts);
      this.#remember(path, { ...entry, sha256: sha256Of(file) });
      return undefined;
    } catch (error) {
      if (isEspejoError(error, 'E_SIZE_MISMATCH', 'E_DIGEST_MISMATCH', 'E_UNSAFE_PATH')) return error.message;
      throw error;
    }
  }

  /** Nothing is deleted: what is damaged for us may be the only copy for somebody else. */
  async #setAside(path: string, reason: string): Promise<void> {
    const from = this.#absolute(path);
    const name = `${damagedPrefix}${randomBytes(4).toString('hex')}-${basename(path).replace(/^[0-9a-f]{28}_/, '')}`;
    this.#forget(path);
    let movedTo = join(this.#temporary, name);
    try {
      await this.#rename(from, movedTo);
    } catch (error) {
      if (systemCode(error) !== 'EXDEV') throw error;
      movedTo = join(dirname(from), `.${name}`);
      await renameFile(from, movedTo);
    }
    this.#onDamaged({ path, movedTo, reason });
  }

  #noteUnsynced(paths: readonly string[]): void {
    for (const path of paths) this.#unsynced.add(path);
  }

  async #move(partialPath: string, target: string, file: PoolFile): Promise<void> {
    try {
      await this.#rename(partialPath, target);
    } catch (error) {
      if (systemCode(error) !== 'EXDEV') throw error;
      const sibling = join(dirname(target), `.${randomBytes(6).toString('hex')}.tmp`);
      await copyVerified(partialPath, sibling, file.facts);
      await renameFile(sibling, target);
      await rm(partialPath, { force: true });
    }
  }

  /** @throws E_POOL_CONFLICT */
  async #assertSame(path: string, file: PoolFile): Promise<void> {
    const problem = await this.#problemOf(path, { file, signal: new AbortController().signal });
    if (problem === undefined) return;
    throw new EspejoError('E_POOL_CONFLICT', `${this.#absolute(path)}: a different file is in its place`, {
      context: { path, problem },
      hint: 'run the verification of the pool, which sets damaged files aside',
    });
  }
}

function isSame(known: LedgerEntry | undefined, { size, mtimeMs, inode, sha256 }: LedgerEntry): boolean {
  return (
    known?.sha256 === sha256 && known.inode === inode && known.size === size && known.mtimeMs === mtimeMs
  );
}

/** @throws E_UNSAFE_PATH when the name or the SHA-256 of the file cannot be used in a path */
function sha256Of(file: PoolFile): string {
  const { sha256 } = file.facts.digests;
  assertSafeFilePath(file.name, 'pool');
  if (file.name.includes('/')) {
    throw new EspejoError('E_UNSAFE_PATH', `pool: "${file.name}" is not a usable file name`);
  }
  if (sha256 === undefined || !/^[0-9a-f]{64}$/.test(sha256)) {
    throw new EspejoError('E_UNSAFE_PATH', `pool: ${file.name} has no usable SHA256`, {
      context: { name: file.name },
    });
  }
  return sha256;
}

/** Undefined when nothing has the name, or something that is no regular file. */
async function regularIfThere(path: string): Promise<Stats | undefined> {
  try {
    const facts = await lstat(path);
    return facts.isFile() ? facts : undefined;
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

async function* untilAborted(blocks: AsyncIterable<Buffer>, signal: AbortSignal): AsyncGenerator<Buffer> {
  for await (const block of blocks) {
    throwIfAborted(signal);
    yield block;
  }
}

async function guarded<Result>(action: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    throw fileError(cause, action);
  }
}
