import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { FollowOptions } from '../../src/packages/dependencies.ts';
import { diffSets } from '../../src/packages/diff.ts';
import { filterSet } from '../../src/packages/filter.ts';
import type { Member } from '../../src/packages/member.ts';
import { mergeSets } from '../../src/packages/merge.ts';
import { findMissing } from '../../src/packages/missing.ts';
import { PackageSet } from '../../src/packages/package-set.ts';
import { pullInto } from '../../src/packages/pull.ts';
import { resolve } from '../../src/packages/resolve.ts';
import { satisfying } from '../../src/packages/satisfaction.ts';
import { selectByQuery } from '../../src/packages/search.ts';
import { matches } from '../../src/query/matches.ts';
import { parseQuery } from '../../src/query/parse-query.ts';
import { subjectOf } from '../../src/query/subject.ts';
import { member } from '../builders/members.ts';
import { universe } from '../builders/package-universe.ts';

const architectures = ['amd64', 'i386'];
const packageSet: fc.Arbitrary<PackageSet> = universe
  .chain((packages) => fc.subarray(Array.from(packages)))
  .map((packages) => PackageSet.of(packages.map(([label, fields]) => member(label, { fields }))));
/** Some packages have the label of one of another list with other content. */
const otherSet: fc.Arbitrary<PackageSet> = fc
  .tuple(
    universe.chain((packages) => fc.subarray(Array.from(packages.keys()))),
    fc.constantFrom('x', 'y'),
  )
  .map(([labels, content]) =>
    PackageSet.of(labels.map((label) => member(label, { content: label.includes('1') ? content : label }))),
  );
const follow: fc.Arbitrary<FollowOptions> = fc.record(
  { allVariants: fc.boolean(), recommends: fc.boolean(), suggests: fc.boolean(), source: fc.boolean() },
  { requiredKeys: [] },
);
const query = fc
  .constantFrom(
    'a',
    'b (>= 1.5) | m',
    'v',
    'Name (% [ac])',
    '!d, p',
    'a_1_amd64',
    'm {i386}',
    '$Version (1)',
    'v, !p',
  )
  .map(parseQuery);
const numRuns = 60;

for (const keep of ['override', 'all', 'latest'] as const) {
  test(`a merge is associative: ${keep}`, () => {
    fc.assert(
      fc.property(otherSet, otherSet, otherSet, (a, b, c) => {
        const all = mergeSets([a, b, c], { keep });

        assert.deepEqual(keysOf(mergeSets([mergeSets([a, b], { keep }), c], { keep })), keysOf(all));
        assert.deepEqual(keysOf(mergeSets([a, mergeSets([b, c], { keep })], { keep })), keysOf(all));
      }),
      { numRuns },
    );
  });
}

test('a merge with an empty list, or with itself, changes nothing', () => {
  fc.assert(
    fc.property(otherSet, fc.boolean(), (set, aptlyTail) => {
      const merged = [
        [set, PackageSet.empty],
        [PackageSet.empty, set],
        [set, set],
      ].map((sources) => mergeSets(sources, { aptlyTail }));

      for (const one of merged) assert.deepEqual(keysOf(one), keysOf(set));
    }),
    { numRuns },
  );
});

test("aptly's walk keeps all that the right rule keeps, but for other content of one version", () => {
  fc.assert(
    fc.property(otherSet, otherSet, (left, right) => {
      const walked = mergeSets([left, right], { aptlyTail: true });

      const labels = new Set(walked.members.map((one) => one.package.label));
      for (const one of mergeSets([left, right])) assert.ok(labels.has(one.package.label));
    }),
    { numRuns },
  );
});

test('equal lists do not differ, and a diff the other way round swaps its sides', () => {
  fc.assert(
    fc.property(otherSet, otherSet, (left, right) => {
      assert.deepEqual(diffSets(left, PackageSet.of(left.members.toReversed())), []);

      const there = diffSets(left, right).map(({ left: from, right: to }) => [from?.key, to?.key]);
      const back = diffSets(right, left).map(({ left: from, right: to }) => [to?.key, from?.key]);
      assert.deepEqual(there, back);
    }),
    { numRuns },
  );
});

