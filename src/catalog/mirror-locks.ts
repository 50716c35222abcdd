import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Hex } from '../core/digest.ts';
import { makeDirectory } from '../core/directories.ts';
import { EspejoError, systemCode } from '../core/errors.ts';
import { fileError } from '../core/files.ts';
import {
  type FileLock,
  isLocked,
  type LockWait,
  lockFile,
  readHolder,
  tryLockFile,
  writeHolder,
} from './file-lock.ts';
import { holderText, type LockHolder, whereText } from './lock-holder.ts';
import type { MirrorObject } from './objects.ts';

/**
 * The locks of mirrors, which are held for as long as an update takes; files below `db/locks`. While one is held, nothing
 * is removed that the update may count on: files of the pool, stored indexes, partial downloads.
 */
export type MirrorLocks = {
  /**
   * Runs `work` as the only process that changes a mirror.
   * @param key identifies the mirror: see {@link mirrorLockKey}
   * @throws E_OBJECT_IN_USE (at once) or E_LOCKED (after the wait) while another one does; E_LOCKED while a cleanup goes on
   */
  whileUpdating<Result>(
    key: string,
    options: UpdateLock,
    work: (held: HeldMirror) => Promise<Result>,
  ): Promise<Result>;
  /** Runs `work` while nothing is removed, without changing a mirror. @throws E_LOCKED */
  whileReading<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result>;
  /**
   * Runs `work` while no mirror is being updated and none begins to be; not at all when one is.
   * @returns undefined when it did not run
   */
  whileIdle<Result>(work: () => Promise<Result>): Promise<{ readonly result: Result } | undefined>;
  /** Who updates a mirror now; undefined when nobody does. */
  holderOf(key: string): Promise<LockHolder | undefined>;
  /** Who updates any mirror now. */
  holders(): Promise<readonly LockHolder[]>;
};

export type UpdateLock = Pick<LockWait, 'signal'> & {
  /** Of the mirror, for those who wait in vain. */
  readonly name: string;
  /** The command. */
  readonly purpose: string;
  /** Go on although another process updates the mirror. Default false. */
  readonly force?: boolean;
  /** Whether to fail at once while another process updates the mirror, as aptly's commands do. Default: wait for it. */
  readonly atOnce?: boolean;
};

export type HeldMirror = {
  /** Names partial files that no other process touches; the same in every run, so that it goes on with them. */
  readonly owner: string;
  /** Who updates the mirror at the same time, when that was forced. */
  readonly beside: LockHolder | undefined;
};

/** "At once" is a short while, since who only looks at a lock holds it for an instant. */
const graceMs = 300;

/** The key of a mirror made by hand is its UUID, that of a configured one its name in the configuration. */
export function mirrorLockKey({
  uuid,
  managedBy,
}: {
  readonly uuid: string;
  readonly managedBy: string | null;
}): string {
  if (managedBy !== null) return configuredLockKey(managedBy);
  return /^[0-9a-f-]+$/.test(uuid) ? uuid : `mirror-${digestOf(uuid)}`;
}

/** {@link mirrorLockKey} of a mirror of the configuration. */
export function configuredLockKey(name: string): string {
  return `configured-${digestOf(name)}`;
}

function digestOf(text: string): string {
  return sha256Hex(Buffer.from(text)).slice(0, 16);
}

type Waiting = Omit<LockWait, 'signal'>;

/**
 * @param databaseDirectory `<root>/db`
 * @param waiting how long to wait for others
 */
export function openMirrorLocks(databaseDirectory: string, waiting: Waiting): MirrorLocks {
  return new Locks(join(databaseDirectory, 'locks'), waiting);
}

class Locks implements MirrorLocks {
  readonly #directory: string;
  readonly #waiting: Waiting;

  constructor(directory: string, waiting: Waiting) {
    this.#directory = directory;
    this.#waiting = waiting;
  }

