import type { MirrorObject, ObjectChanges } from '../catalog/objects.ts';
import type { PackageRecord } from '../catalog/packages.ts';
import { throwIfAborted } from '../core/abort.ts';
import { EspejoError, invariant } from '../core/errors.ts';
import type { Job } from '../packages/events.ts';
import { packageRecord, wholeFile } from '../packages/record.ts';
import type { FoundFile } from '../pool/find-file.ts';
import { type Fetched, fetchWanted, lostFiles, type Search, type Transfer } from './download.ts';
import { type ListedPackage, listedFiles } from './listed-package.ts';
import type { MirrorPorts } from './ports.ts';
import type { Resolver, WantedFile } from './resolver.ts';
import { fileId } from './same-files.ts';

/** What is decided of an update before the first package is downloaded. */
export type DownloadPlan = Search &
  Transfer & {
    readonly resolver: Resolver;
    /** What to do about a file that no upstream has. */
    readonly missing: 'fail' | 'warn';
    /** Told what is about to be fetched, in each round. */
    readonly onPlanned: (queue: readonly WantedFile[]) => Promise<void> | void;
  };

/** What an update comes to once files have come. */
export type Outcome = {
  /** All that it rests on. */
  readonly files: readonly FoundFile[];
  /** Is told which mirrors there are then. */
  readonly changes: (present: readonly MirrorObject[]) => ObjectChanges;
};

/**
 * Downloads what an update wants, and commits what that comes to, in one transaction under the lock of the root directory.
 * What has come stays in the pool also when something is missing: nobody fetches it again.
 * @param options.purpose for those who wait
 * @param options.settle decides what is committed; what it throws is thrown, and nothing is committed
 * @throws E_POOL_MISSING; E_LOCKED, E_ABORTED, E_DISK_FULL, E_PERMISSION, E_IO; what the resolver throws
 */
export async function carryOut<Settled extends Outcome>(
  ports: Pick<MirrorPorts, 'pool' | 'catalog' | 'exclusively'>,
  { resolver, ...tools }: DownloadPlan,
  { purpose, settle }: { readonly purpose: string; readonly settle: (fetched: Fetched) => Settled },
  job: Job,
): Promise<Settled> {
  const fetched = await fetchWanted(resolver, tools, job);
  await ports.pool.flush(job.signal);
  const settled = settle(fetched);
  throwIfAborted(job.signal);
  await ports.exclusively(purpose, job.signal, async () => {
    // Without what commits wait for, a file of the pool could go between the download and the commit.
    await assertPresent(settled.files, tools, job);
    const { objects } = ports.catalog;
    await objects.change(settled.changes(await objects.all('mirror')));
  });
  return settled;
}

/** The record of a package whose files are in the pool. */
export function recordOf(
  one: Pick<ListedPackage, 'package' | 'directory'>,
  files: ReadonlyMap<string, FoundFile>,
): PackageRecord {
  const whole = listedFiles(one).map((file) => {
    const found = files.get(fileId(file));
    invariant(found !== undefined, `${file.path} is in the pool`);
    return wholeFile(file.name, found, found.path);
  });
  return packageRecord(one.package, whole);
}

/**
 * What a commit rests on: every file is in the pool under its name.
 * @throws E_POOL_MISSING
 */
async function assertPresent(files: readonly FoundFile[], search: Search, job: Job): Promise<void> {
  const [lost] = await lostFiles(files, search, job);
  if (lost === undefined) return;
  throw new EspejoError('E_POOL_MISSING', `${lost.path} is gone from the pool`, {
    context: { path: lost.path },
    hint: 'something else changes the pool directory; stop it and run the same command again',
  });
}
