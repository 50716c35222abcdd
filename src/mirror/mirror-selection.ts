import type { MirrorObject } from '../catalog/library.ts';
import { about } from '../core/errors.ts';
import type { FollowOptions } from '../packages/dependencies.ts';
import type { ResolutionEvent } from '../packages/events.ts';
import { filterSet } from '../packages/filter.ts';
import { keepLatest } from '../packages/latest.ts';
import type { Member } from '../packages/member.ts';
import { PackageSet } from '../packages/package-set.ts';
import { parseQuery } from '../query/parse-query.ts';
import type { ListedPackage } from './suite-mirror/listed-package.ts';

export type SelectionOptions = {
  /** Only the highest version of each name and architecture. */
  readonly latest: boolean;
  /** How dependencies are followed where the mirror asks for them. */
  readonly follow: FollowOptions;
  readonly report: (event: ResolutionEvent) => void;
  /** Is told how many packages there were before the filter and how many after it. */
  readonly onFiltered: (before: number, after: number) => void;
};

/**
 * What a mirror takes of the packages of its archive: those that its filter matches, with their dependencies and sources
 * where it asks for them (spec/semantics.md 4.4).
 * @throws E_QUERY_SYNTAX; E_INDEX_SYNTAX for a relation or source field that cannot be parsed
 */
export function selectPackages(
  mirror: MirrorObject,
  listed: readonly ListedPackage[],
  options: SelectionOptions,
): readonly ListedPackage[] {
  const isFiltered = mirror.filter !== '';
  if (!isFiltered && !options.latest) return listed;
  let chosen = PackageSet.of(listed);
  if (isFiltered) {
    const before = chosen.size;
    chosen = filtered(mirror, chosen, options);
    options.onFiltered(before, chosen.size);
  }
  // Sets hand out the very members that they were made of.
  return (options.latest ? keepLatest(chosen) : chosen).members as readonly ListedPackage[];
}

function filtered(mirror: MirrorObject, all: PackageSet, { follow, report }: SelectionOptions): PackageSet {
  const { architectures, filterWithDeps, downloadSources } = mirror;
  const chosen = filterSet(
    all,
    [queryOf(mirror)],
    filterWithDeps ? { architectures, follow, report } : undefined,
  );
  if (!downloadSources) return chosen;
  return PackageSet.of([...chosen.members, ...sourcesOf(chosen, all)]);
}

function queryOf({ filter }: MirrorObject): ReturnType<typeof parseQuery> {
  try {
    return parseQuery(filter);
  } catch (error) {
    throw about('parsing failed', error);
  }
}

function sourcesOf(chosen: PackageSet, all: PackageSet): readonly Member[] {
  return chosen.members.flatMap(({ package: pkg }) => {
    if (pkg.kind === 'source' || pkg.kind === 'installer') return [];
    const { name, version } = pkg.source;
    return all.get(name, version, 'source') ?? [];
  });
}
