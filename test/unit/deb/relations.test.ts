import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseProvides, parseRelations, printGroup, printRelation } from '../../../src/deb/relations.ts';

test('reads groups of alternatives', () => {
  const groups = parseRelations('a, b (>= 1.0) | c , d', 'Depends');

  assert.deepEqual(groups, [
    [{ name: 'a' }],
    [{ name: 'b', constraint: { operator: '>=', version: '1.0' } }, { name: 'c' }],
    [{ name: 'd' }],
  ]);
});

test('reads everything that one relation can have', () => {
  const groups = parseRelations('g++:any(<<5)[linux-any !i386]<!nocheck  cross> <stage1>', 'Build-Depends');

  assert.deepEqual(groups, [
    [
      {
        name: 'g++',
        qualifier: 'any',
        constraint: { operator: '<<', version: '5' },
        architectures: ['linux-any', '!i386'],
        profiles: [['!nocheck', 'cross'], ['stage1']],
      },
    ],
  ]);
});

for (const [written, meant] of [
  ['<', '<='],
  ['<=', '<='],
  ['<<', '<<'],
  ['=', '='],
  ['>', '>='],
  ['>=', '>='],
  ['>>', '>>'],
]) {
  test(`operator ${written} means ${meant}`, () => {
    const [[relation] = []] = parseRelations(`a (${written}1)`, 'Depends');

    assert.equal(relation?.constraint?.operator, meant);
  });
}

for (const text of ['', ' \n ', ',', ' , , ']) {
  test(`${JSON.stringify(text)} holds no relation`, () => {
    assert.deepEqual(parseRelations(text, 'Depends'), []);
  });
}

test('skips stray commas and takes line breaks for blanks', () => {
  const groups = parseRelations('a,\n b\n (>= 1),', 'Depends');

  assert.deepEqual(groups.map(printGroup), ['a', 'b (>= 1)']);
});

const malformed = [
  '|',
  'a |',
  'a | | b',
  'a b',
  'a (',
  'a ()',
  'a (>= )',
  'a (>= 1',
  'a (>= 1 2)',
  'a (== 1)',
  'a (=> 1)',
  'a (>= 1_0)',
  'a (>= 1) (<< 2)',
  'a []',
  'a [amd64',
  'a <>',
  'a <x',
  'a:',
  ':any',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what an unexpanded control file has
  '${misc:Depends}',
  'ä',
];

for (const text of malformed) {
  test(`refuses ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseRelations(text, 'foo: Depends'), {
      code: 'E_RELATION_SYNTAX',
      message: /^foo: Depends: .* at character \d+/,
    });
  });
}

test('prints the form of the policy', () => {
  const [group = []] = parseRelations('a:any(>=1)[amd64 !i386]<x !y><z>|b', 'Depends');

  assert.equal(printGroup(group), 'a:any (>= 1) [amd64 !i386] <x !y> <z> | b');
  assert.equal(printRelation({ name: 'a' }), 'a');
});

test('reads what a package provides', () => {
  const provided = parseProvides('virt (= 2.0), bb, old (>= 1), exact (3), native:any');

  assert.deepEqual(provided, [
    { name: 'virt', version: '2.0' },
    { name: 'bb' },
    { name: 'exact', version: '3' },
    { name: 'native' },
  ]);
});

test('an item of Provides that cannot be read provides nothing, and the others count', () => {
  for (const item of ['a | b', 'a (', 'a (== 1)', 'a b', ' ', 'a {amd64}', '!'])
    assert.deepEqual(parseProvides(`x, ${item}, y`), [{ name: 'x' }, { name: 'y' }], item);
});

test('a version without operator is that very version', () => {
  assert.deepEqual(parseRelations('a (1)', ''), [
    [{ name: 'a', constraint: { operator: '=', version: '1' } }],
  ]);
});
