import type { Query } from './ast.ts';

/**
 * The names that a package must have or provide to match; undefined when packages of any name may.
 * A package with one of them matches perhaps, one without any of them never.
 */
export function possibleNames(query: Query): ReadonlySet<string> | undefined {
  switch (query.kind) {
    case 'package':
    case 'name':
      return new Set([query.name]);
    case 'and':
      return query.operands
        .map(possibleNames)
        .reduce((fewest, names) => ((names?.size ?? Infinity) < (fewest?.size ?? Infinity) ? names : fewest));
    case 'or':
      return query.operands
        .map(possibleNames)
        .reduce((all, names) => (all === undefined || names === undefined ? undefined : all.union(names)));
    case 'not':
    case 'field':
      return undefined;
  }
}
