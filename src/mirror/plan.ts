import type { MirrorConfig } from '../config/config.ts';
import { EspejoError } from '../core/errors.ts';
import type { BinaryPackage, PackageFile, SourcePackage } from '../deb/package.ts';
import { type Closure, chainOf, closeOver, type Reason, type Unsatisfied } from './closure.ts';
import type { WantedFile } from './resolver.ts';
import { fileId, filesOf } from './same-files.ts';
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
  /** Labels of selected packages that one place lists twice with different content. */
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

/** Its SHA-256 is unknown when its index lists SHA-512 alone. */
export type PlannedFile = WantedFile & {
  /** Whether only packages need it of which one place says several things: this one may be wrong. */
  readonly isContested: boolean;
};

/**
 * Selects packages and their dependencies and lists the files they need. Pure.
 * @param urlsOf the archive roots of a suite, by its position in the configuration, best first
 * @throws E_PACKAGE_UNKNOWN; E_INDEX_SYNTAX for a malformed stanza that is selected; E_RELEASE_WEAK
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
  const holders = [...members.map(({ candidate }) => candidate), ...sources.found];
  return {
    mirror: mirror.name,
    members,
    sources: sources.found,
    unsatisfied: [...closure.unsatisfied.map((one) => describeUnsatisfied(one, closure)), ...sources.missing],
    files: distinctFiles(holders, urlsOf),
    conflicts: holders.filter((one) => universe.isConflicting(one)).map((one) => one.package.label),
  };
}

/** Bytes of all files of a plan. */
export function plannedBytes(files: readonly WantedFile[]): number {
  return files.reduce((sum, { file }) => sum + file.facts.size, 0);
}

/** The packages of one component of one suite, as that suite describes them. */
export function packagesIn(
  plan: SyncPlan,
  suite: number,
  component: string,
): readonly (BinaryPackage | SourcePackage)[] {
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

/** Every place describes the files in its own way; each is asked for by the path that it gives. */
function distinctFiles(
  holders: readonly (Candidate | SourceCandidate)[],
  urlsOf: (suite: number, path: string) => readonly string[],
): readonly PlannedFile[] {
  const planned = new Map<string, PlannedFile & { readonly candidates: string[]; isContested: boolean }>();
  for (const { origins, package: member } of holders) {
    for (const origin of origins) {
      for (const file of filesOf(origin.package)) {
        assertStrong(file, member.label);
        const id = fileId(file);
        const isContested = origin.alternatives !== undefined;
        const known = planned.get(id) ?? plannedFile(id, file, { label: member.label, isContested });
        known.isContested &&= isContested;
        const { candidates } = known;
        candidates.push(...urlsOf(origin.suite, file.path).filter((url) => !candidates.includes(url)));
        planned.set(id, known);
      }
    }
  }
  return [...planned.values()];
}

function plannedFile(
  id: string,
  file: PackageFile,
  { label, isContested }: { readonly label: string; readonly isContested: boolean },
): PlannedFile & { readonly candidates: string[]; isContested: boolean } {
  const candidates: string[] = [];
  return { id, file, label, candidates, urls: () => candidates, isContested };
}

/** @throws E_RELEASE_WEAK for a file that only MD5 or SHA-1 would vouch for */
function assertStrong({ name, facts: { digests } }: PackageFile, label: string): void {
  if (digests.sha256 !== undefined || digests.sha512 !== undefined) return;
  throw new EspejoError('E_RELEASE_WEAK', `${label}: its index lists ${name} without SHA256 or SHA512`, {
    hint: 'MD5 and SHA-1 prove nothing any more; ask the archive to list SHA256',
  });
}
