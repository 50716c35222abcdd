import type { Query } from '../query/ast.ts';
import { matches } from '../query/matches.ts';
import { subjectOf } from '../query/subject.ts';
import type { Member } from './member.ts';
import { PackageSet } from './package-set.ts';

/**
 * The packages that any of the queries selects; no query selects nothing (`search` without query lists the set itself).
 * Exact packages and names are looked up, also inside `,` and `|`; everything else looks at every package.
 * @throws E_INDEX_SYNTAX when a field that is asked for cannot be parsed
 */
export function selectByQuery(set: PackageSet, queries: readonly Query[]): PackageSet {
  const found = new Set<Member>();
  for (const query of queries) {
    for (const member of candidatesOf(set, query) ?? set.members) {
      if (!found.has(member) && matches(query, subjectOf(member.package))) found.add(member);
    }
  }
  return PackageSet.of(found);
}

/** All that can match, and perhaps more; undefined when only a look at every package tells. */
function candidatesOf(set: PackageSet, query: Query): readonly Member[] | undefined {
  switch (query.kind) {
    case 'package': {
      const member = set.get(query.name, query.version, query.architecture);
      return member === undefined ? [] : [member];
    }
    case 'name':
      return [...set.named(query.name), ...set.providing(query.name).map(({ member }) => member)];
    case 'and':
      return fewestCandidates(set, query.operands);
    case 'or':
      return joinedCandidates(set, query.operands);
    case 'not':
    case 'field':
      return undefined;
  }
}

function fewestCandidates(set: PackageSet, operands: readonly Query[]): readonly Member[] | undefined {
  let fewest: readonly Member[] | undefined;
  for (const operand of operands) {
    const candidates = candidatesOf(set, operand);
    if (candidates === undefined) continue;
    if (fewest === undefined || candidates.length < fewest.length) fewest = candidates;
  }
  return fewest;
}

function joinedCandidates(set: PackageSet, operands: readonly Query[]): readonly Member[] | undefined {
  const joined: Member[] = [];
  for (const operand of operands) {
    const candidates = candidatesOf(set, operand);
    if (candidates === undefined) return undefined;
    joined.push(...candidates);
  }
  return joined;
}
