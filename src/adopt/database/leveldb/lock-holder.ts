import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../../../core/errors.ts';

/**
 * The process that holds a lock (flock or fcntl) on a file, as Linux tells it in /proc/locks; undefined when there is
 * none, no such file, or a system that does not tell. Node cannot take such a lock itself. Holders in other containers
 * are not seen.
 */
export async function lockHolder(path: string): Promise<number | undefined> {
  const [facts, locks] = await Promise.all([
    unlessAbsent(stat(path, { bigint: true })),
    unlessAbsent(readFile('/proc/locks', 'latin1')),
  ]);
  if (facts === undefined || locks === undefined) return undefined;
  for (const lock of parseLocks(locks)) {
    if (lock.inode !== String(facts.ino)) continue;
    if (lock.device === deviceName(facts.dev) || (await hasOpen(lock.pid, facts))) return lock.pid;
  }
  return undefined;
}

type LockLine = { readonly pid: number; readonly device: string; readonly inode: string };

/**
 * The holders in a text of the form of /proc/locks (proc_locks(5)); those that wait (`->`) are left out.
 * `1: FLOCK  ADVISORY  WRITE 708 08:01:3422 0 EOF`
 */
export function parseLocks(text: string): readonly LockLine[] {
  const locks: LockLine[] = [];
  for (const line of text.split('\n')) {
    const [, , , , pid, place = ''] = line.trim().split(/\s+/);
    const [major, minor, inode] = place.split(':');
    if (major === undefined || minor === undefined || inode === undefined || line.includes('->')) continue;
    locks.push({ pid: Number(pid), device: `${major}:${minor}`, inode });
  }
  return locks;
}

/** `08:01`, as the kernel prints a device number. */
function deviceName(device: bigint): string {
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & ~0xfffn);
  const minor = (device & 0xffn) | ((device >> 12n) & ~0xffn);
  return [major, minor].map((part) => part.toString(16).padStart(2, '0')).join(':');
}

/**
 * Some file systems (overlay, btrfs) show one device number to stat and another in /proc/locks: then the open files of
 * the holder decide. True when they may not be looked at.
 */
async function hasOpen(pid: number, file: { readonly dev: bigint; readonly ino: bigint }): Promise<boolean> {
  const directory = `/proc/${pid}/fd`;
  let names: readonly string[];
  try {
    names = await readdir(directory);
  } catch {
    return true;
  }
  for (const name of names) {
    const open = await unlessAbsent(stat(join(directory, name), { bigint: true }));
    if (open !== undefined && open.dev === file.dev && open.ino === file.ino) return true;
  }
  return false;
}

async function unlessAbsent<Value>(promise: Promise<Value>): Promise<Value | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (systemCode(error) !== undefined) return undefined;
    throw error;
  }
}
