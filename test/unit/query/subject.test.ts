import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BinaryPackage, SourcePackage } from '../../../src/deb/package.ts';
import { matches } from '../../../src/query/matches.ts';
import { parseQuery } from '../../../src/query/parse-query.ts';
import { subjectOf } from '../../../src/query/subject.ts';

const sha256 = 'ab'.repeat(32);

const binary = BinaryPackage.fromParagraph(
  Buffer.from(
    [
      'Package: libfoo1',
      'Source: foo (2:1.0-1)',
      'Version: 2:1.0-1+b1',
      'Architecture: amd64',
      'Multi-Arch: same',
      'section: libs',
      'Depends: libc6 (>= 2.14),bar |baz ,',
      ' qux',
      'Provides: libfoo (= 1), foo-abi-1',
      'Filename: pool/main/f/foo/libfoo1_1.0-1+b1_amd64.deb',
      'Size: 10',
      `SHA256: ${sha256}`,
      'Description: foo library',
      ' Long text.',
    ].join('\n'),
  ),
  { what: 'Packages' },
);

const source = SourcePackage.fromParagraph(
  Buffer.from(
    [
      'Package: foo',
      'Binary: libfoo1',
      'Version: 2:1.0-1',
      'Architecture: any all',
      'Build-Depends: debhelper (>= 9),dpkg-dev',
      'Directory: pool/main/f/foo',
      'Checksums-Sha256:',
      ` ${sha256} 10 foo_1.0-1.dsc`,
    ].join('\n'),
  ),
  { what: 'Sources' },
);

const binaryFields: readonly (readonly [string, string])[] = [
  ['Name', 'libfoo1'],
  ['Version', '2:1.0-1+b1'],
  ['Architecture', 'amd64'],
  ['Source', 'foo (2:1.0-1)'],
  ['Section', 'libs'],
  ['section', ''],
  ['SECTION', ''],
  ['Multi-Arch', 'same'],
  ['Multi-arch', ''],
  ['Depends', 'libc6 (>= 2.14), bar |baz, qux'],
  ['Recommends', ''],
  ['Description', ' foo library\n Long text.\n'],
  ['Package', ''],
  ['Filename', ''],
  ['Size', ''],
  ['SHA256', ''],
  ['Homepage', ''],
];

for (const [field, expected] of binaryFields) {
  test(`a binary package has ${field} "${expected.replaceAll('\n', '\\n')}"`, () => {
    const subject = subjectOf(binary);

    const value = subject.field(field);

    assert.equal(value, expected);
  });
}

const sourceFields: readonly (readonly [string, string])[] = [
  ['Name', 'foo'],
  ['Architecture', 'any all'],
  ['Source', ''],
  ['Build-Depends', 'debhelper (>= 9), dpkg-dev'],
  ['Checksums-Sha256', ''],
  ['Binary', 'libfoo1'],
];

for (const [field, expected] of sourceFields) {
  test(`a source package has ${field} "${expected}"`, () => {
    const subject = subjectOf(source);

    const value = subject.field(field);

    assert.equal(value, expected);
  });
}

const found: readonly (readonly [string, boolean, boolean])[] = [
  ['foo', false, true],
  ['libfoo (= 1)', true, false],
  ['foo-abi-1 (>= 2:1)', true, false],
  ['$Source (foo)', true, false],
  ['$SourceVersion (2:1.0-1)', true, false],
  ['$PackageType (deb)', true, false],
  ['$PackageType (source)', false, true],
  ['libfoo1_2:1.0-1+b1_amd64', true, false],
  ['foo_2:1.0-1_source', false, true],
];

for (const [text, expectedBinary, expectedSource] of found) {
  test(`${text} on packages`, () => {
    const query = parseQuery(text);

    const answers = [binary, source].map((pkg) => matches(query, subjectOf(pkg)));

    assert.deepEqual(answers, [expectedBinary, expectedSource]);
  });
}
