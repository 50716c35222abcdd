import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aptProblemText } from '../../../src/deb/apt-syntax.ts';
import { Stanza } from '../../../src/deb/control.ts';
import { dpkgProblem } from '../../../src/deb/dpkg-syntax.ts';

function problemOf(text: string): string | undefined {
  const problem = dpkgProblem(new Stanza(Buffer.from(`Package: odd\nArchitecture: all\n${text}`)));
  return problem === undefined ? undefined : aptProblemText(problem);
}

const refused: readonly (readonly [string, string])[] = [
  ['Depends: a |', 'Depends: column 4: a package name is missing'],
  ['Depends: a,', 'Depends: column 3: a package name is missing'],
  [`Recommends: \${shlibs:Depends}`, `Recommends: column 1: "\${shlibs" is not a package name`],
  ['Depends: b, @s/a', 'Depends: column 4: "@s/a" is not a package name'],
  ['Depends: a:', 'Depends: column 3: "" is not an architecture'],
  ['Breaks: a | b', 'Breaks: column 3: alternatives are not allowed in this field'],
  ['Depends: a (>= 1_0)', 'Depends: column 7: "1_0" is not a version'],
  ['Depends: a (>= v1)', 'Depends: column 7: "v1" is not a version'],
  ['Depends: a (>= 1', 'Depends: column 8: the version is not closed'],
  ['Depends: a (=)', 'Depends: column 5: the version is missing'],
  ['Depends: a b', 'Depends: column 3: "b" is not expected here'],
  ['Version: v1.2', 'Version: column 1: it is not a version'],
  ['Multi-Arch: same', 'Multi-Arch: column 1: a package of architecture all cannot be "same"'],
  ['Essential: true', 'Essential: column 1: it must be one of yes, no'],
  ['Status: install ok installed', 'Status: column 1: it is for the status file of dpkg alone'],
  ['X: y', 'X: column 1: the name of the field is too short'],
  ['Description: a\n \n b', 'Description: column 1: it has an empty line'],
];

for (const [text, problem] of refused) {
  test(`dpkg refuses ${JSON.stringify(text)}`, () => {
    assert.equal(problemOf(text), problem);
  });
}

for (const text of [
  'Depends:\nVersion: 0:1-1~a+b',
  'Depends: A:any (>=1) | b_c ( = 2:1-1 ) , d:AMD64,\n e (1)',
  'Provides: a (= 1), b (<< 2)',
  'Multi-Arch: Foreign\nEssential: No',
  'Built-Using: a (',
  'Section: a b/c\nPriority: odd\nInstalled-Size: big',
])
  test(`dpkg takes ${JSON.stringify(text)}`, () => {
    assert.equal(problemOf(text), undefined);
  });
