/**
 * A package query of aptly's language. `and` and `or` hold at least two operands. A `name` query without condition and
 * architecture never has a name that reads as a field or as an exact package: the parser cannot make one.
 */
export type Query =
  | { readonly kind: 'or'; readonly operands: readonly Query[] }
  | { readonly kind: 'and'; readonly operands: readonly Query[] }
  | { readonly kind: 'not'; readonly operand: Query }
  | { readonly kind: 'field'; readonly field: string; readonly condition?: Condition }
  | {
      readonly kind: 'package';
      readonly name: string;
      readonly version: string;
      readonly architecture: string;
    }
  | {
      readonly kind: 'name';
      readonly name: string;
      readonly condition?: Condition;
      readonly architecture?: string;
    };

export type Condition = { readonly operator: QueryOperator; readonly value: string };

/** The version order (`<` and `>` were read as `<=` and `>=`), shell glob, regular expression. */
export type QueryOperator = '=' | '<<' | '<=' | '>>' | '>=' | '%' | '~';

/** How a term reads by its text alone; quoting it makes no difference. */
export function termKind(text: string): 'field' | 'package' | 'name' {
  if (text.startsWith('$')) return 'field';
  if (/^\p{Lu}/u.test(text) && !text.includes('_')) return 'field';
  return text.split('_', 3).length === 3 ? 'package' : 'name';
}
