import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import lzma from 'lzma-native';
import { xenialDirectory } from './xenial.ts';

/** Paths of all genuine indexes of one name, each in one form: `.gz` where it exists, else `.xz`. */
export function indexFiles(name: 'Packages' | 'Sources'): readonly string[] {
  const found = new Map<string, string>();
  for (const entry of readdirSync(xenialDirectory, { recursive: true, withFileTypes: true })) {
    const form = entry.name.slice(name.length);
    if (!entry.isFile() || !entry.name.startsWith(name) || (form !== '.gz' && form !== '.xz')) continue;
    const path = join(entry.parentPath, entry.name);
    if (form === '.gz' || !found.has(entry.parentPath)) found.set(entry.parentPath, path);
  }
  return Array.from(found.values()).sort();
}

/** The text of an index file that {@link indexFiles} named. */
export async function readIndex(path: string): Promise<Buffer> {
  const compressed = readFileSync(path);
  if (path.endsWith('.gz')) return gunzipSync(compressed);
  return await new Promise((resolve) => {
    lzma.decompress(compressed, {}, resolve);
  });
}
