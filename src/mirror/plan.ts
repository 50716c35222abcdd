import type { MirrorConfig } from '../config/config.ts';
import type { PackageFile, SourcePackage } from '../deb/package.ts';
import { type Closure, chainOf, closeOver, type Reason, type Unsatisfied } from './closure.ts';
import { selectRequested } from './select.ts';
import type { Candidate, Origin, SourceCandidate, Universe } from './universe.ts';

/** Everything a sync is going to do, decided before it does any of it. */
export type SyncPlan = {
  readonly mirror: string;
  /** Binary packages in the order in which the selection found them. */
  readonly members: readonly PlannedPackage[];
  readonly sources: readonly SourceCandidate[];
  /** Relations of members that no package of the mirror satisfies. */
  readonly unsatisfied: readonly UnsatisfiedRelation[];
  /** Each distinct file once. */
  readonly files: readonly PlannedFile[];
  /** Labels of packages that suites list with one version and different content. */
  readonly conflicts: readonly string[];
};

export type PlannedPackage = {
  readonly candidate: Candidate;
  readonly reason: Reason;
  /** Labels from the requested package down to this one. */
  readonly chain: readonly string[];
};

export type UnsatisfiedRelation = {
  readonly package: string;
  readonly field: Unsatisfied['field'] | 'Source';
  readonly relation: string;
  readonly architecture: string;
  readonly chain: readonly string[];
};

export type PlannedFile = {
  readonly file: PackageFile;
  /** The package that it belongs to, for errors. */
  readonly label: string;
  /** Candidate URLs, to be tried in order. */
  readonly urls: readonly string[];
};

/**
 * Selects packages and their dependencies and lists the files they need. Pure.
 * @param urlsOf the archive roots of a suite, by its position in the configuration, best first
 * @throws E_PACKAGE_UNKNOWN, and E_RELATION_SYNTAX or E_INDEX_SYNTAX for a malformed stanza that is selected
 */
export function planSync(
  mirror: MirrorConfig,
  universe: Universe,
  urlsOf: (suite: number, path: string) => readonly string[],
): SyncPlan {
  const requested = selectRequested(universe, mirror.packages, mirror);
  const closure = closeOver(universe, requested, mirror);
  const sources = mirror.sources ? sourcesOf(universe, closure) : { found: [], missing: [] };
  const members = [...closure.members].map(([candidate, reason]) => ({
    candidate,
    reason,
    chain: chainLabels(candidate, closure),
  }));
  return {
    mirror: mirror.name,
    members,
    sources: sources.found,
    unsatisfied: [...closure.unsatisfied.map((one) => describeUnsatisfied(one, closure)), ...sources.missing],
    files: distinctFiles(
      [
        ...members.map(({ candidate }) => ({
          origins: candidate.origins,
          files: [candidate.package.file],
          label: candidate.package.label,
        })),
        ...sources.found.map(({ package: source, origins }) => ({
          origins,
          files: source.files,
          label: source.label,
        })),
      ],
      urlsOf,
    ),
    conflicts: universe.conflicts,
  };
}

/** Bytes of all files of a plan. */
export function plannedBytes(files: readonly PlannedFile[]): number {
  return files.reduce((sum, { file }) => sum + file.facts.size, 0);
}

/** The packages of one component of one suite, as that suite describes them. */
export function packagesIn(
  plan: SyncPlan,
  suite: number,
  component: string,
): readonly (Origin<Candidate['package']>['package'] | SourcePackage)[] {
  const isHere = (origin: Origin<unknown>): boolean =>
    origin.suite === suite && origin.component === component;
  return [
    ...plan.members.flatMap(({ candidate }) =>
      candidate.origins.filter(isHere).map((origin) => origin.package),
    ),
    ...plan.sources.flatMap(({ origins }) => origins.filter(isHere).map((origin) => origin.package)),
  ];
}

function sourcesOf(
  universe: Universe,
  closure: Closure,
): { found: readonly SourceCandidate[]; missing: readonly UnsatisfiedRelation[] } {
  const found = new Set<SourceCandidate>();
  const missing = new Map<string, UnsatisfiedRelation>();
  for (const candidate of closure.members.keys()) {
    const { name, version } = candidate.package.source;
    const source = universe.source(name, version);
    if (source !== undefined) {
      found.add(source);
      continue;
    }
    const relation = `${name} (= ${version})`;
    missing.set(relation, {
      package: candidate.package.label,
      field: 'Source',
      relation,
      architecture: 'source',
      chain: chainLabels(candidate, closure),
    });
  }
  return { found: [...found], missing: [...missing.values()] };
}

function describeUnsatisfied(one: Unsatisfied, closure: Closure): UnsatisfiedRelation {
  const { field, relation, architecture } = one;
  return {
    package: one.of.package.label,
    field,
    relation,
    architecture,
    chain: chainLabels(one.of, closure),
  };
}

function chainLabels(candidate: Candidate, closure: Closure): readonly string[] {
  return chainOf(candidate, closure.members).map((one) => one.label);
}

type FileHolder = {
  readonly origins: readonly Origin<unknown>[];
  readonly files: readonly PackageFile[];
  readonly label: string;
};

function distinctFiles(
  holders: readonly FileHolder[],
  urlsOf: (suite: number, path: string) => readonly string[],
): readonly PlannedFile[] {
  const planned = new Map<string, PlannedFile>();
  for (const { origins, files, label } of holders) {
    for (const file of files) {
      const key = `${file.facts.digests.sha256 ?? file.path} ${file.name}`;
      const urls = origins.flatMap((origin) => urlsOf(origin.suite, file.path));
      const known = planned.get(key);
      planned.set(key, {
        file,
        label: known?.label ?? label,
        urls: [...new Set([...(known?.urls ?? []), ...urls])],
      });
    }
  }
  return [...planned.values()];
}
