import type { MirrorObject } from '../catalog/objects.ts';
import type { PackageRecord } from '../catalog/packages.ts';
import { about } from '../core/errors.ts';
import type { FollowOptions } from '../packages/dependencies.ts';
import type { ResolutionEvent } from '../packages/events.ts';
import { filterSet } from '../packages/filter.ts';
import { keepLatest } from '../packages/latest.ts';
import type { Member } from '../packages/member.ts';
import { PackageSet } from '../packages/package-set.ts';
import type { Query } from '../query/ast.ts';
import { parseQuery } from '../query/parse-query.ts';
import { type Contested, type ListedPackage, listedFiles } from './listed-package.ts';
import type { Resolver, WantedFile } from './resolver.ts';
import { fileId } from './same-files.ts';

export type SelectionOptions = {
  /** Only the highest version of each name and architecture. */
  readonly latest: boolean;
  /** How dependencies are followed where the mirror asks for them. */
  readonly follow: FollowOptions;
  readonly report?: ((event: ResolutionEvent) => void) | undefined;
  /** Is told how many packages there were before the filter and how many after it. */
  readonly onFiltered?: ((before: number, after: number) => void) | undefined;
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
    options.onFiltered?.(before, chosen.size);
  }
  // Sets hand out the very members that they were made of.
  return (options.latest ? keepLatest(chosen) : chosen).members as readonly ListedPackage[];
}

function filtered(mirror: MirrorObject, all: PackageSet, { follow, report }: SelectionOptions): PackageSet {
  const { architectures, filterWithDeps, downloadSources } = mirror;
  const chosen = filterSet(
    all,
    [queryOf(mirror)],
    filterWithDeps ? { architectures, follow, ...(report === undefined ? {} : { report }) } : undefined,
  );
  if (!downloadSources) return chosen;
  return PackageSet.of([...chosen.members, ...sourcesOf(chosen, all)]);
}

function queryOf({ filter }: MirrorObject): Query {
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

/** Says what a mirror takes of what is listed. */
export type Select = (listed: readonly ListedPackage[]) => readonly ListedPackage[];

type AptlyTools = {
  /** Selects for good, and is told so. */
  readonly select: Select;
  /** Selects without a word. */
  readonly tryOut: Select;
  /** Packages of which nobody need look for the files. */
  readonly keptAmong: (packages: readonly ListedPackage[]) => ReadonlyMap<ListedPackage, PackageRecord>;
  /** The candidates for a path. */
  readonly urlsOf: (path: string) => readonly string[];
};

/** What a mirror takes of one suite, as aptly selects it. See {@link Resolver}. */
export class AptlyResolver implements Resolver {
  readonly #tools: AptlyTools;
  #listed: readonly ListedPackage[];
  #contested: Contested;
  #isUnfit: (fileId: string) => boolean = () => false;
  #packages: readonly ListedPackage[] | undefined;
  #kept: ReadonlyMap<ListedPackage, PackageRecord> = new Map();
  #contestedIds: ReadonlySet<string> = new Set();

  constructor(
    { packages, contested }: { readonly packages: readonly ListedPackage[]; readonly contested: Contested },
    tools: AptlyTools,
  ) {
    this.#listed = packages;
    this.#contested = contested;
    this.#tools = tools;
  }

  /** What is used, as it was selected last. */
  get packages(): readonly ListedPackage[] {
    return this.#packages ?? [];
  }

  /** Those of them that the mirror has and that are taken over as they are. */
  get kept(): ReadonlyMap<ListedPackage, PackageRecord> {
    return this.#kept;
  }

  contested(): readonly WantedFile[] {
    const offers = Array.from(this.#contested.values()).flat();
    return offers.flatMap((one) => this.#filesOf(one));
  }

  isContested(id: string): boolean {
    return this.#contestedIds.has(id);
  }

  prefer(isThere: (fileId: string) => boolean): void {
    this.#choose((ids) => ids.every(isThere));
  }

  refuse(isUnfit: (fileId: string) => boolean): boolean {
    this.#isUnfit = isUnfit;
    return this.#choose((ids) => !ids.some(isUnfit));
  }

  wanted(): readonly WantedFile[] {
    const { select, tryOut, keptAmong } = this.#tools;
    const isFirst = this.#packages === undefined;
    const packages = (isFirst ? select : tryOut)(this.#listed);
    this.#packages = packages;
    this.#kept = keptAmong(packages);
    this.#contestedIds = contestedFiles(packages, this.#contested);
    const choice = { contested: this.#contested, taken: packages, select: tryOut };
    const asked = inQuestion(this.#listed, choice, (ids) => !ids.some(this.#isUnfit));
    const open = packages.filter((one) => !this.#kept.has(one));
    return [...open, ...asked].flatMap((one) => this.#filesOf(one));
  }

  #choose(fits: (fileIds: readonly string[]) => boolean): boolean {
    if (this.#contested.size === 0) return false;
    const isFit = (offer: ListedPackage): boolean => fits(idsOf(offer));
    const rekeyed = new Map<ListedPackage, readonly ListedPackage[]>();
    let hasChanged = false;
    this.#listed = this.#listed.map((one) => {
      const offers = this.#contested.get(one);
      if (offers === undefined) return one;
      const pick = isFit(one) ? one : (offers.find(isFit) ?? one);
      hasChanged ||= pick !== one;
      rekeyed.set(pick, offers);
      return pick;
    });
    this.#contested = rekeyed;
    return hasChanged;
  }

  #filesOf(one: ListedPackage): readonly WantedFile[] {
    const { label } = one.package;
    return listedFiles(one).map((file) => ({
      id: fileId(file),
      file,
      label,
      urls: () => this.#tools.urlsOf(file.path),
    }));
  }
}

function idsOf(one: ListedPackage): readonly string[] {
  return listedFiles(one).map(fileId);
}

/** The ids of files that no package needs but those of which indexes say several things. */
function contestedFiles(packages: readonly ListedPackage[], contested: Contested): ReadonlySet<string> {
  if (contested.size === 0) return new Set();
  const all = (some: readonly ListedPackage[]): Set<string> => new Set(some.flatMap(idsOf));
  return all([...contested.keys()]).difference(all(packages.filter((one) => !contested.has(one))));
}

type Choice = {
  readonly contested: Contested;
  readonly taken: readonly ListedPackage[];
  readonly select: Select;
};

/**
 * Packages that are not taken, but would be if something else that is said of them were true: which is, their files tell. Pure.
 * @param fits whether something may be true, by the ids of its files
 */
function inQuestion(
  listed: readonly ListedPackage[],
  { contested, taken, select }: Choice,
  fits: (fileIds: readonly string[]) => boolean,
): readonly ListedPackage[] {
  const isTaken = new Set(taken);
  const open = new Map<ListedPackage, readonly ListedPackage[]>();
  for (const [pick, offers] of contested) {
    const others = offers.filter((one) => one !== pick && fits(idsOf(one)));
    if (!isTaken.has(pick) && others.length > 0) open.set(pick, others);
  }
  const found = new Set<ListedPackage>();
  const turns = Math.max(0, ...Array.from(open.values(), (others) => others.length));
  for (let turn = 0; turn < turns; turn += 1) {
    const then = new Set(select(listed.map((one) => open.get(one)?.[turn] ?? one)));
    for (const [pick, others] of open) {
      const other = others[turn];
      if (other !== undefined && then.has(other)) found.add(pick);
    }
  }
  return Array.from(found);
}
