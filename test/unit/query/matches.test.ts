import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseProvides } from '../../../src/deb/relations.ts';
import { matches, type QuerySubject } from '../../../src/query/matches.ts';
import { parseQuery } from '../../../src/query/parse-query.ts';

/** The set of Appendix B of the aptly description. */
const set: readonly QuerySubject[] = [
  subject('aa', '1.0', { fields: { Section: 'net', Depends: 'bb (>= 1.0), cc | dd' } }),
  subject('aa', '2.0', { fields: { Section: 'net', Depends: 'bb (>= 1.0), cc | dd' } }),
  subject('aa', '3.0', { fields: { Depends: 'bb:any' } }),
  subject('bb', '1.0', { fields: { Recommends: 'rr', Suggests: 'ss' } }),
  subject('cc', '1.0', { architecture: 'all' }),
  subject('dd', '1.0', {}),
  subject('rr', '1.0', {}),
  subject('ss', '1.0', {}),
  subject('vv', '5.0', { provides: 'virt (= 2.0), bb' }),
  subject('zz', '1.0', { fields: { Depends: 'virt (>= 2)' } }),
  subject('yy', '1.0', {
    source: { name: 'ysrc', version: '0.9' },
    fields: { Source: 'ysrc (0.9)', Depends: 'virt (>= 3)' },
  }),
  subject('libx', '1.0', { source: { name: 'libxsrc', version: '1.0' }, fields: { Source: 'libxsrc' } }),
  subject('ee', '1:1.0', {}),
  subject('src', '1.0', { architecture: 'source', kind: 'source', fields: { Architecture: 'any all' } }),
];

const results: readonly (readonly [string, string])[] = [
  ['aa', 'aa_1.0 aa_2.0 aa_3.0'],
  ['aa (% 2*)', 'aa_2.0'],
  ['aa (~ ^[23])', 'aa_2.0 aa_3.0'],
  ['aa (<< 2.0)', 'aa_1.0'],
  ['aa (<= 2.0)', 'aa_1.0 aa_2.0'],
  ['aa (>> 2.0)', 'aa_3.0'],
  ['aa (= 2.00)', 'aa_2.0'],
  ['aa {i386}', ''],
  ['cc {i386}', 'cc_1.0'],
  ['cc {source}', ''],
  ['src {source}', 'src_1.0'],
  ['bb', 'bb_1.0 vv_5.0'],
  ['bb (= 5.0)', 'vv_5.0'],
  ['virt', 'vv_5.0'],
  ['virt (% 2*)', 'vv_5.0'],
  ['virt (>> 2.0)', ''],
  // aptly's description says "nothing" here, but 2.0 is above 2 for dpkg, and by the description's own rules.
  ['virt (>> 2)', 'vv_5.0'],
  ['$Architecture (amd64), Name (cc)', 'cc_1.0'],
  ['$Architecture (source)', 'src_1.0'],
  ['Architecture (amd64), Name (cc)', ''],
  ['$Architecture (% amd*), Name (cc)', ''],
  ['$Architecture (% al*)', 'cc_1.0'],
  ['Architecture (~ any)', 'src_1.0'],
  ['$Source (ysrc)', 'yy_1.0'],
  ['$SourceVersion (0.9)', 'yy_1.0'],
  ['$Source, Name (src)', ''],
  ['$SourceVersion, Name (src)', ''],
  ['$PackageType (source)', 'src_1.0'],
  ['$PackageType (deb), Name (cc)', 'cc_1.0'],
  ['Source', 'yy_1.0 libx_1.0'],
  ['aa | cc, $Version (>= 1.5)', 'aa_1.0 aa_2.0 aa_3.0'],
  ['(aa | cc), $Version (>= 1.5)', 'aa_2.0 aa_3.0'],
  ['ee (>= 1.0)', 'ee_1:1.0'],
  ['!Name (~ .), aa', ''],
  ['aa_2.0_amd64', 'aa_2.0'],
  ['aa_2.00_amd64', ''],
  ['cc_1.0_all', 'cc_1.0'],
  ['Section (net)', 'aa_1.0 aa_2.0'],
  ['Section (% n*), !aa (2.0)', 'aa_1.0'],
  ['$Version (~ :)', 'ee_1:1.0'],
  ['$Nope (x)', ''],
  ['$Nope', ''],
];

for (const [text, expected] of results) {
  test(`${text} selects ${expected || 'nothing'}`, () => {
    const query = parseQuery(text);

    const selected = set.filter((candidate) => matches(query, candidate));

    assert.equal(selected.map(({ name, version }) => `${name}_${version}`).join(' '), expected);
  });
}

test('a versioned provision of the own name satisfies $Version', () => {
  const provider = subject('pp', '1.0', { provides: 'pp (= 9)' });

  const found = matches(parseQuery('$Version (>= 5)'), provider);

  assert.equal(found, true);
});

test('an installer package reports the type deb', () => {
  const installer = subject('installer', '1.0', { kind: 'installer' });

  const found = matches(parseQuery('$PackageType (deb)'), installer);

  assert.equal(found, true);
});

test('a query is compiled once', () => {
  const query = Object.freeze(parseQuery('aa (~ ^1)'));
  const [first, second] = set;
  assert.ok(first !== undefined && second !== undefined);

  const found = [matches(query, first), matches(query, second), matches(query, first)];

  assert.deepEqual(found, [true, false, true]);
});

type SubjectFacts = {
  readonly architecture?: string;
  readonly kind?: QuerySubject['kind'];
  readonly fields?: Readonly<Record<string, string>>;
  readonly provides?: string;
  readonly source?: { readonly name: string; readonly version: string };
};

function subject(name: string, version: string, facts: SubjectFacts): QuerySubject {
  const { architecture = 'amd64', kind = 'deb', provides = '' } = facts;
  const fields: Readonly<Record<string, string>> = {
    Name: name,
    Version: version,
    Architecture: architecture,
    ...facts.fields,
  };
  return {
    name,
    version,
    architecture,
    kind,
    source: facts.source ?? { name, version },
    provides: provides === '' ? [] : parseProvides(provides),
    field: (field) => fields[field] ?? '',
  };
}
