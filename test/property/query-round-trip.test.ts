import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isEspejoError } from '../../src/core/errors.ts';
import { type Query, termKind } from '../../src/query/ast.ts';
import { parseQuery } from '../../src/query/parse-query.ts';
import { printQuery } from '../../src/query/print-query.ts';

const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.string({ unit: fc.constantFrom(...'ab1_ \'"\\(){}|,!=%~<>$A'), maxLength: 8 }),
);
const plain = { noNullPrototype: true };
const operator = fc.constantFrom('=', '<<', '<=', '>>', '>=', '%');
const condition = fc.oneof(
  fc.record({ operator, value: text }, plain),
  fc.record(
    { operator: fc.constant('~' as const), value: fc.constantFrom('^a', '(a|b).*', "'", '\\.') },
    plain,
  ),
);
const field = fc.record(
  {
    kind: fc.constant('field' as const),
    field: text.filter((word) => termKind(word) === 'field'),
    condition,
  },
  { requiredKeys: ['kind', 'field'], noNullPrototype: true },
);
const plainName = fc.record(
  {
    kind: fc.constant('name' as const),
    name: text.filter((word) => termKind(word) === 'name'),
    condition,
    architecture: text,
  },
  { requiredKeys: ['kind', 'name'], noNullPrototype: true },
);
const part = text.filter((word) => !word.includes('_'));
const exactPackage = fc
  .record({ kind: fc.constant('package' as const), name: part, version: text, architecture: part }, plain)
  .filter(({ name, version, architecture }) => termKind(`${name}_${version}_${architecture}`) === 'package');

const { query } = fc.letrec<{ query: Query }>((tie) => ({
  query: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'query' },
    plainName,
    field,
    exactPackage,
    fc.record({ kind: fc.constant('not' as const), operand: tie('query') }, plain),
    fc.record(
      {
        kind: fc.constantFrom('and' as const, 'or' as const),
        operands: fc.array(tie('query'), { minLength: 2, maxLength: 3, depthIdentifier: 'query' }),
      },
      plain,
    ),
  ),
}));

test('a printed query parses to the same query', () => {
  fc.assert(
    fc.property(query, (original) => {
      const parsed = parseQuery(printQuery(original));

      assert.deepEqual(parsed, original);
    }),
    { numRuns: 500 },
  );
});

test('any text is a query that survives printing, or an error with a column inside the text', () => {
  fc.assert(
    fc.property(text, (input) => {
      const outcome = attempt(input);

      if (typeof outcome === 'number') assert.ok(outcome >= 1 && outcome <= input.length + 1);
      else assert.deepEqual(parseQuery(printQuery(outcome)), outcome);
    }),
    { numRuns: 2_000 },
  );
});

function attempt(input: string): Query | number {
  try {
    return parseQuery(input);
  } catch (error) {
    assert.ok(isEspejoError(error, 'E_QUERY_SYNTAX'));
    return Number(error.context['column']);
  }
}
