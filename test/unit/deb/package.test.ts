import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BinaryPackage, SourcePackage } from '../../../src/deb/package.ts';

const md5 = '777aafee03f29494533ae38402880869';
const sha1 = '6dd518b5c39e2251455c243b8e67e017f6110964';
const sha256 = 'bc8e11931ebee175e685a420f5a90a4254bf5efd29a0f6634cd927e405a6472c';

const binaryFields = {
  Package: 'vv',
  Version: '5.0',
  Architecture: 'amd64',
  Filename: 'pool/main/v/vv/vv_5.0_amd64.deb',
  Size: '600',
  MD5sum: md5,
  SHA1: sha1,
  SHA256: sha256,
};

const sourceFields = {
  Package: 'vv',
  Version: '1:5.0-1',
  Directory: 'pool/main/v/vv',
  Files: `\n ${md5} 10 vv_5.0-1.dsc\n ${md5} 20 vv_5.0.orig.tar.gz`,
  'Checksums-Sha256': `\n ${sha256} 20 vv_5.0.orig.tar.gz\n ${sha256} 10 vv_5.0-1.dsc`,
};

type Fields = Readonly<Record<string, string | undefined>>;

function paragraph(fields: Fields): Buffer {
  const lines = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Buffer.from(lines.map(([name, value]) => `${name}: ${value}`).join('\n'));
}

function binary(fields: Fields = {}, kind?: 'udeb'): BinaryPackage {
  const options = { what: 'Packages', ...(kind === undefined ? {} : { kind }) };
  return BinaryPackage.fromParagraph(paragraph({ ...binaryFields, ...fields }), options);
}

function source(fields: Fields = {}): SourcePackage {
  return SourcePackage.fromParagraph(paragraph({ ...sourceFields, ...fields }), { what: 'Sources' });
}

test('a binary package has its columns, label and the key of aptly', () => {
  const { kind, name, version, architecture, label, key } = binary();

  assert.deepEqual(
    { kind, name, version, architecture, label, key },
    {
      kind: 'deb',
      name: 'vv',
      version: '5.0',
      architecture: 'amd64',
      label: 'vv_5.0_amd64',
      key: 'Pamd64 vv 5.0 faa9c9eb5e198c5',
    },
  );
});

test('field names are read in any case', () => {
  const raw = Buffer.from('PACKAGE: vv\nversion: 1\naRchitecture: all\nPROVIDES: x');

  const pkg = BinaryPackage.fromParagraph(raw, { what: 'Packages' });

  assert.deepEqual([pkg.label, pkg.provides], ['vv_1_all', [{ name: 'x' }]]);
});

test('the kind is what the caller says', () => {
  assert.equal(binary({}, 'udeb').kind, 'udeb');
});

test('a binary package has one file with all digests that are listed', () => {
  const { file } = binary({ SHA1: undefined, SHA512: 'A'.repeat(128) });

  assert.deepEqual(file, {
    path: 'pool/main/v/vv/vv_5.0_amd64.deb',
    name: 'vv_5.0_amd64.deb',
    facts: { size: 600, digests: { md5, sha256, sha512: 'a'.repeat(128) } },
  });
});

test('the ./ of a flat repository is no part of the path', () => {
  assert.equal(binary({ Filename: './vv.deb' }).file.path, 'vv.deb');
});

for (const [text, expected] of [
  [undefined, { name: 'vv', version: '5.0' }],
  ['src', { name: 'src', version: '5.0' }],
  ['src (1:2-3)', { name: 'src', version: '1:2-3' }],
  ['s', { name: 's', version: '5.0' }],
  ['src (1_0)', { name: 'src', version: '1_0' }],
  ['src (1', { name: 'src', version: '5.0' }],
  ['src ()', { name: 'src', version: '5.0' }],
] as const) {
  test(`the source of "Source: ${text}"`, () => {
    assert.deepEqual(binary({ Source: text }).source, expected);
  });
}

for (const text of ['(1)', '../x', 'https://host/vv', '@scope/app', 'two words', '(', 'a'.repeat(300)]) {
  test(`"Source: ${text.slice(0, 20)}" names no source: the package counts as its own`, () => {
    assert.deepEqual(binary({ Source: text }).source, { name: 'vv', version: '5.0' });
  });
}

test('relations are read on demand and empty when absent', () => {
  const pkg = binary({ Depends: 'a (>= 1) | b', Provides: 'v (= 2)' });

  assert.deepEqual(pkg.relations('Depends'), [
    [{ name: 'a', constraint: { operator: '>=', version: '1' } }, { name: 'b' }],
  ]);
  assert.deepEqual(pkg.relations('Suggests'), []);
  assert.deepEqual(pkg.provides, [{ name: 'v', version: '2' }]);
});

test('a package without Provides provides nothing', () => {
  assert.deepEqual(binary().provides, []);
});

test("small fields have apt's defaults", () => {
  const { multiArch, priority, essential, section } = binary();

  assert.deepEqual(
    { multiArch, priority, essential, section },
    {
      multiArch: 'no',
      priority: '',
      essential: false,
      section: '',
    },
  );
});

test('small fields are read', () => {
  const fields = { 'Multi-Arch': 'same', Priority: 'required', Essential: 'yes', Section: 'libs' };

  const { multiArch, priority, essential, section } = binary(fields);

  assert.deepEqual(
    { multiArch, priority, essential, section },
    {
      multiArch: 'same',
      priority: 'required',
      essential: true,
      section: 'libs',
    },
  );
});

