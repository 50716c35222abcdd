import type { Query } from './ast.ts';
import { compileCondition } from './matches.ts';

/**
 * Whether a document that is no package, such as a .changes file, fits a query: terms of control fields count, package
 * names and fields that begin with `$` fit nothing (spec/semantics.md 8.4).
 * @param field a field by its canonical, case-sensitive name; empty when the document lacks it
 */
export function matchesFields(query: Query, field: (name: string) => string): boolean {
  switch (query.kind) {
    case 'or':
      return query.operands.some((operand) => matchesFields(operand, field));
    case 'and':
      return query.operands.every((operand) => matchesFields(operand, field));
    case 'not':
      return !matchesFields(query.operand, field);
    case 'package':
    case 'name':
      return false;
    case 'field':
      if (query.field.startsWith('$')) return false;
      return query.condition === undefined
        ? field(query.field) !== ''
        : compileCondition(query.condition)(field(query.field));
  }
}
