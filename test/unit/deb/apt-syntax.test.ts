import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aptProblem, aptProblemText } from '../../../src/deb/apt-syntax.ts';
import { Stanza } from '../../../src/deb/control.ts';

function problemOf(text: string): string | undefined {
  const problem = aptProblem(new Stanza(Buffer.from(`Package: odd\nVersion: 1\n${text}`)));
  return problem === undefined ? undefined : aptProblemText(problem);
}

const refused: readonly (readonly [string, string])[] = [
  ['Depends: libc6 (>= 2.31', 'Depends: column 8: the version is not closed'],
  ['Depends: a (>=)', 'Depends: column 4: the version is too short for apt'],
  ['Depends: a (>= ), b', 'Depends: column 7: the version is missing'],
  ['depends: a,, b', 'Depends: column 3: a package name is missing'],
  ['Pre-Depends: a [amd64]', 'Pre-Depends: column 3: "[" is not expected here'],
  ['Breaks: a b', 'Breaks: column 3: "b" is not expected here'],
  ['Provides:', 'Provides: column 1: a package name is missing'],
  ['Provides: a,\n b (', 'Provides: column 7: the version is not closed'],
  ['Description-md5: 1234', 'Description-Md5: column 1: it does not have 32 characters'],
  [`Section: ${'x'.repeat(65_535)}`, 'Section: column 1: it has more than 65534 bytes'],
  [`Enhances: a, ${'ü'.repeat(32_768)}`, 'Enhances: column 4: it has more than 65534 bytes'],
  [`Conflicts: a (= ${'1'.repeat(65_535)})`, 'Conflicts: column 6: it has more than 65534 bytes'],
  [`X-Text: ${'x'.repeat(2 ** 20)}`, 'Package: column 1: the paragraph has more than 1 MiB'],
];

for (const [text, problem] of refused) {
  test(`apt refuses ${text.slice(0, 40)}`, () => {
    assert.equal(problemOf(text), problem);
  });
}

for (const text of [
  'Depends:',
  `Depends: \${shlibs:Depends}, a:any (>=1) | b,\n c (= 1) |`,
  'Provides: a | b, c (>= 1)',
  'Multi-Arch: perhaps',
  'Built-Using: a (',
  'Source: http://example.org/ (',
])
  test(`apt reads ${text.slice(0, 40)}`, () => {
    assert.equal(problemOf(text), undefined);
  });

test('the value that an index has decides', () => {
  const stanza = new Stanza(Buffer.from('Package: odd\nProvides:\nDepends: ('));

  assert.equal(
    aptProblem(stanza, () => undefined),
    undefined,
  );
});
