import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MergeOptions, mergeSets } from '../../../src/packages/merge.ts';
import { PackageSet } from '../../../src/packages/package-set.ts';
import { labelsOf, member, setOf } from '../../builders/members.ts';

const aptly: MergeOptions = { aptlyTail: true };

const vectors: readonly (readonly [sources: readonly string[], options: MergeOptions, result: string])[] = [
  // Appendix C.
  [['aa_1.0 aa_2.0 bb_1.0', 'aa_3.0'], aptly, 'aa_3.0 aa_2.0 bb_1.0'],
  [['aa_3.0', 'aa_1.0 aa_2.0 bb_1.0'], aptly, 'aa_2.0 aa_1.0 bb_1.0'],
  [['aa_1.0 aa_2.0 bb_1.0', 'aa_3.0 zz_1.0'], aptly, 'aa_3.0 bb_1.0 zz_1.0'],
  [['aa_3.0', 'aa_1.0 aa_2.0 bb_1.0'], {}, 'aa_2.0 aa_1.0 bb_1.0'],
  [['aa_1.0 aa_2.0 bb_1.0', 'aa_3.0 zz_1.0'], {}, 'aa_3.0 bb_1.0 zz_1.0'],
  [['aa_1.0 aa_2.0 bb_1.0', 'aa_3.0 zz_1.0'], { keep: 'latest' }, 'aa_3.0 bb_1.0 zz_1.0'],
  [['aa_1.0 aa_2.0 bb_1.0', 'aa_3.0 zz_1.0'], { keep: 'all' }, 'aa_3.0 aa_2.0 aa_1.0 bb_1.0 zz_1.0'],
  // The quirk without its tail: an overridden name leaves no old versions.
  [['aa_1.0 aa_2.0 bb_1.0', 'aa_3.0'], {}, 'aa_3.0 bb_1.0'],
  // A version that both have evicts the others too, in aptly only where the walk happens to meet them.
  [['aa_1.0 aa_2.0', 'aa_1.0 zz_1.0'], {}, 'aa_1.0 zz_1.0'],
  [['aa_1.0 aa_2.0', 'aa_1.0 zz_1.0'], aptly, 'aa_2.0 aa_1.0 zz_1.0'],
  [['aa_1.0 aa_2.0', 'aa_2.0'], aptly, 'aa_2.0'],
  [['aa_1.0', 'aa_2.0', 'aa_1.5'], {}, 'aa_1.5'],
  [['aa_1.0', 'aa_2.0', 'aa_1.5'], { keep: 'latest' }, 'aa_2.0'],
  [['aa_1.0 aa_2.0'], {}, 'aa_2.0 aa_1.0'],
  [['aa_1.0 aa_2.0'], aptly, 'aa_2.0 aa_1.0'],
  [[], {}, ''],
  // dpkg's order: a revision begins at the last hyphen.
  [['aa_2.0-rc-1', 'aa_2.0+1-1'], { keep: 'latest' }, 'aa_2.0-rc-1'],
];

for (const [sources, options, expected] of vectors) {
  test(`{${sources.join('} + {')}} ${JSON.stringify(options)} is ${expected || 'empty'}`, () => {
    const sets = sources.map((labels) => setOf(withArchitecture(labels)));

    const merged = mergeSets(sets, options);

    assert.equal(labelsOf(merged), withArchitecture(expected));
  });
}

for (const options of [{}, aptly, { keep: 'all' }, { keep: 'latest' }] satisfies readonly MergeOptions[]) {
  test(`of one version with two contents the later one stays: ${JSON.stringify(options)}`, () => {
    const other = member('a_1_amd64', { content: 'other' });

    const merged = mergeSets([setOf('a_1_amd64 b_1_amd64'), PackageSet.of([other])], options);

    assert.equal(labelsOf(merged), 'a_1_amd64 b_1_amd64');
    assert.equal(merged.has(other), true);
  });
}

test('the tail of the left source does not bring a version of the right one again', () => {
  const other = member('a_2_amd64', { content: 'other' });

  const merged = mergeSets([setOf('a_1_amd64 a_2_amd64'), PackageSet.of([other])], aptly);

  assert.equal(labelsOf(merged), 'a_2_amd64');
  assert.equal(merged.has(other), true);
});

test('architectures do not override each other', () => {
  const merged = mergeSets([setOf('a_1_all a_1_i386'), setOf('a_2_amd64')]);

  assert.equal(labelsOf(merged), 'a_2_amd64 a_1_all a_1_i386');
});

test('of versions that compare equal the latest is the first in key order', () => {
  const merged = mergeSets([setOf('a_1.00_amd64'), setOf('a_1.0_amd64')], { keep: 'latest' });

  assert.equal(labelsOf(merged), 'a_1.0_amd64');
});

function withArchitecture(labels: string): string {
  return labels
    .split(' ')
    .map((label) => (label === '' ? '' : `${label}_amd64`))
    .join(' ');
}
