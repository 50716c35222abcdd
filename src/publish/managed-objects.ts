import { randomUUID } from 'node:crypto';
import type { GenerationComponent, GenerationSettings, ListId } from '../catalog/contract.ts';
import type { PublicationObject, SnapshotObject } from '../catalog/objects.ts';
import type { PublicationConfig } from '../config/config.ts';
import { isManagedSnapshot, isOfSeries } from './managed-snapshots.ts';
import { placeOf } from './plan.ts';
import { type PublishDeps, timeStamp } from './release.ts';

type Origin = {
  readonly component: string;
  readonly list: ListId;
  /** Names of mirrors and suites. */
  readonly sources: readonly string[];
};

/**
 * The snapshots of what the components of a configured publication have, in their order: content that one had before is
 * the old one, new ones are saved at once. A taken name gets a number. They go with their generations, see
 * {@link needlessSnapshots}.
 */
export async function keepSnapshots(
  { catalog, now }: Pick<PublishDeps, 'catalog' | 'now'>,
  publication: PublicationConfig,
  origins: readonly Origin[],
): Promise<readonly SnapshotObject[]> {
  const all = [...(await catalog.objects.all('snapshot'))];
  const sourceIds = await mirrorIds({ catalog }, publication);
  const createdAt = now();
  const kept: SnapshotObject[] = [];
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
    kept.push(snapshot);
  }
  await catalog.objects.change(made.map((object) => ({ save: 'snapshot', object })));
  return kept;
}

/** What aptly's commands see of a configured publication. */
export async function objectOf(
  { catalog }: Pick<PublishDeps, 'catalog'>,
  publication: PublicationConfig,
  content: { readonly settings: GenerationSettings; readonly components: readonly GenerationComponent[] },
): Promise<PublicationObject> {
  const { settings, components } = content;
  const { path, storage, prefix, distribution } = placeOf(publication);
  const before = await catalog.objects.find('publication', path);
  return {
    uuid: before?.uuid ?? randomUUID(),
    name: path,
    storage,
    prefix,
    distribution,
    origin: publication.origin ?? '',
    notAutomatic: publication.notAutomatic ?? '',
    butAutomaticUpgrades: publication.butAutomaticUpgrades ?? '',
    label: publication.label ?? '',
    suite: publication.suite ?? '',
    codename: publication.codename ?? '',
    version: '',
    signedBy: '',
    architectures: settings.architectures,
    sourceKind: 'snapshot',
    sources: Object.fromEntries(components.map(({ name, source }) => [name, source])),
    lists: Object.fromEntries(components.map(({ name, list }) => [name, list])),
    skipContents: !settings.contents,
    skipBz2: !settings.forms.includes('bz2'),
    acquireByHash: settings.acquireByHash,
    multiDist: settings.multiDist,
    revision: null,
    managedBy: publication.name,
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
