import type { Condition, Query } from './ast.ts';
import { isBareWord } from './lexer.ts';

/** The text of a query, with no more quotes and parentheses than it needs; parsing it gives the query again. */
export function printQuery(query: Query): string {
  switch (query.kind) {
    case 'or':
      return query.operands.map((operand) => printOperand(operand, ['or'])).join(' | ');
    case 'and':
      return query.operands.map((operand) => printOperand(operand, ['or', 'and'])).join(', ');
    case 'not':
      return `!${printOperand(query.operand, ['or', 'and'])}`;
    case 'field':
      return printString(query.field) + printCondition(query.condition);
    case 'package':
      return printString(`${query.name}_${query.version}_${query.architecture}`);
    case 'name':
      return (
        printString(query.name) + printCondition(query.condition) + printArchitecture(query.architecture)
      );
  }
}

function printOperand(query: Query, looser: readonly Query['kind'][]): string {
  const text = printQuery(query);
  return looser.includes(query.kind) ? `(${text})` : text;
}

function printCondition(condition: Condition | undefined): string {
  return condition === undefined ? '' : ` (${condition.operator} ${printString(condition.value)})`;
}

function printArchitecture(architecture: string | undefined): string {
  return architecture === undefined ? '' : ` {${printString(architecture)}}`;
}

function printString(text: string): string {
  return isBareWord(text) && !text.includes('(') ? text : `'${text.replace(/[\\']/g, '\\$&')}'`;
}
