import type { PackageRecord } from '../catalog/packages.ts';
import type { FileFacts } from '../core/digest.ts';
import { localFile } from '../core/stored-file.ts';
import { readSmallFile } from '../deb/open-package-file.ts';
import type { BinaryPackage, SourcePackage } from '../deb/package.ts';
import { packageOfDeb, packageOfDebBytes } from '../deb/package-of-deb.ts';
import { packageOfDsc } from '../deb/package-of-dsc.ts';
import type { Companion } from '../deb/read-dsc.ts';
import type { Pool, PoolFile } from '../pool/pool.ts';
import { packageRecord, wholeFile } from './record.ts';

/** A package file that was read, before anything of it is in the pool. */
export type PackageOnDisk = {
  readonly package: BinaryPackage | SourcePackage;
  readonly files: readonly FileOnDisk[];
};

type FileOnDisk = {
  readonly name: string;
  readonly facts: FileFacts;
  /** Where it lies; undefined when the pool has it already. */
  readonly path: string | undefined;
  /** Of a small file: what was read and measured. */
  readonly bytes?: Buffer;
};

/** Files of so many bytes are read once and held until they are in the pool; larger ones are read again. */
const smallBytes = 256 * 1024;

type Context = {
  readonly pool: Pool;
  readonly signal: AbortSignal;
  /** Told what a person should know of a file that is taken. */
  readonly warn?: (message: string) => void;
};

/**
 * Reads a .deb, .udeb, .ddeb or .dsc with the files that it names; companions of a .dsc may be in the pool instead.
 * @throws as `packageOfDeb` and `packageOfDsc`
 */
export async function readPackageFile(path: string, context: Context): Promise<PackageOnDisk> {
  const { pool, signal } = context;
  if (path.endsWith('.dsc')) {
    return await packageOfDsc(path, { signal, elsewhere: (file) => pooledFacts(file, { pool, signal }) });
  }
  const bytes = readSmallFile(path, smallBytes);
  const pkg =
    bytes === undefined ? await packageOfDeb(path, context) : await packageOfDebBytes(bytes, path, context);
  const { name, facts } = pkg.file;
  return { package: pkg, files: [{ name, facts, path, ...(bytes === undefined ? {} : { bytes }) }] };
}

/**
 * Copies the files of a package into the pool; each copy is proved to hold what was read before.
 * @returns the package as the catalog keeps it
 * @throws E_DIGEST_MISMATCH, E_SIZE_MISMATCH when a file changed meanwhile; E_POOL_CONFLICT, E_DISK_FULL, E_IO
 */
export async function importPackage(
  { package: pkg, files }: PackageOnDisk,
  context: Context,
): Promise<PackageRecord> {
  for (const file of files) await intoPool(file, context);
  const placed = files.map(({ name, facts }) => wholeFile(name, facts, context.pool.path({ name, facts })));
  return packageRecord(pkg, placed);
}

/** The files of a package that lie on disk, with the package file itself. */
export function pathsOf({ files }: PackageOnDisk): readonly string[] {
  return files.flatMap(({ path }) => path ?? []);
}

async function intoPool({ name, facts, path, bytes }: FileOnDisk, { pool, signal }: Context): Promise<void> {
  const file: PoolFile = { name, facts };
  if (bytes !== undefined) {
    await pool.keep(bytes, file, signal);
    return;
  }
  if (path === undefined || (await pool.check(file, signal)) === 'present') return;
  await pool.copy(localFile(path, { isImmutable: false }), file, signal);
}

async function pooledFacts(
  { name, facts }: Companion,
  { pool, signal }: Context,
): Promise<FileFacts | undefined> {
  if (facts.digests.sha256 === undefined) return undefined;
  const file: PoolFile = { name, facts };
  if ((await pool.check(file, signal)) === 'absent') return undefined;
  return await pool.measure(pool.path(file), signal);
}
