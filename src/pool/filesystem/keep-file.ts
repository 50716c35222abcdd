import { randomBytes } from 'node:crypto';
import { closeSync, constants, lstatSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeDirectory } from '../../core/directories.ts';
import { EspejoError, systemCode } from '../../core/errors.ts';
import type { LedgerEntry } from '../pool.ts';

/*
 * Files of the pool that are written at once and made durable later, many together. All of it is done without the pool
 * of threads: a thousand small files take a tenth of the time.
 */

type Place = { readonly root: string; readonly path: string };

/**
 * Whether something has the name.
 * @throws E_UNSAFE_PATH when a directory above it is none
 */
export function isThere(place: Place): boolean {
  return identify(place) !== undefined;
}

/**
 * What tells one state of a file from another, undefined when there is none.
 * @throws E_UNSAFE_PATH when a directory above it is none
 */
export function identify({ root, path }: Place): Omit<LedgerEntry, 'sha256'> | undefined {
  assertDirectories({ root, path });
  const facts = lstatSync(join(root, path), { throwIfNoEntry: false });
  return facts === undefined ? undefined : { size: facts.size, mtimeMs: facts.mtimeMs, inode: facts.ino };
}

/**
 * A directory of the pool that is a symbolic link would lead reads and writes out of it.
 * @throws E_UNSAFE_PATH
 */
export function assertDirectories({ root, path }: Place): void {
  for (let directory = dirname(path); directory !== '.'; directory = dirname(directory)) {
    const facts = lstatSync(join(root, directory), { throwIfNoEntry: false });
    if (facts !== undefined && !facts.isDirectory()) throw notOfPool(join(root, directory));
  }
}

/**
 * A file that is none of the pool yet.
 * @throws E_UNSAFE_PATH for a link, a directory or a device; system errors
 */
export function regularFile(path: string): { readonly size: number } {
  const facts = lstatSync(path);
  if (facts.isFile()) return facts;
  throw new EspejoError('E_UNSAFE_PATH', `${path}: is not a regular file`);
}

/** What tells one state of a file from another. */
export function identityOf(target: string): Omit<LedgerEntry, 'sha256'> {
  const { size, mtimeMs, ino } = lstatSync(target);
  return { size, mtimeMs, inode: ino };
}

/**
 * Makes the directory of a file.
 * @returns what must be synced before anything refers to the file, once it is there
 */
export function makeDirectoryOf({ root, path }: Place): readonly string[] {
  const target = join(root, path);
  const directory = dirname(target);
  const first = makeDirectory(directory);
  return [target, directory, ...(first === undefined ? [] : [dirname(directory), root])];
}

/**
 * Writes a file that has no name yet: under another name, then by rename, so that it is there whole or not at all.
 * @returns what must be synced before anything refers to it, and how to recognise it
 * @throws system errors; nothing is left then
 */
export function writeKept(
  bytes: Uint8Array,
  { root, path, partial }: Place & { readonly partial: string },
): { readonly unsynced: readonly string[]; readonly entry: Omit<LedgerEntry, 'sha256'> } {
  const target = join(root, path);
  const unsynced = makeDirectoryOf({ root, path });
  writeWhole(bytes, partial, target);
  return { unsynced, entry: identityOf(target) };
}

/** Through the temporary directory, or when that is on another file system, beside the target. */
function writeWhole(bytes: Uint8Array, partial: string, target: string): void {
  try {
    writeThrough(bytes, partial, target);
  } catch (error) {
    if (systemCode(error) !== 'EXDEV') throw error;
    writeThrough(bytes, join(dirname(target), `.${randomBytes(6).toString('hex')}.tmp`), target);
  }
}

/** What an earlier attempt left is written over; links are not followed. */
const createFlags: number = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;

function writeThrough(bytes: Uint8Array, partial: string, target: string): void {
  try {
    const descriptor = openSync(partial, createFlags, 0o644);
    try {
      writeFileSync(descriptor, bytes);
    } finally {
      closeSync(descriptor);
    }
    renameSync(partial, target);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}

/** The error of a directory of the pool that is a link or a file: it would lead reads and writes out of the pool. */
function notOfPool(directory: string): EspejoError {
  return new EspejoError('E_UNSAFE_PATH', `${directory}: is not a directory of the pool`, {
    hint: 'the pool holds no symbolic links; move the whole pool instead',
  });
}
