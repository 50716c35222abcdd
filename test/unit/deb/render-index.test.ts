import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BinaryPackage, SourcePackage } from '../../../src/deb/package.ts';
import { comparePackages, renderPackageStanza, renderSourceStanza } from '../../../src/deb/render-index.ts';

function renderBinary(text: string): string {
  const pkg = BinaryPackage.fromParagraph(Buffer.from(text, 'latin1'), { what: 'Packages' });
  return renderPackageStanza(pkg, 'pool/main/f/foo/foo_1_all.deb').toString('latin1');
}

test('writes a binary stanza in the order of aptly, the rest bytewise', () => {
  const text = renderBinary(
    [
      'Version: 1',
      'package: foo',
      'architecture: all',
      'Description: short',
      ' long',
      '  indented',
      ' .',
      'Homepage: http://x/',
      `description-MD5: ${'0'.repeat(32)}`,
      'Tag: a::b,',
      ' c::d',
      'multi-arch: foreign',
      'SHA256: 22',
      'sha1: 11',
      'MD5SUM: 00',
      'Size: 1',
      'Filename: elsewhere/foo.deb',
      'Depends: a (>= 1)|b ,c,',
      'Conffiles:',
      ' /etc/a 00',
      ' /etc/b 11',
      'Bugs: x',
      'Essential: no',
    ].join('\n'),
  );

  assert.equal(
    text,
    `Package: foo
Essential: no
Architecture: all
Version: 1
Depends: a (>= 1)|b, c
Conffiles: /etc/a 00 /etc/b 11
Filename: pool/main/f/foo/foo_1_all.deb
Size: 1
MD5sum: 00
SHA1: 11
SHA256: 22
Description: short
 long
  indented
 .
Bugs: x
Description-Md5: ${'0'.repeat(32)}
Homepage: http://x/
Multi-Arch: foreign
Tag: a::b, c::d
`,
  );
});

test('keeps the bytes of values, UTF-8 or not, and empty values', () => {
  const text = renderBinary(
    'Package: foo\nVersion: 1\nArchitecture: all\nMaintainer: J\xfcrgen \xc3\xa0\xa0\nTask:',
  );

  assert.match(text, /^Maintainer: J\xfcrgen \xc3\xa0\xa0$/m);
  assert.match(text, /^Task:$/m);
});

const relations = [
  'Depends',
  'Pre-Depends',
  'Recommends',
  'Suggests',
  'Provides',
  'Conflicts',
  'Breaks',
  'Replaces',
  'Enhances',
  'Built-Using',
  'Static-Built-Using',
];

for (const [what, value] of [
  ['without a value', ''],
  ['of blanks', ' \t'],
  ['with an empty line of continuation', '\n\t '],
] as const) {
  test(`leaves out relation fields ${what}, and keeps others`, () => {
    const text = renderBinary(
      ['Package: foo', 'Version: 1', 'Architecture: all', 'Task:']
        .concat(relations.map((name) => `${name}:${value}`))
        .join('\n'),
    );

    assert.equal(
      text,
      'Package: foo\nArchitecture: all\nVersion: 1\nFilename: pool/main/f/foo/foo_1_all.deb\nTask:\n',
    );
  });
}

test('leaves out relations of commas alone, where aptly joins them anew', () => {
  assert.doesNotMatch(
    renderBinary('Package: foo\nVersion: 1\nArchitecture: all\nProvides: ,\nDepends: , ,'),
    /^(Provides|Depends)/m,
  );
});

for (const [written, published] of [
  ['a (=1)', 'a (= 1)'],
  ['a (1)', 'a (= 1)'],
  ['a,, b', 'a, b'],
  ['a (>=1)', 'a (>=1)'],
  ['a (', 'a ('],
] as const) {
  test(`publishes "Breaks: ${written}" as "${published}"`, () => {
    const text = renderBinary(`Package: foo\nVersion: 1\nArchitecture: all\nBreaks: ${written}`);

    assert.ok(text.includes(`\nBreaks: ${published}\n`), text);
  });
}

test('leaves out a Description-md5 that is none', () => {
  const text = renderBinary('Package: foo\nVersion: 1\nArchitecture: all\nDescription-md5: d41d8');

  assert.doesNotMatch(text, /Description-Md5/);
});

test('leaves out relation fields of sources without a value', () => {
  const pkg = SourcePackage.fromParagraph(
    Buffer.from(
      'Package: foo\nVersion: 1\nBuild-Depends:\nBuild-Depends-Arch: \nBuild-Conflicts:\nBuild-Depends-Indep: a\nFiles:\n',
    ),
    { what: 'Sources' },
  );

  const text = String(renderSourceStanza(pkg, 'pool/main/f/foo'));

  assert.deepEqual(text.match(/^Build.*$/gm), ['Build-Depends-Indep: a']);
});

test('refuses a duplicate field', () => {
  assert.throws(() => renderBinary('Package: foo\nVersion: 1\nArchitecture: all\nA: 1\na: 2'), {
    code: 'E_CONTROL_SYNTAX',
  });
});

test('writes a source stanza in the order of aptly with its files by name', () => {
  const raw = Buffer.from(
    [
      'Package: foo',
      'Format: 3.0 (quilt)',
      'Binary: foo,',
      ' foo-doc',
      'Architecture: any all',
      'Version: 1-1',
      'Checksums-Sha256:',
      ' 22 2 foo_1.orig.tar.gz',
      ' 11 1 foo_1-1.dsc',
      'Files:',
      ' 00 2 foo_1.orig.tar.gz',
      ' 00 1 foo_1-1.dsc',
      'Directory: elsewhere',
      'Package-List:',
      ' foo deb misc optional arch=any',
      'Build-Depends: debhelper,',
      '  a',
    ].join('\n'),
  );

  const text = renderSourceStanza(SourcePackage.fromParagraph(raw, { what: 'Sources' }), 'pool/main/f/foo');

  assert.equal(
    text.toString(),
    `Package: foo
Binary: foo, foo-doc
Version: 1-1
Build-Depends: debhelper, a
Architecture: any all
Format: 3.0 (quilt)
Directory: pool/main/f/foo
Files:
 00 1 foo_1-1.dsc
 00 2 foo_1.orig.tar.gz
Checksums-Sha256:
 11 1 foo_1-1.dsc
 22 2 foo_1.orig.tar.gz
Package-List:
 foo deb misc optional arch=any
`,
  );
});

test('an index is sorted by name, version descending, architecture', () => {
  const packages = ['b 1 i386', 'b 1 amd64', 'b 10 amd64', 'a 1 all', 'b 2 amd64', 'B 1 all'].map((text) => {
    const [name = '', version = '', architecture = ''] = text.split(' ');
    return { name, version, architecture };
  });

  const sorted = packages.toSorted(comparePackages);

  assert.deepEqual(
    sorted.map(({ name, version, architecture }) => `${name} ${version} ${architecture}`),
    ['B 1 all', 'a 1 all', 'b 10 amd64', 'b 2 amd64', 'b 1 amd64', 'b 1 i386'],
  );
});

test('a file name beyond ASCII is written in UTF-8', () => {
  const raw = 'Package: foo\nVersion: 1\nArchitecture: all\nFilename: x.deb\nSize: 1\n';
  const pkg = BinaryPackage.fromParagraph(Buffer.from(raw), { what: 'Packages' });

  const text = renderPackageStanza(pkg, 'pool/main/f/foo/caf\u00e9_1_all.deb');

  assert.match(text.toString('utf8'), /^Filename: pool\/main\/f\/foo\/caf\u00e9_1_all\.deb$/m);
});
