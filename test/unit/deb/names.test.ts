import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  architectureProblem,
  assertFieldText,
  assertPrefix,
  componentProblem,
  distributionProblem,
  prefixProblem,
} from '../../../src/deb/names.ts';

const outside = [
  '..',
  '../x',
  'x/../../../y',
  '/x',
  'x/',
  'x//y',
  '.',
  './x',
  '',
  'a b',
  'a\nb',
  'a\0',
  'a\\b',
];
const hidden = ['.x', 'x/.y', '.espejo/x', 'x/.espejo'];
const others = ['a?b', 'a#b', 'a%2e', 'x'.repeat(256)];

test('names that leave their directory, are hidden or mean something else in URLs are no names', () => {
  for (const name of [...outside, ...hidden, ...others]) {
    assert.notEqual(componentProblem(name), undefined, `component ${name}`);
    assert.notEqual(distributionProblem(name), undefined, `distribution ${name}`);
    assert.notEqual(architectureProblem(name), undefined, `architecture ${name}`);
    if (name !== '.') assert.notEqual(prefixProblem(name), undefined, `prefix ${name}`);
  }
});

test('an architecture is one part of a path', () => {
  for (const name of ['amd64', 'source', 'kfreebsd-amd64', 'x86_64'])
    assert.equal(architectureProblem(name), undefined);
  for (const name of ['a/b', '-x', 'x'.repeat(65)]) assert.notEqual(architectureProblem(name), undefined);
});

test('components and distributions may have parts', () => {
  for (const name of ['main', 'updates/main', 'non-free', 'a_b~c+d:e@f'])
    assert.equal(componentProblem(name), undefined);
  for (const name of ['xenial', 'stable/updates', 'xenial@2024', 'Release'])
    assert.equal(distributionProblem(name), undefined);
});

test('a component does not take the place of a file of its suite', () => {
  for (const name of ['Release', 'InRelease', 'Release.gpg/x'])
    assert.notEqual(componentProblem(name), undefined);
});

test('a prefix is the root, or has no part that divides published trees', () => {
  for (const prefix of ['.', 'ubuntu', 'a/b']) assert.doesNotThrow(() => assertPrefix(prefix));
  for (const prefix of ['a/dists/b', 'pool', '..'])
    assert.throws(() => assertPrefix(prefix), { message: `invalid prefix ${prefix}` });
});

test('a field of a Release file is one line', () => {
  assert.doesNotThrow(() => assertFieldText('Ñandú & Söhne, 1st: "x"', 'origin'));
  for (const text of ['a\nSuite: b', 'a\r', 'a\tb', '\u001b[31m'])
    assert.throws(() => assertFieldText(text, 'origin'), {
      code: 'E_BAD_VALUE',
      message: /^invalid origin /,
    });
});
