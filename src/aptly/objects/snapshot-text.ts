import { type SourceObject, snapshotText } from '../../catalog/labels.ts';
import type { SnapshotObject } from '../../catalog/objects.ts';
import { compareBytes } from '../../core/compare-bytes.ts';
import { type GoJson, goMap } from '../../go/go-json.ts';
import { compareMoments, goJsonTime, goTextTime } from '../go-time.ts';
import type { NamedPackage } from '../package-text.ts';
import { mirrorJson } from './mirror-text.ts';
import { repoJson } from './repo-text.ts';
import { sourceLine, sourceWord } from './source.ts';
import { listing, type PackageFacts, packageLines, packageMember } from './texts.ts';

/** `-sort` of `snapshot list`; undefined for a word that is no order. */
export function snapshotOrder(word: string): 'name' | 'time' | undefined {
  const lower = word === 'Name' || word === 'Time' ? word.toLowerCase() : word;
  return lower === 'name' || lower === 'time' ? lower : undefined;
}

/** By name in byte order or by time, the oldest first; equal times by name. */
export function sortSnapshots(
  snapshots: readonly SnapshotObject[],
  order: 'name' | 'time',
): readonly SnapshotObject[] {
  return snapshots.toSorted(
    (a, b) =>
      (order === 'time' ? compareMoments(a.createdAt, b.createdAt) : 0) || compareBytes(a.name, b.name),
  );
}

/** `snapshot list`, in the order given. */
export function snapshotListLines(snapshots: readonly SnapshotObject[], program: string): readonly string[] {
  const lines = listing({
    title: 'List of snapshots:',
    items: snapshots.map(snapshotText),
    hint: `To get more information about snapshot, run \`${program} snapshot show <name>\`.`,
    none: `No snapshots found, create one with \`${program} snapshot create...\`.`,
  });
  // aptly puts an empty line before this one, and before none of its like.
  return snapshots.length === 0 ? ['', ...lines] : lines;
}

/**
 * `snapshot show` (spec/cli.md 6.3).
 * @param sources those that still exist, in the order of the snapshot's ids
 */
export function snapshotShowLines(
  snapshot: SnapshotObject,
  { sources, packageCount, packages }: PackageFacts & { readonly sources: readonly SourceObject[] },
): readonly string[] {
  return [
    `Name: ${snapshot.name}`,
    `Created At: ${goTextTime(snapshot.createdAt)}`,
    `Description: ${snapshot.description}`,
    `Number of packages: ${packageCount}`,
    ...(sources.length === 0 ? [] : ['Sources:', ...sources.map((source) => `  ${sourceLine(source)}`)]),
    ...packageLines(packages),
  ];
}

/**
 * The object of `snapshot list -json`; of `snapshot show -json` with its sources, and with packages when they were
 * asked for.
 */
export function snapshotJson(
  snapshot: SnapshotObject,
  shown: {
    readonly sources?: readonly SourceObject[];
    readonly packages?: readonly NamedPackage[] | undefined;
  } = {},
): GoJson {
  const { sources = [], packages } = shown;
  const { appStreamFiles } = snapshot;
  return {
    Name: snapshot.name,
    CreatedAt: goJsonTime(snapshot.createdAt),
    SourceKind: sourceWord(snapshot.sourceKind),
    Snapshots: sourceMember(sources, 'snapshot'),
    RemoteRepos: sourceMember(sources, 'mirror'),
    LocalRepos: sourceMember(sources, 'repo'),
    Packages: packageMember(packages),
    Description: snapshot.description,
    Origin: snapshot.origin,
    NotAutomatic: snapshot.notAutomatic,
    ButAutomaticUpgrades: snapshot.butAutomaticUpgrades,
    AppStreamFiles: Object.keys(appStreamFiles).length === 0 ? undefined : goMap(appStreamFiles),
  };
}

function sourceMember(
  sources: readonly SourceObject[],
  kind: SourceObject['kind'],
): readonly GoJson[] | undefined {
  const list = sources.filter((source) => source.kind === kind).map(sourceJson);
  return list.length === 0 ? undefined : list;
}

function sourceJson(source: SourceObject): GoJson {
  switch (source.kind) {
    case 'mirror':
      return mirrorJson(source.object);
    case 'repo':
      return repoJson(source.object);
    case 'snapshot':
      return snapshotJson(source.object);
  }
}
