import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldText } from '../../../src/deb/field-text.ts';

const cases: readonly (readonly [name: string, value: string, text: string])[] = [
  ['Description', 'short', ' short\n'],
  ['description', 'short\nlong\n.', ' short\n long\n .\n'],
  ['Files', '\n00 1 a\n11 2 b', ' 00 1 a\n 11 2 b\n'],
  ['Changes', '', ''],
  ['Tag', 'a,\nb', 'a, b'],
  ['Section', 'net', 'net'],
];

for (const [name, value, text] of cases) {
  test(`${name} ${JSON.stringify(value)} is kept as ${JSON.stringify(text)}`, () => {
    assert.equal(fieldText(name, value), text);
  });
}
