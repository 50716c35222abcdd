import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PackageSet } from '../../../src/packages/package-set.ts';
import { selectByQuery } from '../../../src/packages/search.ts';
import { matches } from '../../../src/query/matches.ts';
import { parseQuery } from '../../../src/query/parse-query.ts';
import { subjectOf } from '../../../src/query/subject.ts';
import { appendixB } from '../../builders/appendix-b.ts';
import { labelsOf, member } from '../../builders/members.ts';

const vectors: readonly (readonly [query: string, labels: string])[] = [
  ['aa', 'aa_3.0_amd64 aa_2.0_amd64 aa_1.0_amd64'],
  ['aa (% 2*)', 'aa_2.0_amd64'],
  ['aa (~ ^[23])', 'aa_3.0_amd64 aa_2.0_amd64'],
  ['aa {i386}', ''],
  ['cc {i386}', 'cc_1.0_all'],
  ['bb', 'bb_1.0_amd64 vv_5.0_amd64'],
  // The description says "nothing", but 2.0 is above 2 by its own rules and for dpkg.
  ['virt (>> 2)', 'vv_5.0_amd64'],
  ['virt (>> 2.0)', ''],
  ['$Architecture (amd64), Name (cc)', 'cc_1.0_all'],
  ['Architecture (amd64), Name (cc)', ''],
  ['$Architecture (% amd*), Name (cc)', ''],
  ['$Source (ysrc)', 'yy_1.0_amd64'],
  ['$SourceVersion (0.9)', 'yy_1.0_amd64'],
  ['Source', 'libx_1.0_amd64 yy_1.0_amd64'],
  ['aa | cc, $Version (>= 1.5)', 'aa_3.0_amd64 aa_2.0_amd64 aa_1.0_amd64'],
  ['(aa | cc), $Version (>= 1.5)', 'aa_3.0_amd64 aa_2.0_amd64'],
  ['ee (>= 1.0)', 'ee_1:1.0_amd64'],
  ['Package (aa)', ''],
  ['Size', ''],
  ['$Nope (x)', ''],
  ['aa_2.0_amd64', 'aa_2.0_amd64'],
  ['aa_2.00_amd64', ''],
  ['aa, !aa_2.0_amd64', 'aa_3.0_amd64 aa_1.0_amd64'],
  ['!Name (% *), aa', ''],
  ['aa (1.0) | Section (net)', 'aa_2.0_amd64 aa_1.0_amd64'],
];

for (const [text, expected] of vectors) {
  test(`${text} selects ${expected || 'nothing'}`, () => {
    const found = selectByQuery(appendixB, [parseQuery(text)]);

    assert.equal(labelsOf(found), expected);
  });

  test(`${text} selects what a look at every package selects`, () => {
    const query = parseQuery(text);

    const found = selectByQuery(appendixB, [query]);

    const scanned = appendixB.members.filter((one) => matches(query, subjectOf(one.package)));
    assert.deepEqual(found.members, scanned);
  });
}

test('several queries select what any of them selects', () => {
  const found = selectByQuery(appendixB, [parseQuery('cc'), parseQuery('dd | cc'), parseQuery('Name (ee)')]);

  assert.equal(labelsOf(found), 'cc_1.0_all dd_1.0_amd64 ee_1:1.0_amd64');
});

test('no query selects nothing', () => {
  assert.equal(selectByQuery(appendixB, []).size, 0);
});

test('names and exact packages are found among 60,000 without a look at each', () => {
  const set = PackageSet.of(
    Array.from({ length: 60_000 }, (_, n) => {
      const { package: pkg } = small(n);
      return { key: `Pamd64 p${n} 1 0`, package: pkg };
    }),
  );
  const query = parseQuery('p7 | p8 (>= 1), !nope | p9_1_amd64');
  selectByQuery(set, [query]);

  const start = performance.now();
  for (let times = 0; times < 1_000; times += 1) selectByQuery(set, [query]);
  const milliseconds = performance.now() - start;

  assert.equal(labelsOf(selectByQuery(set, [query])), 'p7_1_amd64 p8_1_amd64 p9_1_amd64');
  assert.ok(milliseconds < 2_000, `1,000 searches took ${milliseconds} ms`);
});

function small(n: number): ReturnType<typeof member> {
  return member(`p${n}_1_amd64`, { content: '' });
}
