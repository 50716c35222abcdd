import { EspejoError, isEspejoError } from '../core/errors.ts';
import { parseRelations, type Relation } from '../deb/relations.ts';
import type { Query } from '../query/ast.ts';
import { parseQuery } from '../query/parse-query.ts';
import type { PackageRequest } from './config.ts';

/**
 * Reads one line of a package array: a relation when it is `name`, `name:arch` or one of them with `(op version)`, and a
 * query otherwise.
 * @throws E_QUERY_SYNTAX, E_RELATION_SYNTAX
 */
export function parsePackageRequest(text: string): PackageRequest {
  const query = queryOf(text);
  if (query === undefined) return { text, kind: 'relation', relation: relationOf(text, text) };
  if (query.kind !== 'name' || query.architecture !== undefined) return { text, kind: 'query', query };
  const { name, condition } = query;
  if (/[*?[\]]/.test(name)) throw patternError(text, name);
  if (condition === undefined) return { text, kind: 'relation', relation: relationOf(name, text) };
  const { operator, value } = condition;
  if (operator === '%' || operator === '~') return { text, kind: 'query', query };
  return { text, kind: 'relation', relation: relationOf(`${name} (${operator} ${value})`, text) };
}

/** Undefined for `name(>= 1.0)`: no query without a blank, but a relation. */
function queryOf(text: string): Query | undefined {
  try {
    return parseQuery(text);
  } catch (error) {
    if (isEspejoError(error, 'E_QUERY_SYNTAX') && isRelation(text)) return undefined;
    throw error;
  }
}

function isRelation(text: string): boolean {
  try {
    relationOf(text, text);
    return true;
  } catch (error) {
    if (isEspejoError(error, 'E_RELATION_SYNTAX', 'E_QUERY_SYNTAX')) return false;
    throw error;
  }
}

function relationOf(relationText: string, written: string): Relation {
  const groups = parseRelations(relationText, `"${written}"`);
  const relation = groups[0]?.[0];
  const isSingle = groups.length === 1 && groups[0]?.length === 1;
  if (relation !== undefined && isSingle && relation.architectures === undefined && !relation.profiles) {
    return relation;
  }
  throw new EspejoError('E_RELATION_SYNTAX', `"${written}" is not the relation of one package`);
}

function patternError(text: string, name: string): EspejoError {
  return new EspejoError('E_QUERY_SYNTAX', `"${text}": a package name holds no patterns`, {
    context: { column: 1 },
    hint: `write the query: Name (% ${name})`,
  });
}
