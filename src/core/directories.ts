import { chmodSync, mkdirSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { EspejoError, systemCode } from './errors.ts';

/**
 * Makes a directory and the parents it lacks. Not by Node's own `recursive`, which never ends where a file system says
 * that the parent of a new directory is not there (`/proc/x`).
 * @param mode of the directories that are made; without it what the umask leaves
 * @returns the first directory that was made; undefined when all were there
 * @throws E_IO for a place that is no directory; what the file system throws
 */
export function makeDirectory(path: string, mode?: number): string | undefined {
  const missing: string[] = [];
  for (let place = path; !isDirectory(place); place = dirname(place)) {
    missing.push(place);
    if (place === dirname(place)) break;
  }
  const made = missing.toReversed();
  for (const place of made) makeOne(place, mode);
  return made[0];
}

/** Another process may make the same directory at once. */
function makeOne(place: string, mode: number | undefined): void {
  try {
    mkdirSync(place);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
    if (isDirectory(place)) return;
    throw unusable(place, 'is a symbolic link that leads nowhere');
  }
  if (mode !== undefined) chmodSync(place, mode);
}

/** @throws E_IO when something else has the name */
function isDirectory(path: string): boolean {
  const facts = factsOf(path);
  if (facts === undefined || facts.isDirectory()) return facts !== undefined;
  throw unusable(path, 'is no directory');
}

function factsOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (systemCode(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

function unusable(path: string, problem: string): EspejoError {
  return new EspejoError('E_IO', `${path} ${problem}`, {
    context: { path },
    hint: 'move it away, or choose another root_dir',
  });
}
