import { lstatSync } from 'node:fs';
import { release } from 'node:os';
import { mapConcurrently } from './concurrency.ts';
import { isEspejoError, systemCode } from './errors.ts';
import { syncDirectory } from './files.ts';
import { runProgram } from './run-program.ts';

/** Files and directories synced at once; the file system joins them to few writes. */
const width = 16;
/** From here on it is quicker to sync whole file systems, with what else waits to be written there. */
const many = 64;

/**
 * Makes files and directories durable: each by itself, or, of many, whole file systems (`sync -f`), which takes one
 * wait for the disk instead of hundreds. Those that are gone need nothing.
 * @throws E_ABORTED, system errors
 */
export async function syncPaths(paths: readonly string[], signal: AbortSignal): Promise<void> {
  if (paths.length >= many && tellsErrors() && (await syncFileSystems(paths, signal))) return;
  await mapConcurrently(paths, { width, signal }, syncPath);
}

async function syncPath(path: string): Promise<void> {
  try {
    await syncDirectory(path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}

/** Since Linux 5.8 it is told when something could not be written; before, only fsync(2) tells. */
function tellsErrors(): boolean {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  return process.platform === 'linux' && (major > 5 || (major === 5 && minor >= 8));
}

/** @returns false when that is not possible here or failed; fsync says then what is wrong */
async function syncFileSystems(paths: readonly string[], signal: AbortSignal): Promise<boolean> {
  const byDevice = new Map<number, string>();
  for (const path of paths) {
    const facts = lstatSync(path, { throwIfNoEntry: false });
    if (facts !== undefined) byDevice.set(facts.dev, path);
  }
  try {
    const { status } = await runProgram('sync', ['-f', ...byDevice.values()], { signal });
    return status === 0;
  } catch (error) {
    if (isEspejoError(error, 'E_TOOL_MISSING', 'E_PERMISSION', 'E_IO')) return false;
    throw error;
  }
}
