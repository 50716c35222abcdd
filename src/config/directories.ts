import { join } from 'node:path';
import type { EspejoConfig } from './config.ts';

/** The directory of the pool, where it is one of this machine. */
export function poolDirectory({ rootDir, aptly }: Pick<EspejoConfig, 'rootDir' | 'aptly'>): string {
  const { path } = aptly.packagePoolStorage;
  return path === undefined || path === '' ? join(rootDir, 'pool') : path;
}
