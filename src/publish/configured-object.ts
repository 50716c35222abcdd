import { randomUUID } from 'node:crypto';
import type { IndexForm, ListId } from '../catalog/contract.ts';
import type { PublicationObject, SnapshotObject } from '../catalog/objects.ts';
import type { PublicationConfig } from '../config/config.ts';
import { isManagedSnapshot, isOfSeries } from './managed-snapshots.ts';
import { type PublishDeps, timeStamp } from './release.ts';
import { placeOf } from './settings.ts';

type Origin = {
  readonly component: string;
  readonly list: ListId;
  /** Names of mirrors and suites. */
  readonly sources: readonly string[];
};

/**
 * The snapshots of what the components of a configured publication have, in their order: content that one had before is
 * the old one; `made` are to be saved with the generation. A taken name gets a number. They go with their generations, see
 * {@link needlessSnapshots}.
 */
export async function planSnapshots(
  { catalog, now }: Pick<PublishDeps, 'catalog' | 'now'>,
  publication: PublicationConfig,
  origins: readonly Origin[],
): Promise<{ readonly snapshots: readonly SnapshotObject[]; readonly made: readonly SnapshotObject[] }> {
  const all = [...(await catalog.objects.all('snapshot'))];
  const sourceIds = await mirrorIds({ catalog }, publication);
  const createdAt = now();
  const snapshots: SnapshotObject[] = [];
  const made: SnapshotObject[] = [];
  for (const { component, list, sources } of origins) {
    const series = `${publication.name}-${component}-`;
    const same = all.find(
      (one) => one.list === list && isManagedSnapshot(one) && isOfSeries(one.name, series),
    );
    const snapshot = same ?? {
      uuid: randomUUID(),
      name: freeName(`${series}${timeStamp(createdAt)}`, all),
      createdAt: createdAt.getTime(),
      sourceKind: 'mirror',
      sourceIds,
      description: `Component ${component} from ${sources.join(', ')}`,
      origin: '',
      notAutomatic: '',
      butAutomaticUpgrades: '',
      appStreamFiles: {},
      list,
      managedBy: publication.name,
    };
    if (same === undefined) {
      all.push(snapshot);
      made.push(snapshot);
    }
    snapshots.push(snapshot);
  }
  return { snapshots, made };
}

/** The forms of indexes of a configured publication. */
const configuredForms: readonly IndexForm[] = ['gz', 'xz'];

/**
 * The object of a configured publication, in line with what the configuration says now; what was published stays as it
 * was recorded.
 * @param before the object at its place, whoever made it
 */
export function configuredObject(
  publication: PublicationConfig,
  before: PublicationObject | undefined,
): PublicationObject {
  const { path, ...place } = placeOf(publication);
  const known = before === undefined || before.managedBy === null ? undefined : before;
  return {
    architectures: [],
    sources: {},
    lists: {},
    ...known,
    ...place,
    uuid: known?.uuid ?? randomUUID(),
    name: path,
    origin: publication.origin ?? '',
    notAutomatic: publication.notAutomatic ?? '',
    butAutomaticUpgrades: publication.butAutomaticUpgrades ?? '',
    label: publication.label ?? '',
    suite: publication.suite ?? '',
    codename: publication.codename ?? '',
    version: '',
    signedBy: '',
    sourceKind: 'snapshot',
    skipContents: true,
    skipBz2: true,
    acquireByHash: publication.acquireByHash,
    multiDist: false,
    revision: null,
    managedBy: publication.name,
    policy: {
      description: publication.description ?? null,
      validForSeconds: publication.validForSeconds ?? null,
      forms: configuredForms,
      listedDigests: true,
      keepGenerations: publication.keepGenerations,
      keepByHashSeconds: publication.keepByHashSeconds,
    },
  };
}

/** The objects that `sync` keeps of the mirrors of a publication, one for each suite. */
async function mirrorIds(
  { catalog }: Pick<PublishDeps, 'catalog'>,
  { sources }: PublicationConfig,
): Promise<readonly string[]> {
  const mirrors = await catalog.objects.all('mirror');
  return mirrors
    .filter(({ managedBy, distribution }) =>
      sources.some(
        ({ mirror, suite }) => mirror === managedBy && (suite === undefined || suite === distribution),
      ),
    )
    .map(({ uuid }) => uuid);
}

function freeName(name: string, taken: readonly SnapshotObject[]): string {
  const names = new Set(taken.map((one) => one.name));
  let candidate = name;
  for (let number = 2; names.has(candidate); number += 1) candidate = `${name}-${number}`;
  return candidate;
}
