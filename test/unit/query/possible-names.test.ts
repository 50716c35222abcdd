import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseQuery } from '../../../src/query/parse-query.ts';
import { possibleNames } from '../../../src/query/possible-names.ts';

const cases: readonly (readonly [string, readonly string[] | undefined])[] = [
  ['aa', ['aa']],
  ['aa (>= 1) {amd64}', ['aa']],
  ['aa_1_amd64', ['aa']],
  ['aa | bb', ['aa', 'bb']],
  ['aa | Section (x)', undefined],
  ['Section (x), aa', ['aa']],
  ['(aa | bb), cc', ['cc']],
  ['!aa', undefined],
  ['!aa, bb', ['bb']],
  ['Name (aa)', undefined],
];

for (const [text, names] of cases) {
  test(`${text}: ${names ?? 'any name'}`, () => {
    const found = possibleNames(parseQuery(text));

    assert.deepEqual(found === undefined ? undefined : [...found], names);
  });
}
