import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isEspejoError } from '../../../src/core/errors.ts';
import type { Query } from '../../../src/query/ast.ts';
import { parseQuery } from '../../../src/query/parse-query.ts';

const name = (text: string): Query => ({ kind: 'name', name: text });

const readings: readonly (readonly [string, Query])[] = [
  ['a | b, c', { kind: 'or', operands: [name('a'), { kind: 'and', operands: [name('b'), name('c')] }] }],
  [
    '!a, b | c',
    {
      kind: 'or',
      operands: [{ kind: 'and', operands: [{ kind: 'not', operand: name('a') }, name('b')] }, name('c')],
    },
  ],
  ['(a|b),c', { kind: 'and', operands: [{ kind: 'or', operands: [name('a'), name('b')] }, name('c')] }],
  ['a{amd64}', { kind: 'name', name: 'a', architecture: 'amd64' }],
  ['a (>=1.0)', { kind: 'name', name: 'a', condition: { operator: '>=', value: '1.0' } }],
  ['a (> 1)', { kind: 'name', name: 'a', condition: { operator: '>=', value: '1' } }],
  ['a (< 1)', { kind: 'name', name: 'a', condition: { operator: '<=', value: '1' } }],
  ['a (<< 1)', { kind: 'name', name: 'a', condition: { operator: '<<', value: '1' } }],
  ['a (<= 1)', { kind: 'name', name: 'a', condition: { operator: '<=', value: '1' } }],
  ['a ( 1 )', { kind: 'name', name: 'a', condition: { operator: '=', value: '1' } }],
  ["foo (>> '1 (x)')", { kind: 'name', name: 'foo', condition: { operator: '>>', value: '1 (x)' } }],
  ["'a (b'", name('a (b')],
  ['"a\\"\\\\b"', name('a"\\b')],
  ['a_b', name('a_b')],
  ['a_b_c_d', { kind: 'package', name: 'a', version: 'b_c', architecture: 'd' }],
  ["'a_1 2_b'", { kind: 'package', name: 'a', version: '1 2', architecture: 'b' }],
  ['a_b_c (= 1)', { kind: 'name', name: 'a_b_c', condition: { operator: '=', value: '1' } }],
  ['Foo_1_all', { kind: 'package', name: 'Foo', version: '1', architecture: 'all' }],
  ['!!a', { kind: 'not', operand: { kind: 'not', operand: name('a') } }],
  ['Ünit', { kind: 'field', field: 'Ünit' }],
  ["'Name' (aa)", { kind: 'field', field: 'Name', condition: { operator: '=', value: 'aa' } }],
  ['$Version (~ ^1)', { kind: 'field', field: '$Version', condition: { operator: '~', value: '^1' } }],
  [
    'Priority (%\u00a0req*)\u0085',
    { kind: 'field', field: 'Priority', condition: { operator: '%', value: 'req*' } },
  ],
  ['a=b~c%d<e', name('a=b~c%d<e')],
  ["it's", name("it's")],
  [
    'a (= 1) {i386}',
    { kind: 'name', name: 'a', condition: { operator: '=', value: '1' }, architecture: 'i386' },
  ],
];

for (const [text, expected] of readings) {
  test(`reads ${text}`, () => {
    const query = parseQuery(text);

    assert.deepEqual(query, expected);
  });
}

const mistakes: readonly (readonly [string, number, RegExp])[] = [
  ['', 1, /expected a package name.*found the end/],
  ['   ', 4, /found the end/],
  ['(', 2, /found the end/],
  ['a, | b', 4, /found "\|"/],
  ['a!b', 2, /expected "\|", "," or the end, found "!"/],
  ['a (= =1)', 6, /expected a value after "=", found "="/],
  ['a (>= 1 2)', 9, /expected "\)" after the value, found "2"/],
  ['a(>= 1.0)', 6, /found "1\.0"/],
  ['a (>= 1', 8, /expected "\)"/],
  ['a ()', 4, /expected an operator or a value/],
  ['a {}', 4, /expected an architecture/],
  ['a {b', 5, /expected "}"/],
  ['Name (aa) {amd64}', 11, /found "{"/],
  ['a_1_b {amd64}', 7, /found "{"/],
  ['Name (% [!a]*)', 10, /found "!"/],
  ['Name (~ [)', 9, /expected a regular expression of RE2/],
  ["a, 'b", 4, /expected a closing '/],
  ['(a', 3, /expected "\|", "," or "\)"/],
  ['a b', 3, /found "b"/],
  ['𝒳 |', 4, /found the end/],
];

for (const [text, column, message] of mistakes) {
  test(`refuses "${text}" at column ${column}`, () => {
    const act = () => parseQuery(text);

    assert.throws(act, (error) => {
      assert.ok(isEspejoError(error, 'E_QUERY_SYNTAX'));
      assert.equal(error.context['column'], column);
      assert.match(error.message, new RegExp(`column ${column}:`));
      assert.match(error.message, message);
      return true;
    });
  });
}

test('tells to put a blank before the parenthesis', () => {
  const act = () => parseQuery('nginx(>= 1.0)');

  assert.throws(act, { hint: 'put a blank before the parenthesis: name (>= 1.0)' });
});

test('shows only the surroundings of a mistake in a long query', () => {
  const text = `${'abc | '.repeat(100)}| ${'x'.repeat(500)}`;

  const act = () => parseQuery(text);

  assert.throws(act, /in: ….{1,82}…$/);
});

test('refuses absurd nesting instead of overflowing the stack', () => {
  const text = `${'('.repeat(100_000)}a`;

  const act = () => parseQuery(text);

  assert.throws(act, /at most 200 levels of nesting/);
});

test('reads ten thousand alternatives', () => {
  const text = Array.from({ length: 10_000 }, (_, index) => `p${index}`).join(' | ');

  const query = parseQuery(text);

  assert.equal(query.kind === 'or' && query.operands.length, 10_000);
});
