import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseQuery } from '../../../src/query/parse-query.ts';
import { printQuery } from '../../../src/query/print-query.ts';

const prints: readonly (readonly [string, string])[] = [
  ['a|b,c', 'a | b, c'],
  ['((a|b)),c', '(a | b), c'],
  ['(a,b),c', '(a, b), c'],
  ['a,(b,c)', 'a, (b, c)'],
  ['!(a|b)', '!(a | b)'],
  ['! ! a', '!!a'],
  ['a(x', "'a(x'"],
  ['a ( 1 ){i386}', 'a (= 1) {i386}'],
  ["'a b' ('=1')", "'a b' (= '=1')"],
  ['"it\'s \\\\"', "'it\\'s \\\\'"],
  ["''", "''"],
  ['Foo_1_all', 'Foo_1_all'],
  ["Name (~ '(a|b).*')", "Name (~ '(a|b).*')"],
];

for (const [text, expected] of prints) {
  test(`prints ${text} as ${expected}`, () => {
    const query = parseQuery(text);

    const printed = printQuery(query);

    assert.equal(printed, expected);
  });
}
