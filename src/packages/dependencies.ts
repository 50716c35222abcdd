import type { RelationField } from '../deb/package.ts';
import { appliesTo, type Relation, type RelationGroup } from '../deb/relations.ts';
import { isFor, type Member } from './member.ts';
import type { Dependency } from './satisfaction.ts';

/** aptly's dependency options; `Depends` and `Pre-Depends` are followed always. */
export type FollowOptions = {
  /** Look at every alternative of `a | b`, not only until one is satisfied. */
  readonly allVariants?: boolean;
  readonly recommends?: boolean;
  readonly suggests?: boolean;
  /** The source package of every binary package. */
  readonly source?: boolean;
};

/**
 * What a package depends on where it is installed on an architecture: groups of alternatives. Build dependencies are
 * never followed, so source packages depend on nothing. A relation that cannot be read is one that nothing satisfies.
 */
export function dependenciesOf(
  member: Member,
  architecture: string,
  follow: FollowOptions,
): readonly (readonly Dependency[])[] {
  if (!isFor(member, architecture)) return [];
  return relationsOf(member, follow)
    .map((group) => group.filter((one) => appliesTo(one, architecture)))
    .filter((group) => group.length > 0)
    .map((group) => group.map((relation) => dependencyOn(relation, architecture)));
}

function relationsOf({ package: pkg }: Member, follow: FollowOptions): readonly RelationGroup[] {
  if (pkg.kind === 'source' || pkg.kind === 'installer') return [];
  const groups = followedFields(follow).flatMap((field) => pkg.looseRelations(field));
  if (follow.source !== true) return groups;
  const { name, version } = pkg.source;
  return [...groups, [{ name, qualifier: 'source', constraint: { operator: '=', version } }]];
}

function followedFields({ recommends, suggests }: FollowOptions): readonly RelationField[] {
  const fields: RelationField[] = ['Depends', 'Pre-Depends'];
  if (recommends === true) fields.push('Recommends');
  if (suggests === true) fields.push('Suggests');
  return fields;
}

function dependencyOn({ name, qualifier, constraint }: Relation, architecture: string): Dependency {
  const own = qualifier === undefined || qualifier === 'any' || qualifier === 'native';
  return {
    name,
    architecture: own ? architecture : qualifier,
    ...(constraint === undefined ? {} : { constraint }),
  };
}
