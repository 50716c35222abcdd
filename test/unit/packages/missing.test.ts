import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FollowOptions } from '../../../src/packages/dependencies.ts';
import { findMissing } from '../../../src/packages/missing.ts';
import { PackageSet } from '../../../src/packages/package-set.ts';
import { printDependency } from '../../../src/packages/satisfaction.ts';
import { member, setOf } from '../../builders/members.ts';

test('of alternatives none of which is there all are missing', () => {
  const found = missingOf('a | b (>= 2)', 'b_1_amd64');

  assert.deepEqual(found, ['a [amd64]', 'b (>= 2) [amd64]']);
});

test('of alternatives one of which is there none is missing', () => {
  const found = missingOf('a | b', 'b_1_amd64');

  assert.deepEqual(found, []);
});

test('with all variants every alternative that is not there is missing', () => {
  const found = missingOf('a | b | c', 'b_1_amd64', { allVariants: true });

  assert.deepEqual(found, ['a [amd64]', 'c [amd64]']);
});

test('the qualifiers any and native mean the architecture itself, others are taken literally', () => {
  const found = missingOf('a:any, b:native, c:i386', '');

  assert.deepEqual(found, ['a [amd64]', 'b [amd64]', 'c [i386]']);
});

test('a relation for other architectures asks for nothing', () => {
  const found = missingOf('a [i386], b [!amd64], c [amd64], d [!i386], e [i386] | f', '');

  assert.deepEqual(found, ['c [amd64]', 'd [amd64]', 'f [amd64]']);
});

test('a package of architecture all satisfies relations of every architecture but source', () => {
  const found = missingOf('a, a:i386, a:source', 'a_1_all');

  assert.deepEqual(found, ['a [source]']);
});

test('recommendations, suggestions and the source package are asked for on request', () => {
  const fields = { Depends: 'a', 'Pre-Depends': 'b', Recommends: 'c', Suggests: 'd', Source: 'src (3)' };
  const members = [member('p_1_amd64', { fields })];
  const options = { architectures: ['amd64'], available: PackageSet.empty };

  const texts = [{}, { recommends: true }, { suggests: true }, { source: true }].map((follow) =>
    findMissing(members, { ...options, follow }).map(printDependency),
  );

  assert.deepEqual(texts, [
    ['a [amd64]', 'b [amd64]'],
    ['a [amd64]', 'b [amd64]', 'c [amd64]'],
    ['a [amd64]', 'b [amd64]', 'd [amd64]'],
    ['a [amd64]', 'b [amd64]', 'src (= 3) [source]'],
  ]);
});

test('without Source field the source package has the name and version of the package', () => {
  const found = missingOf('', 'p_1_amd64', { source: true });

  assert.deepEqual(found, ['p (= 1) [source]']);
});

test('a source package asks for nothing', () => {
  const source = member('p_1_source', { fields: { 'Build-Depends': 'a' } });
  const follow = { recommends: true, source: true };

  const found = findMissing([source], { architectures: ['source'], available: PackageSet.empty, follow });

  assert.deepEqual(found, []);
});

test('a package of architecture all is looked at for every architecture, others for their own', () => {
  const members = [
    member('p_1_all', { fields: { Depends: 'a' } }),
    member('q_1_i386', { fields: { Depends: 'b' } }),
  ];

  const found = findMissing(members, { architectures: ['amd64', 'i386'], available: PackageSet.empty });

  assert.deepEqual(found.map(printDependency), ['a [amd64]', 'a [i386]', 'b [i386]']);
});

test('any provider satisfies a versioned relation, not only the first', () => {
  const available = PackageSet.of([
    member('p1_1_amd64', { fields: { Provides: 'virt (= 1)' } }),
    member('p2_1_amd64', { fields: { Provides: 'virt (= 2)' } }),
    member('p3_1_amd64', { fields: { Provides: 'virt (= 1)' } }),
  ]);
  const members = [member('x_1_amd64', { fields: { Depends: 'virt (>= 2)' } })];

  const found = findMissing(members, { architectures: ['amd64'], available });

  assert.deepEqual(found, []);
});

test('an unversioned provision satisfies versioned relations in the version of its package', () => {
  const available = PackageSet.of([member('p_5_amd64', { fields: { Provides: 'virt' } })]);
  const members = [member('x_1_amd64', { fields: { Depends: 'virt (>= 5), virt (>> 5)' } })];

  const found = findMissing(members, { architectures: ['amd64'], available });

  assert.deepEqual(found.map(printDependency), ['virt (>> 5) [amd64]']);
});

test('a relation that cannot be read is missing', () => {
  const members = [member('x_1_amd64', { fields: { Depends: 'a (>= 1, b' } })];

  const found = findMissing(members, { architectures: ['amd64'], available: setOf('a_1_amd64 b_1_amd64') });

  assert.deepEqual(found.map(printDependency), ['a (>= 1 [amd64]']);
});

function missingOf(depends: string, available: string, follow: FollowOptions = {}): readonly string[] {
  const fields = depends === '' ? {} : { Depends: depends };
  return findMissing([member('p_1_amd64', { fields })], {
    architectures: ['amd64'],
    available: setOf(available),
    follow,
  }).map(printDependency);
}
