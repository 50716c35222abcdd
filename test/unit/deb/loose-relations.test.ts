import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRelationsLoosely } from '../../../src/deb/loose-relations.ts';
import { parseRelations } from '../../../src/deb/relations.ts';

test('a field that follows the policy is read as such', () => {
  const text = 'a:any (>= 1) | b [amd64] <!nocheck>, c';

  assert.deepEqual(parseRelationsLoosely(text), parseRelations(text, ''));
});

test('the architecture may stand in braces', () => {
  assert.deepEqual(parseRelationsLoosely('a {amd64} | b (>= 1) {i386}, c{arm64}'), [
    [
      { name: 'a', qualifier: 'amd64' },
      { name: 'b', constraint: { operator: '>=', version: '1' }, qualifier: 'i386' },
    ],
    [{ name: 'c', qualifier: 'arm64' }],
  ]);
});

for (const item of [
  'a (>= 1',
  'l!b ;x',
  'a (>= 1) junk',
  '(>= 1)',
  'a (== 1)',
  'a (= )',
  '{amd64}',
  'a {x} {y}',
]) {
  test(`${item} becomes a name, and what stands beside it counts`, () => {
    assert.deepEqual(parseRelationsLoosely(`x, ${item} | y, z`), [
      [{ name: 'x' }],
      [{ name: item }, { name: 'y' }],
      [{ name: 'z' }],
    ]);
  });
}

test('empty items are passed over', () => {
  assert.deepEqual(parseRelationsLoosely(' , a,, b | ,'), [[{ name: 'a' }], [{ name: 'b' }]]);
});
