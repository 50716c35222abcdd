import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, type Stats } from 'node:fs';
import { copyFile, link, mkdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { mapConcurrently } from '../core/concurrency.ts';
import { EspejoError, systemCode } from '../core/errors.ts';
import { fileError } from '../core/files.ts';
import type { Pool } from '../pool/pool.ts';
import type { PlacedFile } from './plan.ts';

/** Links under way at once; they are short. */
const linkWidth = 8;

export type LinkOptions = {
  readonly pool: Pool;
  /** `<public>/<prefix>` */
  readonly prefix: string;
  /** Asked when a published file differs: the SHA-256 digests under which kept generations know that path. */
  readonly claims: (path: string) => Promise<ReadonlySet<string>>;
  readonly signal: AbortSignal;
};

/**
 * Gives every pool file its published name, as a hard link, or a copy where the published tree is on another file
 * system. A file that is there already is left alone when it is the same inode or has the right digest; one that was
 * altered is replaced; one that a kept generation needs with other content is a conflict.
 * @throws E_POOL_MISSING, E_PUBLISH_CONFLICT, E_DISK_FULL, E_PERMISSION, E_IO
 */
export async function linkPoolFiles(files: readonly PlacedFile[], options: LinkOptions): Promise<void> {
  await mapConcurrently(files, { width: linkWidth, signal: options.signal }, async (file) => {
    await assertInPool(file, options);
    try {
      await linkOne(file, options);
    } catch (cause) {
      throw fileError(cause, `cannot publish ${join(options.prefix, file.path)}`);
    }
  });
}

/** Removes published files and the directories that become empty by it. */
export async function removePublished(prefix: string, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await rm(join(prefix, path), { force: true });
    await removeEmptyParents(prefix, dirname(path));
  }
}

async function assertInPool(file: PlacedFile, { pool, signal }: LinkOptions): Promise<void> {
  const name = file.path.slice(file.path.lastIndexOf('/') + 1);
  const state = await pool.check(
    { name, facts: { size: file.size, digests: { sha256: file.sha256 } } },
    signal,
  );
  if (state === 'present') return;
  throw new EspejoError('E_POOL_MISSING', `${pool.absolute(file.poolPath)}: is missing or damaged`, {
    hint: 'run "espejo sync -force" to fetch it again; the published tree was not changed',
  });
}

async function linkOne(file: PlacedFile, { pool, prefix, claims }: LinkOptions): Promise<void> {
  const source = pool.absolute(file.poolPath);
  const target = join(prefix, file.path);
  const published = await statIfThere(target);
  const pooled = await stat(source);
  if (published !== undefined) {
    if (published.ino === pooled.ino && published.dev === pooled.dev) return;
    const rightCopy = published.size === file.size && (await sha256Of(target)) === file.sha256;
    if (rightCopy && published.dev !== pooled.dev) return;
    if (!rightCopy) await assertUnclaimed(file, claims);
  }
  await mkdir(dirname(target), { recursive: true });
  await linkOrCopy(source, target, file);
}

async function assertUnclaimed(file: PlacedFile, claims: LinkOptions['claims']): Promise<void> {
  const others = new Set(await claims(file.path));
  others.delete(file.sha256);
  if (others.size === 0) return;
  throw new EspejoError('E_PUBLISH_CONFLICT', `${file.path}: is published with different content`, {
    context: { path: file.path, wanted: file.sha256, published: [...others] },
    hint: 'the upstream changed a file without changing its version; publish it under another prefix',
  });
}

async function linkOrCopy(source: string, target: string, file: PlacedFile): Promise<void> {
  const temporary = join(dirname(target), `.${randomBytes(6).toString('hex')}.tmp`);
  try {
    try {
      await link(source, temporary);
    } catch (error) {
      if (systemCode(error) !== 'EXDEV') throw error;
      await copyFile(source, temporary);
      await assertCopied(temporary, file);
    }
    await rename(temporary, target);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function assertCopied(path: string, file: PlacedFile): Promise<void> {
  const sha256 = await sha256Of(path);
  if (sha256 === file.sha256) return;
  throw new EspejoError(
    'E_DIGEST_MISMATCH',
    `${file.path}: its copy has SHA256 ${sha256}, its index says ${file.sha256}`,
  );
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

async function statIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
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
