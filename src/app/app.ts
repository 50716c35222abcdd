import { join } from 'node:path';
import type { FileLock } from '../catalog/file-lock.ts';
import { openMirrorLocks } from '../catalog/mirror-locks.ts';
import { type LockOptions, lockRoot } from '../catalog/root-lock.ts';
import { openSqliteCatalog } from '../catalog/sqlite/catalog.ts';
import type { EspejoConfig } from '../config/config.ts';
import { poolDirectory } from '../config/directories.ts';
import { about, isEspejoError } from '../core/errors.ts';
import type { Reporter } from '../core/progress.ts';
import type { Fetcher } from '../fetch/fetcher.ts';
import { lazyFetcher } from '../fetch/lazy-fetcher.ts';
import { readLogins } from '../fetch/read-logins.ts';
import type { MirrorPorts } from '../mirror/ports.ts';
import { openUpstreamFiles } from '../mirror/upstream-files.ts';
import { openFilesystemPool } from '../pool/filesystem/open-filesystem-pool.ts';
import type { PublishPorts } from '../publish/ports.ts';
import { openEndpoints } from './endpoints.ts';
import { version } from './version.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The open parts of one root directory; close it when done. */
export type App = MirrorPorts &
  PublishPorts & {
    /** Absolute: what the server serves, and the endpoint without a name. */
    readonly publicDirectory: string;
    close(): Promise<void>;
  };

export type AppOptions = {
  readonly config: EspejoConfig;
  readonly env: Environment;
  /** How long to wait for another process that works on the same root. */
  readonly lockWaitMs: number;
  /** Is told now and then how long the wait for it may still take. */
  readonly onLockWait?: (remainingMs: number) => void;
  /** What is said before the reason when the wait was in vain. */
  readonly lockRefusal?: string;
  readonly report: Reporter;
  /** What is published is served without what is known of it. */
  readonly withoutCatalog?: true;
};

/**
 * Builds everything that the jobs need: the only place that chooses implementations.
 * @throws E_PERMISSION, E_DISK_FULL, E_CATALOG
 */
export async function openApp(options: AppOptions): Promise<App> {
  const { config, env, report } = options;
  const { rootDir } = config;
  const databaseDirectory = join(rootDir, 'db');
  const catalogPath = options.withoutCatalog === true ? ':memory:' : join(databaseDirectory, 'espejo.db');
  const catalog = await openSqliteCatalog(catalogPath);
  const pool = await openFilesystemPool({
    root: poolDirectory(config),
    temporary: join(rootDir, 'tmp'),
    ledger: catalog.ledger,
    onDamaged: ({ path, movedTo, reason }) =>
      report({ type: 'warning', message: `${path}: damaged (${reason}); moved to ${movedTo}` }),
  });
  const publicDirectory = join(rootDir, 'public');
  const fetcher = lazyFetcher(() => makeFetcher(config, env));
  return {
    config,
    env,
    catalog,
    pool,
    fetcher,
    limitedFetcher: (bytesPerSecond) => makeFetcher(config, env, bytesPerSecond),
    files: openUpstreamFiles(join(databaseDirectory, 'indexes'), catalog),
    publicDirectory,
    endpoints: openEndpoints(config, publicDirectory),
    async signerFor(ports, signing, job) {
      // Loading what signs takes as long as a small command.
      const { signerForPublish } = await import('../keys/signing.ts');
      return await signerForPublish(ports, signing, job);
    },
    now: () => new Date(),
    locks: openMirrorLocks(databaseDirectory, waitingOf(options)),
    async exclusively(purpose, signal, work) {
      const lock = await lockFor(databaseDirectory, { purpose, signal }, options);
      try {
        return await work();
      } finally {
        lock.release();
      }
    },
    async close() {
      await fetcher.close();
      await catalog.close();
    },
  };
}

async function lockFor(
  databaseDirectory: string,
  work: Pick<LockOptions, 'purpose' | 'signal'>,
  options: AppOptions,
): Promise<FileLock> {
  const { lockRefusal } = options;
  return await lockRoot(databaseDirectory, { ...work, ...waitingOf(options) }).catch((error: unknown) => {
    const isRefused = lockRefusal !== undefined && isEspejoError(error, 'E_LOCKED');
    throw isRefused ? about(lockRefusal, error) : error;
  });
}

function waitingOf({ lockWaitMs, onLockWait }: AppOptions): Pick<LockOptions, 'waitMs' | 'onWait'> {
  return { waitMs: lockWaitMs, ...(onLockWait === undefined ? {} : { onWait: onLockWait }) };
}

async function makeFetcher(
  config: EspejoConfig,
  env: Environment,
  bytesPerSecond = config.limits.bandwidthBytesPerSecond,
): Promise<Fetcher> {
  const { limits } = config;
  const { createFetcher } = await import('../fetch/create-fetcher.ts');
  return createFetcher({
    logins: await readLogins(config, env),
    retries: limits.retries,
    timeoutSeconds: limits.timeoutSeconds,
    minimumBytesPerSecond: limits.minimumBytesPerSecond,
    fileTimeoutSeconds: limits.fileTimeoutSeconds,
    ...(bytesPerSecond === undefined ? {} : { bandwidthBytesPerSecond: bytesPerSecond }),
    connections: limits.concurrency,
    userAgent: `espejo/${version}`,
    env,
  });
}
