import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isEspejoError } from '../../../src/core/errors.ts';
import { PackageSet, unionOf } from '../../../src/packages/package-set.ts';
import { labelsOf, member, setOf } from '../../builders/members.ts';

test('members are in the order of their keys, whatever order they came in', () => {
  const set = setOf('b_1_amd64 a_2_amd64 c_1_all a_10_amd64');

  const keys = set.members.map(({ key }) => key.slice(0, key.lastIndexOf(' ')));

  assert.deepEqual(keys, ['Pall c 1', 'Pamd64 a 10', 'Pamd64 a 2', 'Pamd64 b 1']);
  assert.deepEqual(Array.from(set), set.members);
});

test('the listing is by name, version descending, architecture', () => {
  const set = setOf('b_1_amd64 a_2_i386 a_10_amd64 a_2_all a_2_source');

  const listed = labelsOf(set);

  assert.equal(listed, 'a_10_amd64 a_2_all a_2_i386 a_2_source b_1_amd64');
});

test('equal members collapse', () => {
  const set = PackageSet.of([member('a_1_amd64'), member('b_1_all'), member('a_1_amd64')]);

  assert.equal(labelsOf(set), 'a_1_amd64 b_1_all');
});

test('one version with two contents is a conflict that names the package', () => {
  const members = [member('a_1_amd64'), member('a_1_amd64', { content: 'other' })];

  assert.throws(
    () => PackageSet.of(members),
    (error) =>
      isEspejoError(error, 'E_PACKAGE_CONFLICT') &&
      error.message === 'package already exists and is different: a_1_amd64',
  );
});

test('versions that compare equal but are written differently live side by side', () => {
  const set = setOf('a_1.0_amd64 a_1.00_amd64');

  assert.equal(set.size, 2);
});

test('a lookup by name finds all versions, the highest first', () => {
  const set = setOf('a_1_amd64 a_10_amd64 a_2_all ab_1_amd64');

  const found = set.named('a').map(({ package: { label } }) => label);

  assert.deepEqual(found, ['a_10_amd64', 'a_2_all', 'a_1_amd64']);
  assert.deepEqual(set.named('nope'), []);
});

test('a lookup by provided name tells the version, that of the package when none is given', () => {
  const set = PackageSet.of([
    member('p_7_amd64', { fields: { Provides: 'q, q (= 2)' } }),
    member('o_1_amd64', { fields: { Provides: 'q (>= 2), x' } }),
    member('q_1_source'),
  ]);

  const found = set.providing('q').map(({ member: { package: pkg }, version }) => [pkg.label, version]);

  assert.deepEqual(found, [
    ['p_7_amd64', '7'],
    ['p_7_amd64', '2'],
  ]);
  assert.deepEqual(set.providing('nope'), []);
});

test('one package is found by name, exact version and architecture', () => {
  const set = setOf('a_1.0_amd64 a_1.0_i386');

  const found = [set.get('a', '1.0', 'i386'), set.get('a', '1.00', 'i386'), set.get('a', '1.0', 'all')];

  assert.deepEqual(
    found.map((one) => one?.package.label),
    ['a_1.0_i386', undefined, undefined],
  );
});

test('a set has a member of the same content only', () => {
  const set = setOf('a_1_amd64');

  assert.equal(set.has(member('a_1_amd64')), true);
  assert.equal(set.has(member('a_1_amd64', { content: 'other' })), false);
  assert.equal(PackageSet.empty.has(member('a_1_amd64')), false);
});

test('the union of one set is that set, of several all their packages', () => {
  const [first, second] = [setOf('a_1_amd64 b_1_amd64'), setOf('b_1_amd64 c_1_all')];

  assert.equal(unionOf([first]), first);
  assert.equal(labelsOf(unionOf([first, second])), 'a_1_amd64 b_1_amd64 c_1_all');
  assert.equal(unionOf([]).size, 0);
});
