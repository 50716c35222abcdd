import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ResolutionEvent } from '../../../src/packages/events.ts';
import { filterSet } from '../../../src/packages/filter.ts';
import { PackageSet } from '../../../src/packages/package-set.ts';
import { type ResolveOptions, resolve } from '../../../src/packages/resolve.ts';
import { printDependency } from '../../../src/packages/satisfaction.ts';
import { parseQuery } from '../../../src/query/parse-query.ts';
import { appendixB } from '../../builders/appendix-b.ts';
import { labelsOf, member, setOf } from '../../builders/members.ts';

const amd64 = { architectures: ['amd64'] };

const vectors: readonly (readonly [query: string, options: ResolveOptions, labels: string])[] = [
  ['aa', amd64, 'aa_3.0_amd64 aa_2.0_amd64 aa_1.0_amd64 bb_1.0_amd64 cc_1.0_all dd_1.0_amd64'],
  [
    'aa (= 1.0)',
    { ...amd64, follow: { allVariants: true, recommends: true } },
    'aa_1.0_amd64 bb_1.0_amd64 cc_1.0_all dd_1.0_amd64 rr_1.0_amd64 vv_5.0_amd64',
  ],
  ['zz | yy', amd64, 'vv_5.0_amd64 yy_1.0_amd64 zz_1.0_amd64'],
];

for (const [query, options, expected] of vectors) {
  test(`${query} with dependencies (${JSON.stringify(options.follow ?? {})}) selects ${expected}`, () => {
    const found = filterSet(appendixB, [parseQuery(query)], options);

    assert.equal(labelsOf(found), expected);
  });
}

test('without dependencies a filter is what the queries select', () => {
  const found = filterSet(appendixB, [parseQuery('aa (1.0)'), parseQuery('ee')]);

  assert.equal(labelsOf(found), 'aa_1.0_amd64 ee_1:1.0_amd64');
});

test('dependencies of dependencies are followed', () => {
  const source = chain('a>b b>c c>d d>a e>a');

  const found = resolve(source, selected(source, 'a'), amd64);

  assert.equal(labelsOf(found), 'a_1_amd64 b_1_amd64 c_1_amd64 d_1_amd64');
});

test('the highest version that satisfies is taken', () => {
  const wanting = member('a_1_amd64', { fields: { Depends: 'b (<< 3)' } });
  const source = PackageSet.of([wanting, ...setOf('b_1_amd64 b_2_amd64 b_3_amd64')]);

  const found = resolve(source, PackageSet.of([wanting]), amd64);

  assert.equal(labelsOf(found), 'a_1_amd64 b_2_amd64');
});

test('a package of the name goes before one that provides it', () => {
  const wanting = member('a_1_amd64', { fields: { Depends: 'b' } });
  const provider = member('aaa_9_amd64', { fields: { Provides: 'b' } });
  const source = PackageSet.of([wanting, provider, ...setOf('b_1_amd64')]);

  const found = resolve(source, PackageSet.of([wanting]), amd64);

  assert.equal(labelsOf(found), 'a_1_amd64 b_1_amd64');
});

test('what the destination has is not taken, and not followed', () => {
  const source = chain('a>b b>c c>');

  const found = resolve(source, selected(source, 'a'), { ...amd64, available: setOf('b_1_amd64') });

  assert.equal(labelsOf(found), 'a_1_amd64');
});

test('both alternatives are taken when none is there, as in aptly', () => {
  const wanting = member('a_1_amd64', { fields: { Depends: 'b | c' } });
  const source = PackageSet.of([wanting, ...setOf('b_1_amd64 c_1_amd64')]);

  const found = resolve(source, PackageSet.of([wanting]), amd64);

  assert.equal(labelsOf(found), 'a_1_amd64 b_1_amd64 c_1_amd64');
});

test('sources are taken on request', () => {
  const wanting = member('a_1_amd64', { fields: { Source: 's (2)' } });
  const source = PackageSet.of([wanting, ...setOf('s_1_source s_2_source a_1_source')]);

  const found = resolve(source, PackageSet.of([wanting]), { ...amd64, follow: { source: true } });

  assert.equal(labelsOf(found), 'a_1_amd64 s_2_source');
});

test('every decision is told', () => {
  const wanting = member('a_1_amd64', { fields: { Depends: 'b, nope (>= 2)' } });
  const source = PackageSet.of([wanting, ...setOf('b_1_amd64')]);
  const steps: string[] = [];

  resolve(source, PackageSet.of([wanting]), { ...amd64, report: (step) => steps.push(told(step)) });

  assert.deepEqual(steps, [
    'missing: b [amd64], nope (>= 2) [amd64]',
    'added: b_1_amd64 for b [amd64]',
    'unsatisfied: nope (>= 2) [amd64]',
    'missing: ',
  ]);
});

test('a dependency that the same round satisfied already is told', () => {
  const wanting = member('a_1_amd64', { fields: { Depends: 'b (>= 1), b' } });
  const source = PackageSet.of([wanting, ...setOf('b_1_amd64')]);
  const steps: string[] = [];

  resolve(source, PackageSet.of([wanting]), { ...amd64, report: (step) => steps.push(told(step)) });

  assert.ok(steps.includes('satisfied: b [amd64] by b_1_amd64'), steps.join('\n'));
});

test('a relation that cannot be read is one that nothing satisfies', () => {
  const wanting = member('a_1_amd64', { fields: { Depends: 'b, c (>= 1, d {i386}' } });
  const source = PackageSet.of([wanting, ...setOf('b_1_amd64')]);
  const steps: string[] = [];

  const found = resolve(source, PackageSet.of([wanting]), {
    ...amd64,
    report: (step) => steps.push(told(step)),
  });

  assert.equal(labelsOf(found), 'a_1_amd64 b_1_amd64');
  assert.deepEqual(steps.slice(0, 1), ['missing: b [amd64], c (>= 1 [amd64], d [i386]']);
});

/** `a>b` is package a that depends on b. */
function chain(links: string): PackageSet {
  return PackageSet.of(
    links.split(' ').map((link) => {
      const [name, needs = ''] = link.split('>');
      return member(`${name}_1_amd64`, { fields: needs === '' ? {} : { Depends: needs } });
    }),
  );
}

function selected(source: PackageSet, name: string): PackageSet {
  return PackageSet.of(source.named(name));
}

function told(step: ResolutionEvent): string {
  switch (step.type) {
    case 'dependencies-missing':
      return `missing: ${step.dependencies.map(printDependency).join(', ')}`;
    case 'dependency-satisfied':
      return `satisfied: ${printDependency(step.dependency)} by ${step.by.join(' ')}`;
    case 'dependency-added':
      return `added: ${step.package} for ${printDependency(step.dependency)}`;
    case 'dependency-unsatisfied':
      return `unsatisfied: ${printDependency(step.dependency)}`;
  }
}
