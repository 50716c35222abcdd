import { basename } from 'node:path';
import type * as z from 'zod';
import { ownKeys } from './espejo-schema.ts';
import type { KeyPath } from './problems.ts';

/**
 * Whether a file is one of aptly, which takes what it does not know in silence: it has none of espejo's keys, and not
 * the name of espejo's file.
 * @param value the file with canonical keys
 */
export function isAptlyFile(path: string, value: unknown): boolean {
  if (/^\.?espejo\.yaml$/.test(basename(path))) return false;
  return typeof value === 'object' && value !== null && !ownKeys.some((key) => Object.hasOwn(value, key));
}

/** aptly's JSON keeps the default of a key with a value of another type; its YAML does not. */
export function isPassedOver(issue: z.core.$ZodIssue): boolean {
  return issue.code === 'invalid_type';
}

/** A copy of plain data without the values at some paths; a list goes as a whole. */
export function withoutPaths(value: unknown, paths: readonly KeyPath[]): unknown {
  const copy: unknown = structuredClone(value);
  for (const path of paths) {
    const inList = path.findIndex((part) => typeof part === 'number');
    const keys = inList === -1 ? path : path.slice(0, inList);
    const parent = keys.slice(0, -1).reduce(at, copy);
    const key = keys.at(-1);
    if (typeof parent === 'object' && parent !== null && key !== undefined)
      Reflect.deleteProperty(parent, key);
  }
  return copy;
}

function at(value: unknown, key: string | number): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
