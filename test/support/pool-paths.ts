import assert from 'node:assert/strict';
import type { Pool } from '../../src/pool/pool.ts';

/** Where a file of a pool in a directory is, to be looked at and tampered with. */
export function inPool(pool: Pool, path: string): string {
  const { localPath } = pool.stored(path);
  assert.ok(localPath !== undefined, `${path}: is no file of this machine`);
  return localPath;
}

/** The directory of such a pool. */
export function poolRoot(pool: Pool): string {
  return pool.nameOf('.');
}
