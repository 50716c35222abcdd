import type { Objects } from '../catalog/find-object.ts';
import type { SourceObject } from '../catalog/labels.ts';
import type { ListId, PackageRecord } from '../catalog/packages.ts';
import type { Query } from '../query/ast.ts';
import { matches } from '../query/matches.ts';
import { possibleNames } from '../query/possible-names.ts';
import { subjectOf } from '../query/subject.ts';
import { compareListed, type Member } from './member.ts';
import { memberOf } from './package-sets.ts';
import type { Ports } from './ports.ts';

/**
 * The packages that were ever kept and that a query selects, all of them without one, in listing order. Packages of
 * one name, version and architecture with different files are all there.
 */
export async function searchAllPackages(
  { catalog }: Objects,
  query: Query | undefined,
): Promise<readonly Member[]> {
  // One key can be there with several paragraphs, as archives change them; the last is the newest.
  const byKey = new Map(
    (await catalog.objects.allPackages()).filter(mayMatch(query)).map((record) => [record.key, record]),
  );
  return Array.from(byKey.values(), memberOf)
    .filter((member) => query === undefined || matches(query, subjectOf(member.package)))
    .sort(compareListed);
}

/** A quick look at names, which spares a close look at most packages. */
function mayMatch(query: Query | undefined): (record: PackageRecord) => boolean {
  const names = query === undefined ? undefined : possibleNames(query);
  if (names === undefined) return () => true;
  return ({ name, provides }) =>
    names.has(name) || provides === undefined || names.values().some((one) => provides.includes(one));
}

/** Package key to the objects that have it: mirrors, repositories and snapshots, each by name. */
export type References = ReadonlyMap<string, readonly SourceObject[]>;

export async function findReferences(
  { catalog }: Pick<Ports, 'catalog'>,
  members: readonly Member[],
): Promise<References> {
  const references = new Map<string, SourceObject[]>(members.map(({ key }) => [key, []]));
  const { objects } = catalog;
  const sources: readonly SourceObject[] = [
    ...(await objects.all('mirror')).map((object) => ({ kind: 'mirror', object }) as const),
    ...(await objects.all('repo')).map((object) => ({ kind: 'repo', object }) as const),
    ...(await objects.all('snapshot')).map((object) => ({ kind: 'snapshot', object }) as const),
  ];
  const known = new Map<ListId, readonly string[]>();
  for (const source of sources) {
    const { list } = source.object;
    if (list === null) continue;
    const keys = known.get(list) ?? (await keysAmong(catalog, list, references));
    known.set(list, keys);
    for (const key of keys) references.get(key)?.push(source);
  }
  return references;
}

async function keysAmong(
  catalog: Ports['catalog'],
  list: ListId,
  wanted: ReadonlyMap<string, unknown>,
): Promise<readonly string[]> {
  return (await catalog.packages(list)).map(({ key }) => key).filter((key) => wanted.has(key));
}
