import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Catalog } from '../catalog/contract.ts';
import type { AcceptedRelease, Change, MirrorObject, ObjectChanges } from '../catalog/objects.ts';
import type { PackageRecord } from '../catalog/packages.ts';
import type { MirrorConfig } from '../config/config.ts';
import { compareBytes } from '../core/compare-bytes.ts';
import { EspejoError } from '../core/errors.ts';
import { splitLogin } from '../core/login.ts';
import { printQuery } from '../query/print-query.ts';
import type { MirrorPorts } from './ports.ts';

/** The mirror of one suite of a configured mirror, once it was synced. */
export type SyncedSuite = MirrorObject & Required<Pick<MirrorObject, 'lists' | 'selection'>>;

/** What a sync found out about one suite. */
export type SuiteNews = Required<Pick<MirrorObject, 'meta' | 'indexes'>> & {
  readonly suite: string;
  readonly release: AcceptedRelease;
  /** In the order of the configuration. */
  readonly components: readonly { readonly name: string; readonly packages: readonly PackageRecord[] }[];
};

/** A complete sync of a configured mirror, to be saved at once. */
export type SyncNews = {
  /** Identifies what was selected. */
  readonly selectionId: string;
  /** Milliseconds since 1970. */
  readonly syncedAt: number;
  readonly suites: readonly SuiteNews[];
};

/** The mirrors of a configured mirror that were synced, in the order of its suites; last those that it had before. */
export async function syncedSuites(
  { objects }: Pick<Catalog, 'objects'>,
  { name, suites }: Pick<MirrorConfig, 'name' | 'suites'>,
): Promise<readonly SyncedSuite[]> {
  const place = ({ distribution }: MirrorObject): number => {
    const position = suites.findIndex((suite) => suite.name === distribution);
    return position < 0 ? suites.length : position;
  };
  return (await objects.all('mirror'))
    .filter((one) => one.managedBy === name)
    .filter((one): one is SyncedSuite => one.lists !== undefined && one.selection !== undefined)
    .toSorted((a, b) => place(a) - place(b));
}

/**
 * What brings the mirrors of a configured mirror, one `<mirror>:<suite>` for each suite, in line with the configuration: they
 * get its settings; those of suites that it does not have any more go. Pure.
 * @param present all mirrors that there are
 * @throws E_NAME_TAKEN when one that was made by hand has such a name
 */
export function reconcile(config: MirrorConfig, present: readonly MirrorObject[]): readonly Change[] {
  const names = namesOf(config);
  const byHand = present.find(({ name, managedBy }) => managedBy !== config.name && names.includes(name));
  if (byHand !== undefined) throw taken(config, byHand);
  const settings = settingsOf(config);
  return present
    .filter(({ managedBy }) => managedBy === config.name)
    .flatMap((before): readonly Change[] => {
      if (!names.includes(before.name)) return [{ drop: 'mirror', uuid: before.uuid }];
      const object = { ...before, ...settings };
      return isDeepStrictEqual(object, before) ? [] : [{ save: 'mirror', object }];
    });
}

/** What saves a sync: that of {@link reconcile}, and what the suites have now. Throws as that does. */
export function reconcileSynced(
  config: MirrorConfig,
  present: readonly MirrorObject[],
  { suites, selectionId, syncedAt }: SyncNews,
): ObjectChanges {
  const changes = reconcile(config, present);
  return (keeper) => {
    const listed = suites.map((suite) => ({
      ...suite,
      lists: suite.components.map(({ name, packages }) => [name, keeper.keep(packages)] as const),
    }));
    const all = listed.flatMap(({ lists }) => lists.map(([, list]) => list));
    const selection = { id: selectionId, packages: keeper.sizeOfAll(all) };
    const saved = listed.map(({ suite, release, meta, indexes, lists }): Change => {
      const name = managedName(config.name, suite);
      const object: MirrorObject = {
        uuid: present.find((one) => one.name === name)?.uuid ?? randomUUID(),
        name,
        archiveRoot: splitLogin(release.url).url,
        distribution: suite,
        components: lists.map(([component]) => component),
        ...settingsOf(config),
        meta,
        lastDownloadDate: syncedAt,
        list: keeper.union(lists.map(([, list]) => list)),
        lists: Object.fromEntries(lists),
        release,
        indexes,
        selection,
        managedBy: config.name,
      };
      return { save: 'mirror', object };
    });
    return [...changes, ...saved];
  };
}

/**
 * Refuses a mirror that the configuration decides about.
 * @throws E_OBJECT_IN_USE
 */
export function assertNotManaged(
  { config }: Pick<MirrorPorts, 'config'>,
  { name, managedBy }: MirrorObject,
): void {
  if (managedBy === null || !config.mirrors.some((one) => one.name === managedBy)) return;
  const place = config.path ?? 'the configuration';
  throw new EspejoError(
    'E_OBJECT_IN_USE',
    `mirror ${name} is kept by "sync" for the mirror ${managedBy} of ${place}`,
    { context: { mirror: name, managedBy }, hint: 'change it there' },
  );
}

function taken({ name: mirror }: MirrorConfig, { name, distribution, managedBy }: MirrorObject): EspejoError {
  const whose = managedBy === null ? 'was made by hand' : `is of the mirror ${managedBy}`;
  return new EspejoError(
    'E_NAME_TAKEN',
    `mirror ${name} ${whose}, and "sync" needs its name for a suite of ${mirror}`,
    { context: { name, distribution }, hint: `give it another name: mirror rename ${name} <new name>` },
  );
}

function namesOf({ name, suites }: MirrorConfig): readonly string[] {
  return suites.map((suite) => managedName(name, suite.name));
}

function managedName(mirror: string, suite: string): string {
  return `${mirror}:${suite}`;
}

/** What the configuration says of each of the mirrors. */
function settingsOf(config: MirrorConfig) {
  return {
    architectures: config.architectures.toSorted(compareBytes),
    filter: filterOf(config),
    filterWithDeps: config.dependencies,
    skipComponentCheck: false,
    skipArchitectureCheck: false,
    downloadSources: config.sources,
    downloadUdebs: false,
    downloadInstaller: false,
    downloadAppStream: false,
    appStreamFiles: {},
  } satisfies Partial<MirrorObject>;
}

/** The requests as one query: any of them. */
function filterOf({ packages }: MirrorConfig): string {
  return packages
    .map((request) => (request.kind === 'query' ? printQuery(request.query) : request.text))
    .join(' | ');
}
