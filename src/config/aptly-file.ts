import { basename } from 'node:path';
import { ownKeys } from './espejo-schema.ts';

/**
 * Whether a file is one of aptly, which takes what it does not know in silence: it has none of espejo's keys, and not
 * the name of espejo's file.
 * @param value the file with canonical keys
 */
export function isAptlyFile(path: string, value: unknown): boolean {
  if (/^\.?espejo\.yaml$/.test(basename(path))) return false;
  return typeof value === 'object' && value !== null && !ownKeys.some((key) => Object.hasOwn(value, key));
}
