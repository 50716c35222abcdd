import { findObject } from '../catalog/find-object.ts';
import type { SourceObject } from '../catalog/labels.ts';
import type { ListId, PackageRecord } from '../catalog/packages.ts';
import { shownMirror } from '../catalog/without-secrets.ts';
import { compareBytes } from '../core/compare-bytes.ts';
import { inStage } from '../core/errors.ts';
import { compileTemplate } from '../go/go-template.ts';
import { templateFields } from '../go/template-fields.ts';
import type { Query } from '../query/ast.ts';
import { matches } from '../query/matches.ts';
import { possibleNames } from '../query/possible-names.ts';
import { subjectOf } from '../query/subject.ts';
import type { Job } from './events.ts';
import { filterSet } from './filter.ts';
import { type Following, followingIn } from './following.ts';
import { compareListed, type Member } from './member.ts';
import { imageSums, packageParagraph } from './package-paragraph.ts';
import type { PackageSet } from './package-set.ts';
import { loadPackageSet, memberOf, recordOf } from './package-sets.ts';
import type { Ports } from './ports.ts';
import { readQuery } from './queries.ts';

export type PackageSearch = {
  /** Whose packages; absent: all that were ever kept. */
  readonly of?: { readonly kind: 'mirror' | 'repo' | 'snapshot'; readonly name: string };
  /** Absent: all packages. */
  readonly query?: string;
  /** Of one object only: what they depend on within it, too. */
  readonly dependencies?: Following;
  /** A template in Go's syntax that is filled in for each package. */
  readonly format?: string;
};

export type FoundPackage = {
  readonly key: string;
  readonly label: string;
  /** The template filled in, when there was one. */
  readonly text?: string;
};

/**
 * The packages that a query selects, in listing order.
 * @throws E_OBJECT_NOT_FOUND at the stage `find`; E_QUERY_SYNTAX at `read`; E_TEMPLATE_SYNTAX, E_NO_ARCHITECTURES,
 * E_INDEX_SYNTAX
 */
export async function searchPackages(
  ports: Ports,
  search: PackageSearch,
  job: Job,
): Promise<readonly FoundPackage[]> {
  const found =
    search.of === undefined ? await foundAmongAll(ports, search) : await foundIn(ports, search, job);
  if (search.format === undefined || found.length === 0)
    return found.map(({ key, package: { label } }) => ({ key, label }));
  const template = compileTemplate(search.format);
  return found.map((member) => ({
    key: member.key,
    label: member.package.label,
    text: template(templateFields(packageParagraph(member), member.key, imageSums(member))),
  }));
}

async function foundAmongAll(ports: Ports, { query }: PackageSearch): Promise<readonly Member[]> {
  return await searchAll(ports, query === undefined ? undefined : await readQuery(query));
}

async function foundIn(
  ports: Ports,
  { of, query, dependencies }: PackageSearch,
  { report }: Job,
): Promise<readonly Member[]> {
  const set = await inStage('find', () => packagesOf(ports, of));
  const queries = query === undefined ? undefined : [await readQuery(query)];
  const following =
    dependencies === undefined ? undefined : { ...followingIn(ports, dependencies, set), report };
  return (queries === undefined ? set : filterSet(set, queries, following)).listed;
}

async function packagesOf(ports: Ports, of: PackageSearch['of']): Promise<PackageSet> {
  if (of === undefined) return await loadPackageSet(ports, null);
  return await loadPackageSet(ports, (await findObject(ports, of.kind, of.name)).list);
}

/** All that is known of a package. */
export type PackageFacts = {
  readonly key: string;
  /** The control paragraph as aptly shows it, one character for each byte (latin1); ends with a newline. */
  readonly paragraph: string;
  /** The lines of `SHA256SUMS` of installer images. */
  readonly sums: readonly string[];
  /** Where its files are in the pool, when that was asked for. */
  readonly files: readonly string[] | undefined;
  /** What has it, when that was asked for. */
  readonly references: readonly SourceObject[] | undefined;
};

/**
 * The packages that a query selects among all that were ever kept, in listing order.
 * @throws E_QUERY_SYNTAX at the stage `read`; E_CONTROL_SYNTAX, E_INDEX_SYNTAX
 */
export async function showPackages(
  ports: Ports,
  request: { readonly query: string; readonly withFiles: boolean; readonly withReferences: boolean },
): Promise<readonly PackageFacts[]> {
  const members = await searchAll(ports, await readQuery(request.query));
  const references = request.withReferences ? await findReferences(ports, members) : undefined;
  return members.map((member) => ({
    key: member.key,
    paragraph: packageParagraph(member).toString('latin1'),
    sums: imageSums(member) ?? [],
    files: request.withFiles ? filesOf(ports, member) : undefined,
    references: references?.get(member.key),
  }));
}

function filesOf({ pool }: Ports, member: Member): readonly string[] {
  const files = recordOf(member).files.toSorted((a, b) => compareBytes(a.name, b.name));
  return files.map(({ poolPath }) => pool.nameOf(poolPath));
}

/**
 * The packages that were ever kept and that a query selects, all of them without one, in listing order. Packages of
 * one name, version and architecture with different files are all there.
 */
async function searchAll(
  { catalog }: Pick<Ports, 'catalog'>,
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
type References = ReadonlyMap<string, readonly SourceObject[]>;

async function findReferences(
  { catalog }: Pick<Ports, 'catalog'>,
  members: readonly Member[],
): Promise<References> {
  const references = new Map<string, SourceObject[]>(members.map(({ key }) => [key, []]));
  const { objects } = catalog;
  const sources: readonly SourceObject[] = [
    ...(await objects.all('mirror')).map(
      (object) => ({ kind: 'mirror', object: shownMirror(object) }) as const,
    ),
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
