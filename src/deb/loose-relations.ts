import { isEspejoError } from '../core/errors.ts';
import { parseRelations, type Relation, type RelationGroup, soleRelation } from './relations.ts';

/**
 * Reads a relation field as aptly does (spec/semantics.md 3.2), which stops at nothing: `a {amd64}` asks for an architecture, and
 * what cannot be read becomes a name that no package has, so that one bad package makes no list unreadable. Fields that
 * follow the policy are read as {@link parseRelations} reads them.
 */
export function parseRelationsLoosely(text: string): readonly RelationGroup[] {
  try {
    return parseRelations(text, '');
  } catch (error) {
    if (!isEspejoError(error, 'E_RELATION_SYNTAX')) throw error;
  }
  return text
    .split(',')
    .map((item) => item.split('|').filter(isWritten).map(looseRelation))
    .filter((group) => group.length > 0);
}

function isWritten(text: string): boolean {
  return text.trim() !== '';
}

function looseRelation(text: string): Relation {
  return soleRelation(text) ?? relationWithArchitecture(text) ?? { name: text.trim() };
}

/** `name (>= 1) {amd64}`, aptly's own way to say `name:amd64 (>= 1)`. */
function relationWithArchitecture(text: string): Relation | undefined {
  const [, written = '', qualifier] = /^([^{}]*)\{([a-z0-9-]+)\}\s*$/.exec(text) ?? [];
  const relation = qualifier === undefined ? undefined : soleRelation(written);
  return relation === undefined || qualifier === undefined ? undefined : { ...relation, qualifier };
}
