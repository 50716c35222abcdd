import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BenchUpstream } from './make-upstream.ts';
import type { Cost } from './measure.ts';

export type Task = {
  readonly upstream: BenchUpstream;
  readonly url: string;
  /** A directory of this run alone, empty at first. */
  readonly root: string;
};

/** One program in the race; the steps are called in this order. */
export type Contender = {
  readonly name: string;
  /** Writes configuration files; not measured. */
  prepare(task: Task): Promise<void>;
  coldSync(task: Task): Promise<Cost>;
  unchangedSync(task: Task): Promise<Cost>;
  publish(task: Task): Promise<Cost>;
  /** Where the packages are now. */
  poolOf(task: Task): string;
};

/** Base names, without what a pool puts before them, and SHA-256 of all files below a pool. */
export async function filesOf(pool: string): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const entry of await readdir(pool, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const bytes = await readFile(join(entry.parentPath, entry.name));
    found[entry.name.replace(/^[0-9a-f]{28}_/, '')] = createHash('sha256').update(bytes).digest('hex');
  }
  return found;
}