test('an unknown Multi-Arch is none', () => {
  assert.equal(binary({ 'Multi-Arch': 'maybe' }).multiArch, 'no');
});

const refusedAtOnce: readonly (readonly [Fields, RegExp])[] = [
  [{ Package: undefined }, /a paragraph: Package/],
  [{ Package: '../x' }, /a paragraph: Package|\.\.\/x: Package/],
  [{ Package: '_b' }, /Package/],
  [{ Package: '-a' }, /Package/],
  [{ Package: 'a'.repeat(300) }, /Package/],
  [{ Version: undefined }, /vv: Version/],
  [{ Version: '1/2' }, /vv: Version/],
  [{ Architecture: undefined }, /vv: Architecture/],
  [{ Architecture: 'a/b' }, /vv: Architecture/],
  [{ package: 'twice' }, /field Package is there twice/],
  [{ version: '2' }, /field Version is there twice/],
  [{ architecture: 'all' }, /field Architecture is there twice/],
  [{ Description: 'a\0b' }, /NUL/],
  [{ Description: 'a\nb' }, /not a control field/],
];

for (const [fields, message] of refusedAtOnce) {
  test(`a paragraph with ${JSON.stringify(fields).slice(0, 60)} is refused at once`, () => {
    assert.throws(() => binary(fields), { code: 'E_INDEX_SYNTAX', message });
  });
}

const refusedLater: readonly (readonly [Fields, RegExp, (pkg: BinaryPackage) => unknown])[] = [
  [{ Size: '-1' }, /vv_5.0_amd64: Size/, (pkg) => pkg.file],
  [{ Size: undefined }, /Size/, (pkg) => pkg.file],
  [{ Size: '99999999999999999' }, /Size/, (pkg) => pkg.file],
  [{ Size: '0x10' }, /Size/, (pkg) => pkg.file],
  [{ SHA256: 'abc' }, /digests: "abc" is not a SHA256/, (pkg) => pkg.file],
  [{ SHA1: 'g'.repeat(40) }, /SHA1/, (pkg) => pkg.key],
  [{ filename: 'x' }, /there twice/, (pkg) => pkg.file],
  [{ Depends: 'a (' }, /Depends/, (pkg) => pkg.relations('Depends')],
  [{ provides: 'a', Provides: 'b' }, /Provides/, (pkg) => pkg.provides],
  [{ Priority: 'a', priority: 'b' }, /Priority/, (pkg) => pkg.priority],
];

for (const [fields, message, use] of refusedLater) {
  test(`a package with ${JSON.stringify(fields).slice(0, 60)} is refused on use`, () => {
    const pkg = binary(fields);

    assert.throws(() => use(pkg), { code: 'E_INDEX_SYNTAX', message });
  });
}

for (const path of [
  undefined,
  '',
  '/',
  'a/',
  '../x.deb',
  '/../x.deb',
  './/../x.deb',
  'a/../../x.deb',
  'a\tb.deb',
  'a/ b.deb',
  'a /b.deb',
]) {
  test(`refuses "Filename: ${path}"`, () => {
    assert.throws(() => binary({ Filename: path }).file, {
      code: 'E_UNSAFE_PATH',
      message: /^Packages: vv_5.0_amd64: Filename/,
    });
  });
}

test('a source package has the files of all lists', () => {
  const pkg = source();

  assert.deepEqual([pkg.label, pkg.directory], ['vv_1:5.0-1_source', 'pool/main/v/vv']);
  assert.deepEqual(pkg.files, [
    {
      path: 'pool/main/v/vv/vv_5.0-1.dsc',
      name: 'vv_5.0-1.dsc',
      facts: { size: 10, digests: { md5, sha256 } },
    },
    {
      path: 'pool/main/v/vv/vv_5.0.orig.tar.gz',
      name: 'vv_5.0.orig.tar.gz',
      facts: { size: 20, digests: { md5, sha256 } },
    },
  ]);
  assert.match(pkg.key, /^Psource vv 1:5\.0-1 [0-9a-f]{8,16}$/);
});

test('a source package of a flat repository has its files at the root', () => {
  const paths = ['.', './', undefined].map((directory) => source({ Directory: directory }).files[0]?.path);

  assert.deepEqual(paths, ['vv_5.0-1.dsc', 'vv_5.0-1.dsc', 'vv_5.0-1.dsc']);
});

const badSources: readonly (readonly [Fields, string])[] = [
  [{ Files: `\n ${md5} 11 vv_5.0-1.dsc` }, 'E_INDEX_SYNTAX'],
  [{ Files: `\n ${md5} vv_5.0-1.dsc` }, 'E_INDEX_SYNTAX'],
  [{ Files: `\n ${md5} 10 vv_5.0-1.dsc extra` }, 'E_INDEX_SYNTAX'],
  [{ Files: `\n ${md5} 10 ../x` }, 'E_INDEX_SYNTAX'],
  [{ Files: `\n ${md5} 10 ..` }, 'E_UNSAFE_PATH'],
  [{ Files: `\n ${md5} 10 a\n ${sha1.slice(8)} 10 a` }, 'E_INDEX_SYNTAX'],
  [{ Files: undefined, 'Checksums-Sha256': undefined }, 'E_INDEX_SYNTAX'],
  [{ Directory: '../..' }, 'E_UNSAFE_PATH'],
];

for (const [fields, code] of badSources) {
  test(`a source package with ${JSON.stringify(fields).slice(0, 80)} is refused`, () => {
    const pkg = source(fields);

    assert.throws(() => pkg.files, { code, message: /^Sources: vv_1:5.0-1_source: / });
  });
}
