import { join } from 'node:path';
import type { PublicationObject } from '../catalog/objects.ts';
import type { ListId } from '../catalog/packages.ts';
import { poolDirectory } from '../config/directories.ts';
import { throwIfAborted } from '../core/abort.ts';
import { isEspejoError } from '../core/errors.ts';
import type { Job } from '../core/progress.ts';
import { walkFiles } from '../core/walk-files.ts';
import type { UsedFile } from '../endpoint/contract.ts';
import type { NoRequest, Ports } from '../packages/ports.ts';
import { pathsOf, usesBelow } from '../publish/pool-claims.ts';
import { targetOf } from '../publish/target.ts';
import { type Holder, type HolderKind, readHolders } from './holders.ts';
import { type Rest, type Share, Tally } from './tally.ts';

/** What one mirror, repository, snapshot, publication or earlier generation uses. */
export type HolderUsage = Share & {
  readonly kind: HolderKind;
  readonly name: string;
  /** Of a generation. */
  readonly publication?: string;
};

/** What belongs to nobody. */
export type RestUsage = Rest & { readonly what: RestKind };

export type RestKind =
  | 'pool files that nothing needs'
  | 'published files that nothing needs'
  | 'partial downloads'
  | 'damaged files'
  | 'kept upstream indexes'
  | 'catalog'
  | 'other files';

export type DiskUsage = {
  readonly holders: readonly HolderUsage[];
  readonly rest: readonly RestUsage[];
  readonly total: Rest;
};

/**
 * Says what uses the space of a root: for each holder the bytes that it alone needs and those that others need too, and
 * what nobody needs. Two hard links are one file. Nothing is changed, and nothing locked unless others change the root again
 * and again meanwhile.
 * @throws E_CATALOG, E_PERMISSION, E_IO, E_LOCKED, E_ABORTED
 */
export async function diskUsage(ports: Ports, _request: NoRequest, job: Job): Promise<DiskUsage> {
  for (let tries = 1; tries < maxTries; tries += 1) {
    try {
      return await countOnce(ports, job);
    } catch (error) {
      // What was listed a moment ago may be gone: a cleanup drops it, and then its packages.
      if (!isEspejoError(error, 'E_CATALOG')) throw error;
    }
  }
  return await ports.exclusively('du', job.signal, () => countOnce(ports, job));
}

/** So often it is tried; the last time while nobody else can change anything. */
const maxTries = 4;

async function countOnce(ports: Ports, { signal, report }: Job): Promise<DiskUsage> {
  const holders = await readHolders(ports);
  const tally = new Tally();
  const holdersOfPool = await poolHolders(ports, holders, signal);
  for await (const file of ports.pool.listAll(signal))
    tally.add(file, poolLabel(file.path), holdersOfPool.get(file.path) ?? []);
  for (const object of publicationsOf(holders)) {
    try {
      await addPublished(ports, { holders, tally, object }, signal);
    } catch (error) {
      if (!isEspejoError(error, 'E_CONFIG_INVALID')) throw error;
      report({ type: 'warning', message: `${object.name}: is not counted: ${error.message}` });
    }
  }
  await addRest(ports, tally, signal);
  const shares = tally.shares(holders.length);
  return {
    holders: holders.map(({ kind, name, published }, at) => ({
      kind,
      name,
      ...(kind === 'generation' && published !== undefined ? { publication: published.object.name } : {}),
      ...(shares[at] ?? { files: 0, alone: 0, shared: 0 }),
    })),
    rest: [...tally.rests()].map(([what, rest]) => ({ what: what as RestKind, ...rest })),
    total: tally.total(),
  };
}

