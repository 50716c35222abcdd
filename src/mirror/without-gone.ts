import type { PackageFile } from '../deb/package.ts';
import { appliesTo, printGroup, type RelationGroup } from '../deb/relations.ts';
import type { GoneFile } from './download.ts';
import type { PlannedPackage, SyncPlan, UnsatisfiedRelation } from './plan.ts';
import { fileId, filesOf } from './same-files.ts';
import { type Candidate, type SourceCandidate, satisfies } from './universe.ts';

/** A package that is listed and left out, since upstream does not have one of its files. */
export type MissingPackage = { readonly package: string; readonly file: string; readonly reason: string };

/**
 * A plan without the packages of which a file is not there: what each place has, the files that are left, and relations
 * that only those packages would have satisfied. Pure.
 */
export function withoutGone(
  plan: SyncPlan,
  gone: readonly GoneFile[],
  architectures: readonly string[],
): { readonly plan: SyncPlan; readonly missing: readonly MissingPackage[] } {
  if (gone.length === 0) return { plan, missing: [] };
  const keys = new Set(gone.map(({ id }) => id));
  const isGone = (file: PackageFile): boolean => keys.has(fileId(file));
  const members = plan.members.flatMap((member) => {
    const left = withoutOrigins(member.candidate, isGone);
    return left === undefined ? [] : [{ ...member, candidate: left }];
  });
  const remaining = new Set(members.map(({ candidate }) => candidate.package.label));
  const lost = plan.members.filter(({ candidate }) => !remaining.has(candidate.package.label));
  return {
    plan: {
      ...plan,
      members,
      sources: plan.sources.flatMap((source) => withoutOrigins(source, isGone) ?? []),
      files: plan.files.filter(({ file }) => !isGone(file)),
      unsatisfied: [...plan.unsatisfied, ...lostRelations(members, lost, architectures)],
    },
    missing: gone.map(({ label, file, error }) => ({
      package: label,
      file: file.path,
      reason: error.message,
    })),
  };
}

/** Undefined when no place has it whole. */
function withoutOrigins<Found extends Candidate | SourceCandidate>(
  found: Found,
  isGone: (file: PackageFile) => boolean,
): Found | undefined {
  const origins = (found.origins as readonly Found['origins'][number][]).filter(
    (origin) => !filesOf(origin.package).some(isGone),
  );
  const [first] = origins;
  return first === undefined ? undefined : ({ ...found, package: first.package, origins } as Found);
}

function lostRelations(
  members: readonly PlannedPackage[],
  lost: readonly PlannedPackage[],
  architectures: readonly string[],
): readonly UnsatisfiedRelation[] {
  return members.flatMap(({ candidate: { package: one }, chain }) => {
    const targets = one.architecture === 'all' ? architectures : [one.architecture];
    return targets.flatMap((architecture) =>
      (['Pre-Depends', 'Depends'] as const).flatMap((field) =>
        one
          .looseRelations(field)
          .map((group) => group.filter((relation) => appliesTo(relation, architecture)))
          .filter((group) => isMet(group, lost, architecture) && !isMet(group, members, architecture))
          .map((group) => ({ package: one.label, field, relation: printGroup(group), architecture, chain })),
      ),
    );
  });
}

function isMet(group: RelationGroup, by: readonly PlannedPackage[], architecture: string): boolean {
  return by.some(({ candidate }) =>
    group.some((relation) => satisfies(candidate.package, relation, architecture)),
  );
}