  async whileUpdating<Result>(
    key: string,
    { name, purpose, signal, force = false, atOnce = false }: UpdateLock,
    work: (held: HeldMirror) => Promise<Result>,
  ): Promise<Result> {
    await this.#make();
    const wait = force || atOnce ? { waitMs: graceMs } : this.#waiting;
    const lock = await lockFile(this.#path(key), 'exclusive', { ...wait, signal });
    if (lock === undefined) {
      const holder = await readHolder(this.#holderPath(key));
      if (!force) throw atOnce ? inUse(name, holder) : stillUpdated(name, holder);
      const beside = holder ?? unknownHolder;
      return await this.whileReading(signal, () => work({ owner: `${key}-${process.pid}`, beside }));
    }
    try {
      await writeHolder(this.#holderPath(key), purpose);
      return await this.whileReading(signal, () => work({ owner: key, beside: undefined }));
    } finally {
      await rm(this.#holderPath(key), { force: true }).catch(() => undefined);
      lock.release();
    }
  }

  async whileReading<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    await this.#make();
    const use = await lockFile(this.#usePath(), 'shared', { ...this.#waiting, signal });
    if (use === undefined) {
      throw new EspejoError('E_LOCKED', `${this.#directory} is in use by a cleanup`, {
        hint: 'wait until it has ended, or raise -lock-wait',
      });
    }
    return await held(use, work);
  }

  async whileIdle<Result>(work: () => Promise<Result>): Promise<{ readonly result: Result } | undefined> {
    await this.#make();
    const use = tryLockFile(this.#usePath(), 'exclusive');
    return use === undefined ? undefined : { result: await held(use, work) };
  }

  async holderOf(key: string): Promise<LockHolder | undefined> {
    const holder = await readHolder(this.#holderPath(key));
    return holder !== undefined && isLocked(this.#path(key)) ? holder : undefined;
  }

  async holders(): Promise<readonly LockHolder[]> {
    const keys = (await this.#names()).flatMap((name) => (name.endsWith('.json') ? name.slice(0, -5) : []));
    const holders = await Promise.all(keys.map((key) => this.holderOf(key)));
    return holders.flatMap((holder) => holder ?? []);
  }

  async #make(): Promise<void> {
    try {
      makeDirectory(this.#directory);
    } catch (cause) {
      throw fileError(cause, `cannot make ${this.#directory}`);
    }
  }

  async #names(): Promise<readonly string[]> {
    try {
      return await readdir(this.#directory);
    } catch (cause) {
      if (systemCode(cause) === 'ENOENT') return [];
      throw fileError(cause, `cannot read ${this.#directory}`);
    }
  }

  #path(key: string): string {
    return join(this.#directory, `${key}.lock`);
  }

  #holderPath(key: string): string {
    return join(this.#directory, `${key}.json`);
  }

  /** Held shared by whoever counts on files, exclusively by whoever removes them. */
  #usePath(): string {
    return join(this.#directory, 'files.lock');
  }
}

async function held<Result>(lock: FileLock, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } finally {
    lock.release();
  }
}

const unknownHolder: LockHolder = { pid: 0, host: 'unknown', purpose: 'another process', since: 0 };

function stillUpdated(name: string, holder: LockHolder | undefined): EspejoError {
  return new EspejoError('E_LOCKED', `mirror ${name} is being updated by ${holderText(holder)}`, {
    context: { mirror: name, holder },
    hint: 'wait until it has ended, or raise -lock-wait',
  });
}

/** The refusal of a mirror that is being updated, in aptly's words, with who does it behind them. */
export function inUse(name: string, holder: LockHolder | undefined): EspejoError {
  const who = holder === undefined ? '' : `, PID ${holder.pid} (${whereText(holder)})`;
  return new EspejoError('E_OBJECT_IN_USE', `mirror is locked by update operation${who}`, {
    context: { mirror: name, holder },
    hint: 'wait until that has ended, or stop it',
  });
}

/**
 * Refuses a mirror that some process updates now.
 * @throws E_OBJECT_IN_USE
 */
export async function assertMirrorUnlocked(
  { locks }: { readonly locks: MirrorLocks },
  mirror: MirrorObject,
): Promise<void> {
  const holder = await locks.holderOf(mirrorLockKey(mirror));
  if (holder !== undefined) throw inUse(mirror.name, holder);
}
