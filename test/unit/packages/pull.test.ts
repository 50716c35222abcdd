import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PackageSet } from '../../../src/packages/package-set.ts';
import { type PullRequest, type PullResult, pullInto } from '../../../src/packages/pull.ts';
import { parseQuery } from '../../../src/query/parse-query.ts';
import { labelsOf, member, setOf } from '../../builders/members.ts';

test('the highest version replaces all versions of its name and architecture', () => {
  const pulled = pull('a_1_amd64 a_2_amd64 a_1_i386 b_1_amd64', 'a_3_amd64 a_4_amd64', 'a');

  assert.equal(labelsOf(pulled.result), 'a_4_amd64 a_1_i386 b_1_amd64');
  assert.deepEqual(linesOf(pulled), ['-a_2_amd64', '-a_1_amd64', '+a_4_amd64']);
});

test('with all matches every version is pulled', () => {
  const pulled = pull('a_1_amd64', 'a_3_amd64 a_4_amd64', 'a', { allMatches: true });

  assert.deepEqual(linesOf(pulled), ['-a_1_amd64', '+a_4_amd64', '+a_3_amd64']);
});

test('without removal the versions of the target stay', () => {
  const pulled = pull('a_1_amd64', 'a_3_amd64 a_4_amd64', 'a', { noRemove: true });

  assert.equal(labelsOf(pulled.result), 'a_4_amd64 a_1_amd64');
  assert.deepEqual(linesOf(pulled), ['+a_4_amd64']);
});

test('a package for one architecture replaces those of architecture all', () => {
  const pulled = pull('a_1_all b_1_amd64', 'a_2_amd64', 'a');

  assert.equal(labelsOf(pulled.result), 'a_2_amd64 b_1_amd64');
});

test('a package of architecture all replaces only those of architecture all', () => {
  const pulled = pull('a_1_all a_1_amd64', 'a_2_all', 'a');

  assert.equal(labelsOf(pulled.result), 'a_2_all a_1_amd64');
});

test('a package of architecture all that was pulled before goes too, as in aptly', () => {
  const pulled = pull('b_1_amd64', 'a_2_all a_1_amd64', 'a');

  assert.deepEqual(linesOf(pulled), ['+a_2_all', '-a_2_all', '+a_1_amd64']);
  assert.equal(labelsOf(pulled.result), 'a_1_amd64 b_1_amd64');
});

test('what is removed is told in listing order, added before or not', () => {
  const pulled = pull('a_3_amd64 a_1_amd64', 'a_2_all a_1_amd64', 'a');

  assert.deepEqual(linesOf(pulled), ['+a_2_all', '-a_3_amd64', '-a_2_all', '-a_1_amd64', '+a_1_amd64']);
});

test('only packages of the architectures are pulled, sources when they are among them', () => {
  const from = 'a_1_amd64 a_1_i386 a_1_source';

  const without = pull('b_1_amd64', from, 'a');
  const withSources = pull('b_1_amd64', from, 'a', { architectures: ['amd64', 'source'] });

  assert.deepEqual(linesOf(without), ['+a_1_amd64']);
  assert.deepEqual(linesOf(withSources), ['+a_1_amd64', '+a_1_source']);
});

test('dependencies that the target lacks are pulled', () => {
  const wanting = member('a_1_amd64', { fields: { Depends: 'b, c' } });
  const source = PackageSet.of([wanting, ...setOf('b_2_amd64 c_2_amd64')]);
  const request = { queries: [parseQuery('a')], architectures: ['amd64'] };

  const withThem = pullInto(setOf('b_1_amd64'), source, { ...request, follow: {} });
  const without = pullInto(setOf('b_1_amd64'), source, request);

  assert.equal(labelsOf(withThem.result), 'a_1_amd64 b_1_amd64 c_2_amd64');
  assert.equal(labelsOf(without.result), 'a_1_amd64 b_1_amd64');
});

test('a version that the target has with other content is skipped', () => {
  const target = setOf('a_1_amd64');
  const source = PackageSet.of([member('a_1_amd64', { content: 'other' })]);
  const request = { queries: [parseQuery('a')], architectures: ['amd64'] };

  const pulled = pullInto(target, source, { ...request, noRemove: true });

  assert.deepEqual(pulled.result.members, target.members);
  assert.deepEqual(linesOf(pulled), []);
});

test('a pull that selects nothing changes nothing', () => {
  const pulled = pull('a_1_amd64', 'b_1_amd64', 'nope');

  assert.equal(labelsOf(pulled.result), 'a_1_amd64');
  assert.deepEqual(pulled.changes, []);
});

function pull(target: string, source: string, query: string, options: Partial<PullRequest> = {}): PullResult {
  return pullInto(setOf(target), setOf(source), {
    queries: [parseQuery(query)],
    architectures: ['amd64'],
    ...options,
  });
}

function linesOf({ changes }: PullResult): readonly string[] {
  return changes.map(({ kind, member: { package: pkg } }) => `${kind === 'added' ? '+' : '-'}${pkg.label}`);
}
