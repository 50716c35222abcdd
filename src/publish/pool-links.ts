import { createHash } from 'node:crypto';
import { chmodSync, createReadStream, linkSync, lstatSync, type Stats, statSync, symlinkSync } from 'node:fs';
import { copyFile, open, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import { mapConcurrently } from '../core/concurrency.ts';
import { EspejoError, systemCode } from '../core/errors.ts';
import { fileError } from '../core/files.ts';
import { assertSafeFilePath } from '../deb/paths.ts';
import type { Pool } from '../pool/pool.ts';
import type { PlacedFile } from './plan.ts';
import type { Claims } from './pool-claims.ts';
import { makePublicDirectory, publicFileMode, syncDirectoriesBelow } from './public-files.ts';
import type { Storage } from './storage.ts';

/** Links under way at once; they are short. */
const linkWidth = 16;
/** Files after which everything else has its turn, signals among it: most files are looked at and linked without a wait. */
const filesPerTurn = 4;

/**
 * What happens to a published file with other content: `unless-claimed` replaces it unless a kept generation needs it,
 * `refuse` never, `replace` always.
 */
export type OnDifferent = 'unless-claimed' | 'refuse' | 'replace';

export type LinkOptions = {
  readonly pool: Pool;
  /** `<public>/<prefix>` */
  readonly prefix: string;
  readonly storage: Storage;
  readonly onDifferent: OnDifferent;
  /** Asked when a published file differs. */
  readonly claims: Claims;
  /** Hash copies that look untouched too; only a tree on another file system has copies. */
  readonly thorough: boolean;
  readonly signal: AbortSignal;
};

/**
 * Gives every pool file its published name and makes the names durable: as the storage wants it, and a copy where hard
 * links are impossible. A file that is there already is left alone when it is the same inode or an untouched copy; one
 * with other content is replaced or a conflict.
 * @throws E_UNSAFE_PATH, E_POOL_MISSING, E_PUBLISH_CONFLICT, E_DISK_FULL, E_PERMISSION, E_IO
 */
export async function linkPoolFiles(files: readonly PlacedFile[], options: LinkOptions): Promise<void> {
  const { prefix, signal } = options;
  for (const { path } of files) assertSafeFilePath(path, 'published file');
  const unique = [...new Map(files.map((file) => [file.path, file])).values()].sort(byPoolPath);
  const changed = new Set<string>();
  const made = new Set<string>();
  let seen = 0;
  await mapConcurrently(unique, { width: linkWidth, signal }, async (file) => {
    seen += 1;
    if (seen % filesPerTurn === 0) await setImmediate();
    await assertInPool(file, options);
    try {
      if (await linkOne(file, options, made)) changed.add(dirname(join(prefix, file.path)));
    } catch (cause) {
      throw fileError(cause, `cannot publish ${join(prefix, file.path)}`);
    }
  });
  if (changed.size > 0) await syncDirectoriesBelow(prefix, changed);
}

/** The order in which the pool and its ledger have them. */
function byPoolPath(a: PlacedFile, b: PlacedFile): number {
  return a.poolPath < b.poolPath ? -1 : 1;
}

/** Removes published files, what an interrupted run left beside them, and the directories that become empty by it. */
export async function removePublished(prefix: string, paths: readonly string[]): Promise<void> {
  try {
    for (const path of paths) {
      await rm(join(prefix, path), { force: true });
      await rm(temporaryOf(join(prefix, path)), { force: true });
      await removeEmptyParents(prefix, dirname(path));
    }
  } catch (cause) {
    throw fileError(cause, `cannot clean ${prefix}`);
  }
}

/** Removes what an interrupted run may have left beside published files. */
export async function removeTemporaries(prefix: string, paths: Iterable<string>): Promise<void> {
  for (const path of paths) await rm(temporaryOf(join(prefix, path)), { force: true });
}

/** The name of a file until it takes the place of another: the same in every run, so that a later run finds it. */
function temporaryOf(target: string): string {
  return join(dirname(target), `.${basename(target)}.new`);
}

async function assertInPool(file: PlacedFile, { pool, signal, thorough }: LinkOptions): Promise<void> {
  const name = basename(file.path);
  const facts = { size: file.size, digests: { sha256: file.sha256 } };
  if ((await pool.check({ name, facts, legacyPath: file.poolPath }, signal, { thorough })) === 'present')
    return;
  throw new EspejoError('E_POOL_MISSING', `${pool.absolute(file.poolPath)}: is missing or damaged`, {
    hint: 'the published tree was not changed; fetch the file again: "espejo sync -force" for a mirror of the configuration, "espejo mirror update" for another one, "espejo repo add" for a file of a repository',
  });
}

/**
 * Looks and links without leaving the thread: of tens of thousands of files each call would wait longer for its turn than
 * it takes.
 * @param made the directories that are there already
 * @returns whether anything was changed
 */
async function linkOne(file: PlacedFile, options: LinkOptions, made: Set<string>): Promise<boolean> {
  const source = options.pool.absolute(file.poolPath);
  const target = join(options.prefix, file.path);
  const pooled = statSync(source);
  if ((pooled.mode & publicFileMode) !== publicFileMode) chmodSync(source, pooled.mode | publicFileMode);
  const published = lstatSync(target, { throwIfNoEntry: false });
  if (published !== undefined && (await isInPlace(file, { source, target, published, pooled }, options)))
    return false;
  if (published === undefined && !made.has(dirname(target))) {
    makePublicDirectory(dirname(target));
    made.add(dirname(target));
  }
  if (published === undefined && linked(source, target, options.storage)) return true;
  await replace(file, { source, target }, options.storage);
  return true;
}

type Pair = { readonly source: string; readonly target: string };
type Found = Pair & { readonly published: Stats; readonly pooled: Stats };

/**
 * Whether the published file may stay; when not, it may be replaced.
 * @throws E_PUBLISH_CONFLICT
 */
async function isInPlace(file: PlacedFile, found: Found, options: LinkOptions): Promise<boolean> {
  const { target, published, pooled } = found;
  const { link: method } = options.storage;
  const isLink = published.isSymbolicLink();
  const reached = isLink ? await stat(target).catch(() => undefined) : published;
  const isSame = reached?.ino === pooled.ino && reached.dev === pooled.dev;
  if (isSame) return isLink === (method === 'symlink') && method !== 'copy';
  const mayCopy =
    published.isFile() && method !== 'symlink' && (method === 'copy' || published.dev !== pooled.dev);
  if (mayCopy && !options.thorough && isUntouchedCopy(published, pooled, options.storage)) return true;
  const hasContent = reached?.isFile() === true && (await sha256Of(target)) === file.sha256;
  if (!hasContent && reached !== undefined) await assertReplaceable(file, target, options);
  return hasContent && mayCopy;
}

/** A copy has the time of its original; whoever edits it gives it another. */
function isUntouchedCopy(published: Stats, pooled: Stats, { link: method, verify }: Storage): boolean {
  if (published.size !== pooled.size) return false;
  if (method === 'copy' && verify === 'size') return true;
  return wholeSeconds(published.mtime) === wholeSeconds(pooled.mtime);
}

function wholeSeconds(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}

/** @throws E_PUBLISH_CONFLICT */
async function assertReplaceable(file: PlacedFile, target: string, options: LinkOptions): Promise<void> {
  if (options.onDifferent === 'replace') return;
  if (options.onDifferent === 'unless-claimed') return await assertUnclaimed(file, options.claims);
  throw new EspejoError(
    'E_PUBLISH_CONFLICT',
    `error linking file to ${target}: file already exists and is different`,
    {
      context: { path: file.path, wanted: file.sha256 },
      hint: 'publish it under another prefix, or replace what is there for every publication of this one (-force-overwrite)',
    },
  );
}

async function assertUnclaimed(file: PlacedFile, claims: Claims): Promise<void> {
  const others = new Set(await claims(file.path));
  others.delete(file.sha256);
  if (others.size === 0) return;
  throw new EspejoError('E_PUBLISH_CONFLICT', `${file.path}: is published with different content`, {
    context: { path: file.path, wanted: file.sha256, published: [...others] },
    hint: 'the upstream changed a file without changing its version; publish it under another prefix',
  });
}

async function replace(file: PlacedFile, { source, target }: Pair, storage: Storage): Promise<void> {
  const temporary = temporaryOf(target);
  try {
    await rm(temporary, { force: true });
    if (!linked(source, temporary, storage)) await copy(source, temporary, file);
    await rename(temporary, target);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** @returns false when there must be a copy: the two are on different file systems, or this one has no hard links */
function linked(source: string, name: string, { link: method }: Storage): boolean {
  if (method === 'copy') return false;
  try {
    if (method === 'symlink') symlinkSync(source, name);
    else linkSync(source, name);
    return true;
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EXDEV' || code === 'ENOTSUP' || code === 'EPERM' || code === 'EMLINK') return false;
    throw error;
  }
}

async function copy(source: string, target: string, file: PlacedFile): Promise<void> {
  await copyFile(source, target);
  const sha256 = await sha256Of(target);
  if (sha256 !== file.sha256) {
    throw new EspejoError(
      'E_DIGEST_MISMATCH',
      `${file.path}: its copy has SHA256 ${sha256}, its index says ${file.sha256}`,
    );
  }
  const { mtime } = await stat(source);
  const handle = await open(target, 'r+');
  try {
    await handle.chmod(publicFileMode);
    await handle.utimes(mtime, mtime);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

async function removeEmptyParents(prefix: string, directory: string): Promise<void> {
  for (let current = directory; current.startsWith('pool/'); current = dirname(current)) {
    try {
      await rmdir(join(prefix, current));
    } catch (error) {
      const code = systemCode(error);
      if (code === 'ENOENT') continue;
      if (code === 'ENOTEMPTY' || code === 'EEXIST') return;
      throw error;
    }
  }
}