test('the rows of a diff turn the left list into the right one', () => {
  fc.assert(
    fc.property(otherSet, otherSet, (left, right) => {
      const keys = new Set(keysOf(left));

      for (const row of diffSets(left, right)) {
        if (row.left !== undefined) keys.delete(row.left.key);
        if (row.right !== undefined) keys.add(row.right.key);
      }

      assert.deepEqual(Array.from(keys).sort(), keysOf(right));
    }),
    { numRuns },
  );
});

test('a query selects what a look at every package selects, and again the same of that', () => {
  fc.assert(
    fc.property(packageSet, query, (set, one) => {
      const found = selectByQuery(set, [one]);

      const scanned = set.members.filter((candidate) => matches(one, subjectOf(candidate.package)));
      assert.deepEqual(found.members, scanned);
      assert.deepEqual(keysOf(selectByQuery(found, [one])), keysOf(found));
    }),
    { numRuns: 200 },
  );
});

test('a filter with dependencies closes: what is still missing nothing in the list satisfies', () => {
  fc.assert(
    fc.property(packageSet, query, follow, (set, one, options) => {
      const found = filterSet(set, [one], { architectures, follow: options });

      const missing = findMissing(found.members, { architectures, available: found, follow: options });
      for (const dependency of missing) assert.deepEqual(satisfying(set, dependency), []);
      assert.deepEqual(keysOf(filterSet(found, [one], { architectures, follow: options })), keysOf(found));
    }),
    { numRuns: 200 },
  );
});

test('rounds that look at new packages only find what rounds over all packages find', () => {
  fc.assert(
    fc.property(packageSet, otherSet, query, follow, (set, available, one, options) => {
      const selected = selectByQuery(set, [one]);

      const found = resolve(set, selected, { architectures, follow: options, available });

      assert.deepEqual(keysOf(found), keysOf(resolvePlainly(set, selected, available, options)));
    }),
    { numRuns: 200 },
  );
});

test('a pull never makes a conflict, and what it tells is what it did', () => {
  fc.assert(
    fc.property(
      otherSet,
      packageSet,
      query,
      fc.boolean(),
      fc.boolean(),
      (target, source, one, allMatches, noRemove) => {
        const request = { queries: [one], architectures, follow: {}, allMatches, noRemove };

        const { result, changes } = pullInto(target, source, request);

        const replayed = new Map<string, Member>(target.members.map((member) => [member.key, member]));
        for (const { kind, member } of changes) {
          if (kind === 'added') replayed.set(member.key, member);
          else replayed.delete(member.key);
        }
        assert.deepEqual(Array.from(replayed.keys()).sort(), keysOf(result));
        if (noRemove) assert.ok(target.members.every((member) => result.has(member)));
      },
    ),
    { numRuns: 100 },
  );
});

/** The rules of spec/semantics.md 3.5 to the letter. */
function resolvePlainly(
  set: PackageSet,
  selected: PackageSet,
  available: PackageSet,
  options: FollowOptions,
): PackageSet {
  let result = selected;
  for (;;) {
    const before = result;
    const pool = PackageSet.of(mergeSets([available, result], { keep: 'all' }));
    for (const dependency of findMissing(before.listed, {
      architectures,
      available: pool,
      follow: options,
    })) {
      if (options.allVariants !== true && satisfying(result, dependency).length > 0) continue;
      const fresh = satisfying(set, dependency).filter((candidate) => !result.has(candidate));
      const taken = options.allVariants === true ? fresh : fresh.slice(0, 1);
      result = PackageSet.of([...result, ...taken]);
    }
    if (result.size === before.size) return result;
  }
}

function keysOf(set: PackageSet): readonly string[] {
  return set.members.map(({ key }) => key).sort();
}
