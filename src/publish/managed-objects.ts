import { randomUUID } from 'node:crypto';
import type { GenerationComponent, GenerationSettings, ListId } from '../catalog/contract.ts';
import type { PublicationObject, SnapshotObject } from '../catalog/library.ts';
import type { PublicationConfig } from '../config/config.ts';
import { placeOf } from './plan.ts';
import { type PublishDeps, timeStamp } from './release.ts';

type Origin = {
  readonly component: string;
  readonly list: ListId;
  /** Names of mirrors and suites. */
  readonly sources: readonly string[];
};

/**
 * The snapshot of what a component of a configured publication has: content that it had before is the old one.
 * A taken name gets a number.
 */
export async function keepSnapshot(
  { catalog, now }: Pick<PublishDeps, 'catalog' | 'now'>,
  publication: PublicationConfig,
  { component, list, sources }: Origin,
): Promise<SnapshotObject> {
  const series = `${publication.name}-${component}-`;
  const all = await catalog.objects.all('snapshot');
  const same = all.find((one) => one.list === list && isOfSeries(one.name, series));
  if (same !== undefined) return same;
  const createdAt = now();
  const snapshot: SnapshotObject = {
    uuid: randomUUID(),
    name: freeName(`${series}${timeStamp(createdAt)}`, all),
    createdAt: createdAt.getTime(),
    sourceKind: 'repo',
    sourceIds: await mirrorIds({ catalog }, publication),
    description: `Component ${component} from ${sources.join(', ')}`,
    origin: '',
    notAutomatic: '',
    butAutomaticUpgrades: '',
    appStreamFiles: {},
    list,
  };
  await catalog.objects.change([{ save: 'snapshot', object: snapshot }]);
  return snapshot;
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

/** The series is followed by a time, and perhaps a number. */
function isOfSeries(name: string, series: string): boolean {
  return name.startsWith(series) && /^\d{8}T\d{6}Z(-\d+)?$/.test(name.slice(series.length));
}

function freeName(name: string, taken: readonly SnapshotObject[]): string {
  const names = new Set(taken.map((one) => one.name));
  let candidate = name;
  for (let number = 2; names.has(candidate); number += 1) candidate = `${name}-${number}`;
  return candidate;
}
