import { createHash } from 'node:crypto';
import {
  chmodSync,
  createReadStream,
  createWriteStream,
  linkSync,
  lstatSync,
  type Stats,
  statSync,
  symlinkSync,
} from 'node:fs';
import { copyFile, open, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import { mapConcurrently } from '../../core/concurrency.ts';
import { EspejoError, systemCode } from '../../core/errors.ts';
import { fileError } from '../../core/files.ts';
import type { StoredFile } from '../../core/stored-file.ts';
import { assertSafeFilePath } from '../../deb/paths.ts';
import type { LinkOptions, PublishedFile } from '../contract.ts';
import { makePublicDirectory, publicFileMode, syncDirectoriesBelow } from './public-files.ts';
import type { Storage } from './storage.ts';

/** Links under way at once; they are short. */
const linkWidth = 16;
/** Files after which everything else has its turn, signals among it: most files are looked at and linked without a wait. */
const filesPerTurn = 4;

type Linking<File> = LinkOptions<File> & {
  /** `<endpoint>/<prefix>` */
  readonly prefix: string;
  readonly storage: Storage;
};

/**
 * Gives every file its published name and makes the names durable: as the storage wants it, and a copy where hard links are
 * impossible. A file that is there already is left alone when it is the same inode or an untouched copy; one with other
 * content is replaced unless it must stay.
 * @throws E_UNSAFE_PATH, E_DISK_FULL, E_PERMISSION, E_IO; what the options throw
 */
export async function linkFiles<File extends PublishedFile>(
  files: readonly File[],
  options: Linking<File>,
): Promise<void> {
  const { prefix, signal } = options;
  for (const { path } of files) assertSafeFilePath(path, 'published file');
  const changed = new Set<string>();
  const made = new Set<string>();
  let seen = 0;
  await mapConcurrently(files, { width: linkWidth, signal }, async (file) => {
    seen += 1;
    if (seen % filesPerTurn === 0) await setImmediate();
    await options.check(file);
    try {
      if (await linkOne(file, options, made)) changed.add(dirname(join(prefix, file.path)));
    } catch (cause) {
      throw fileError(cause, `cannot publish ${join(prefix, file.path)}`);
    }
  });
  if (changed.size > 0) await syncDirectoriesBelow(prefix, changed);
}

/** Where something lies that is not the very file that is meant; links are made by other storages alone. */
export function differingFiles<File extends PublishedFile>(
  prefix: string,
  files: readonly File[],
  source: (file: File) => StoredFile,
): ReadonlySet<string> {
  const differing = new Set<string>();
  for (const file of files) {
    const published = factsOf(join(prefix, file.path));
    if (published === undefined) continue;
    const { localPath } = source(file);
    if (!isSameFile(published, localPath === undefined ? undefined : factsOf(localPath)))
      differing.add(file.path);
  }
  return differing;
}

function isSameFile(one: Stats, other: Stats | undefined): boolean {
  return one.ino === other?.ino && one.dev === other.dev;
}

function factsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    throw fileError(cause, `cannot look at ${path}`);
  }
}

/** Removes published files, what an interrupted run left beside them, and the directories that become empty by it. */
export async function removePublished(prefix: string, paths: Iterable<string>): Promise<void> {
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

/**
 * Looks and links without leaving the thread: of tens of thousands of files each call would wait longer for its turn than
 * it takes.
 * @param made the directories that are there already
 * @returns whether anything was changed
 */
async function linkOne<File extends PublishedFile>(
  file: File,
  options: Linking<File>,
  made: Set<string>,
): Promise<boolean> {
  const source = options.source(file);
  const target = join(options.prefix, file.path);
  const original = source.localPath === undefined ? undefined : readable(source.localPath);
  const published = lstatSync(target, { throwIfNoEntry: false });
  if (published !== undefined && (await isInPlace(file, { target, published, original }, options)))
    return false;
  if (published === undefined && !made.has(dirname(target))) {
    makePublicDirectory(dirname(target));
    made.add(dirname(target));
  }
  if (published === undefined && linked(source, target, options.storage)) return true;
  await replace(file, { source, target }, options.storage);
  return true;
}

/** A link has the mode of the file that it leads to. */
function readable(path: string): Stats {
  const facts = statSync(path);
  if ((facts.mode & publicFileMode) !== publicFileMode) chmodSync(path, facts.mode | publicFileMode);
  return facts;
}

type Found = { readonly target: string; readonly published: Stats; readonly original: Stats | undefined };

/**
 * Whether the published file may stay; when not, it may be replaced.
 * @throws what `onDifferent` throws
 */
async function isInPlace<File extends PublishedFile>(
  file: File,
  { target, published, original }: Found,
  options: Linking<File>,
): Promise<boolean> {
  const { link: method } = options.storage;
  const isLink = published.isSymbolicLink();
  const reached = isLink ? await stat(target).catch(() => undefined) : published;
  if (reached !== undefined && isSameFile(reached, original))
    return isLink === (method === 'symlink') && method !== 'copy';
  const mayCopy =
    published.isFile() && method !== 'symlink' && (method === 'copy' || published.dev !== original?.dev);
  if (mayCopy && !options.thorough && isUntouchedCopy(published, original, options.storage)) return true;
  const hasContent = reached?.isFile() === true && (await sha256Of(target)) === file.sha256;
  if (!hasContent && reached !== undefined) await options.onDifferent(file, target);
  return hasContent && mayCopy;
}

/** A copy has the time of its original; whoever edits it gives it another. */
function isUntouchedCopy(
  published: Stats,
  original: Stats | undefined,
  { link: method, verify }: Storage,
): boolean {
  if (original === undefined || published.size !== original.size) return false;
  if (method === 'copy' && verify === 'size') return true;
  return wholeSeconds(published.mtime) === wholeSeconds(original.mtime);
}

function wholeSeconds(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}

type Pair = { readonly source: StoredFile; readonly target: string };

async function replace(file: PublishedFile, { source, target }: Pair, storage: Storage): Promise<void> {
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
function linked({ localPath }: StoredFile, name: string, { link: method }: Storage): boolean {
  if (method === 'copy' || localPath === undefined) return false;
  try {
    if (method === 'symlink') symlinkSync(localPath, name);
    else linkSync(localPath, name);
    return true;
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EXDEV' || code === 'ENOTSUP' || code === 'EPERM' || code === 'EMLINK') return false;
    throw error;
  }
}

/** The copy of a file has its time. */
async function copy(source: StoredFile, target: string, file: PublishedFile): Promise<void> {
  const { localPath } = source;
  if (localPath === undefined) await pipeline(source.read(), createWriteStream(target));
  else await copyFile(localPath, target);
  const sha256 = await sha256Of(target);
  if (sha256 !== file.sha256) {
    throw new EspejoError(
      'E_DIGEST_MISMATCH',
      `${file.path}: its copy has SHA256 ${sha256}, its index says ${file.sha256}`,
    );
  }
  const mtime = localPath === undefined ? undefined : (await stat(localPath)).mtime;
  const handle = await open(target, 'r+');
  try {
    await handle.chmod(publicFileMode);
    if (mtime !== undefined) await handle.utimes(mtime, mtime);
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