/** The holders of each path in the pool, by their numbers; each list is read once. */
async function poolHolders(
  { catalog }: Ports,
  holders: readonly Holder[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const byList = new Map<ListId, Set<number>>();
  const byPath = new Map<string, number[]>();
  const hold = (path: string, holder: number): void => {
    const numbers = byPath.get(path);
    if (numbers === undefined) byPath.set(path, [holder]);
    else numbers.push(holder);
  };
  for (const [at, { lists, poolPaths }] of holders.entries()) {
    for (const path of poolPaths) hold(path, at);
    for (const list of lists) byList.set(list, (byList.get(list) ?? new Set()).add(at));
  }
  for (const [list, users] of byList) {
    throwIfAborted(signal);
    for (const { files } of await catalog.packages(list))
      for (const { poolPath } of files) for (const holder of users) hold(poolPath, holder);
  }
  return byPath;
}

function publicationsOf(holders: readonly Holder[]): readonly PublicationObject[] {
  return holders.flatMap(({ kind, published }) =>
    kind === 'publication' && published !== undefined ? [published.object] : [],
  );
}

type Published = {
  readonly holders: readonly Holder[];
  readonly tally: Tally;
  readonly object: PublicationObject;
};

/** The trees of a publication's generations, and the published pool that it shares. */
async function addPublished(
  ports: Ports,
  { holders, tally, object }: Published,
  signal: AbortSignal,
): Promise<void> {
  const { endpoint, place } = targetOf(ports, object);
  const holderOf = (generation: string): readonly number[] => {
    const at = holders.findIndex(
      ({ published }) => published?.object.name === object.name && published.generation === generation,
    );
    return at === -1 ? [] : [at];
  };
  const itself = holders.findIndex(
    ({ kind, published }) => kind === 'publication' && published?.object.name === object.name,
  );
  // What is linked from the pool is counted already; copies and files that the pool has no more are not.
  const apart: UsedFile[] = [];
  for await (const file of endpoint.files(place, signal)) {
    if (file.of === 'visible') tally.add(file, 'other files', [itself]);
    else if (file.of !== 'pool')
      tally.add(file, 'published files that nothing needs', holderOf(file.of.generation));
    else if (!tally.has(file)) apart.push(file);
  }
  if (apart.length === 0) return;
  const claims = await claimsOf(ports, object, holders);
  for (const file of apart)
    tally.add(file, 'published files that nothing needs', claims.get(file.path) ?? []);
}

/** The holders of each path of a published pool. */
async function claimsOf(
  ports: Ports,
  object: PublicationObject,
  holders: readonly Holder[],
): Promise<ReadonlyMap<string, readonly number[]>> {
  const { catalog } = ports;
  const claims = new Map<string, number[]>();
  for (const use of await usesBelow(ports, object)) {
    const holder = holders.findIndex(
      ({ kind, published }) =>
        published?.object.name === use.publication &&
        (published.generation === use.generation || (use.generation === undefined && kind === 'publication')),
    );
    if (holder === -1) continue;
    for (const path of await pathsOf(catalog, [use])) claims.set(path, [...(claims.get(path) ?? []), holder]);
  }
  return claims;
}

/** What else is in the root: downloads that were not finished, the catalog, and what nobody has put there. */
async function addRest({ config }: Ports, tally: Tally, signal: AbortSignal): Promise<void> {
  const { rootDir } = config;
  for await (const file of walkFiles(join(rootDir, 'tmp'), signal))
    tally.add(file, file.path.startsWith('damaged-') ? 'damaged files' : 'partial downloads', []);
  for await (const file of walkFiles(join(rootDir, 'db'), signal))
    tally.add(file, file.path.startsWith('indexes/') ? 'kept upstream indexes' : 'catalog', []);
  const seen = new Set([join(rootDir, 'tmp'), join(rootDir, 'db'), poolDirectory(config)]);
  for await (const file of walkFiles(rootDir, signal, seen)) tally.add(file, 'other files', []);
}

function poolLabel(path: string): RestKind {
  return /(^|\/)\.damaged-/.test(path) ? 'damaged files' : 'pool files that nothing needs';
}
