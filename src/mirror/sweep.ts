import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError } from '../core/files.ts';
import type { Job } from '../core/progress.ts';
import { formatBytes } from '../core/units.ts';
import type { MirrorPorts } from './ports.ts';

const dayMs = 86_400_000;

/** A partial file that nobody went on with for two weeks belongs to a package that is not wanted any more. */
const partialLifeMs = 14 * dayMs;
/** How long a damaged file of the pool is there to be looked at. */
const damagedLifeMs = 30 * dayMs;
/** Files that are written whole within moments; longer lives what a killed process has left. */
const halfWrittenLifeMs = 3_600_000;

/** Removes what updates have left over and nobody needs, unless mirrors are being updated: then the last one does it. */
export async function sweepUnused(ports: MirrorPorts, job: Pick<Job, 'report'>): Promise<void> {
  await ports.locks.whileIdle(() => sweepAll(ports, job));
}

/**
 * Removes stored indexes that no mirror needs, old partial downloads and damaged files, and half-written files of
 * processes that were killed. To be called while no mirror is being updated.
 * @throws E_CATALOG, E_PERMISSION, E_IO
 */
export async function sweepAll(ports: MirrorPorts, { report }: Pick<Job, 'report'>): Promise<void> {
  const { files, pool, now, config } = ports;
  await files.sweep();
  const before = (lifeMs: number): Date => new Date(now().getTime() - lifeMs);
  const damaged = await pool.sweepTemporary({
    partials: before(partialLifeMs),
    damaged: before(damagedLifeMs),
  });
  for (const { name, size } of damaged) {
    const message = `${name}: removed (${formatBytes(size)}); it was set aside as damaged ${damagedLifeMs / dayMs} days ago`;
    report({ type: 'warning', message });
  }
  await sweepHalfWritten(join(config.rootDir, 'db'), before(halfWrittenLifeMs));
}

/** Files named as `core/files.ts` names them. */
async function sweepHalfWritten(directory: string, before: Date): Promise<void> {
  try {
    for (const name of await readdir(directory)) {
      if (!/^\.[0-9a-f]{12}\.tmp$/.test(name)) continue;
      const path = join(directory, name);
      if ((await stat(path)).mtime < before) await rm(path, { force: true });
    }
  } catch (cause) {
    throw fileError(cause, `cannot clean ${directory}`);
  }
}
