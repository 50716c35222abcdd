import { join, relative, resolve } from 'node:path';
import type { EspejoConfig } from '../config/config.ts';
import { EspejoError } from '../core/errors.ts';

/**
 * Where aptly has its database.
 * @throws E_CONFIG_INVALID
 */
export function aptlyDatabaseOf({ rootDir, aptly }: EspejoConfig): {
  readonly directory: string;
  /** As the catalog remembers it, so that a root directory may be moved. */
  readonly place: string;
} {
  const { type, dbPath } = aptly.databaseBackend;
  if (type === 'etcd') {
    throw new EspejoError(
      'E_CONFIG_INVALID',
      'databaseBackend is etcd: only a LevelDB database of aptly can be taken over',
      { hint: 'without the key, espejo starts with an empty catalog of its own' },
    );
  }
  const directory = type === 'leveldb' && dbPath !== '' ? resolve(rootDir, dbPath) : join(rootDir, 'db');
  const place = relative(rootDir, directory);
  return { directory, place: place.startsWith('..') ? directory : place };
}
