import { publicationPath } from '../catalog/labels.ts';
import type {
  MirrorObject,
  Moment,
  ObjectsByKind,
  PublicationObject,
  RepoObject,
  SnapshotObject,
  Uploaders,
} from '../catalog/objects.ts';
import type { ListId } from '../catalog/packages.ts';
import { withoutSecrets } from '../catalog/without-secrets.ts';
import { type AptlyDatabase, publicationList } from './database/read-database.ts';
import type { AptlyMirror, AptlyPublication, AptlyRepo, AptlySnapshot } from './database/records.ts';
import type { PackageList } from './database/reference-lists.ts';
import type { AptlyTime } from './database/time.ts';

/** Keeps a list of the aptly database in the catalog; an absent one is empty. */
export type KeepList = (list: PackageList | undefined) => ListId;

export type AptlyObjects = { readonly [Kind in keyof ObjectsByKind]: readonly ObjectsByKind[Kind][] };

type Objects = Pick<AptlyDatabase, 'mirrors' | 'repos' | 'snapshots' | 'publications' | 'lists'>;

/** The named objects of an aptly database as those of the catalog. */
export function objectsOf(database: Objects, keep: KeepList): AptlyObjects {
  const { lists } = database;
  return {
    mirror: uniquelyNamed(database.mirrors).map((mirror) =>
      withoutSecrets('mirror', mirrorOf(mirror, lists.get(mirror.uuid), keep)),
    ),
    repo: uniquelyNamed(database.repos).map((repo) => repoOf(repo, keep(lists.get(repo.uuid)))),
    snapshot: uniquelyNamed(database.snapshots).map((snapshot) =>
      withoutSecrets('snapshot', snapshotOf(snapshot, keep(lists.get(snapshot.uuid)))),
    ),
    publication: database.publications.map((publication) => publicationOf(publication, database, keep)),
  };
}

/** Names are unique by convention only (spec/db-format.md 5): who comes later gets a part of its UUID behind its name. */
function uniquelyNamed<Named extends { readonly uuid: string; readonly name: string }>(
  objects: readonly Named[],
): readonly Named[] {
  const taken = new Set<string>();
  return objects.map((object) => {
    const name = taken.has(object.name) ? `${object.name}-${object.uuid.slice(0, 8)}` : object.name;
    taken.add(name);
    return { ...object, name };
  });
}

/** Whether an update was running is left behind: what it would have brought is not in the database yet. */
function mirrorOf(mirror: AptlyMirror, list: PackageList | undefined, keep: KeepList): MirrorObject {
  const { updating: _updating, workerPid: _workerPid, lastDownload, meta, appStreamFiles, ...same } = mirror;
  return {
    ...same,
    meta: Object.fromEntries(meta),
    lastDownloadDate: momentOf(lastDownload),
    appStreamFiles: Object.fromEntries(appStreamFiles),
    list: lastDownload === undefined && list === undefined ? null : keep(list),
    managedBy: null,
  };
}

function repoOf(repo: AptlyRepo, list: ListId): RepoObject {
  return { ...repo, uploaders: uploadersOf(repo), list };
}

function uploadersOf({ uploaders }: AptlyRepo): Uploaders | null {
  if (uploaders === undefined) return null;
  const { groups, rules } = uploaders;
  return { groups: groups === null ? null : Object.fromEntries(groups), rules };
}

function snapshotOf(snapshot: AptlySnapshot, list: ListId): SnapshotObject {
  const { sources, sourceKind, createdAt, appStreamFiles, ...same } = snapshot;
  return {
    ...same,
    createdAt: momentOf(createdAt) ?? 0,
    sourceKind,
    sourceIds: sources,
    appStreamFiles: Object.fromEntries(appStreamFiles),
    list,
  };
}

function publicationOf(
  publication: AptlyPublication,
  database: Pick<AptlyDatabase, 'lists'>,
  keep: KeepList,
): PublicationObject {
  const { sources, sourceKind, staged, ...same } = publication;
  const lists = Array.from(sources.keys(), (component) => [
    component,
    keep(publicationList(database, publication, component)),
  ]);
  return {
    ...same,
    name: publicationPath(publication),
    sourceKind,
    sources: Object.fromEntries(sources),
    lists: Object.fromEntries(lists),
    revision: staged === undefined ? null : Object.fromEntries(staged),
    managedBy: null,
  };
}

function momentOf(time: AptlyTime | undefined): Moment | null {
  return time === undefined ? null : { ...time, at: time.at.getTime() };
}
