import { redactUrl } from '../core/redact.ts';
import { type PlannedPackage, plannedBytes, type SyncPlan, type UnsatisfiedRelation } from './plan.ts';
import type { WantedFile } from './resolver.ts';

/** What a sync would do, for people and machines. Packages are named by their labels. */
export type PlanResult = {
  readonly mirror: string;
  /** Binary packages in the order in which the selection found them. */
  readonly packages: readonly PlannedFor[];
  readonly sources: readonly string[];
  /** Relations of packages that nothing in the mirror satisfies. */
  readonly unsatisfied: readonly UnsatisfiedRelation[];
  /** All files that it would hold, and their bytes. */
  readonly files: number;
  readonly bytes: number;
  /** Files that the pool lacks, and their bytes. */
  readonly fetchFiles: readonly FileToFetch[];
  readonly fetchBytes: number;
  /** What this sync would have and the last one had not, and the other way round. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
};

/** A package and why it is there. */
export type PlannedFor = {
  readonly package: string;
  readonly size: number;
  readonly reason:
    | { readonly kind: 'requested'; readonly request: string }
    | {
        readonly kind: 'dependency';
        readonly of: string | undefined;
        readonly field: string;
        readonly relation: string;
      };
  /** From the requested package down to this one. */
  readonly chain: readonly string[];
};

export type FileToFetch = {
  readonly package: string;
  readonly size: number;
  readonly urls: readonly string[];
};

/**
 * A plan without the parsed packages.
 * @param missing files that the pool lacks
 * @param before labels of what the last sync had
 */
export function planResult(
  plan: SyncPlan,
  missing: readonly WantedFile[],
  before: ReadonlySet<string>,
): PlanResult {
  const packages = plan.members.map(plannedFor);
  const sources = plan.sources.map((source) => source.package.label);
  const after = new Set([...packages.map((planned) => planned.package), ...sources]);
  return {
    mirror: plan.mirror,
    packages,
    sources,
    unsatisfied: plan.unsatisfied,
    files: plan.files.length,
    bytes: plannedBytes(plan.files),
    fetchFiles: missing.map(({ file, label, urls }) => ({
      package: label,
      size: file.facts.size,
      urls: urls().map(redactUrl),
    })),
    fetchBytes: plannedBytes(missing),
    added: [...after.difference(before)].sort(),
    removed: [...before.difference(after)].sort(),
  };
}

function plannedFor({ candidate, reason, chain }: PlannedPackage): PlannedFor {
  return {
    package: candidate.package.label,
    size: candidate.package.file.facts.size,
    reason:
      reason.kind === 'requested'
        ? { kind: reason.kind, request: reason.request }
        : { kind: reason.kind, of: chain.at(-2), field: reason.field, relation: reason.relation },
    chain,
  };
}
