import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type PackageParts, readPackage } from '../../../../src/adopt/database/package-record.ts';
import { packageEntries, packageKey } from '../../../builders/aptly-records.ts';
import { type Packable, packed } from '../../../builders/msgpack.ts';

const key = packageKey({ name: 'aa' });

function partsOf(change: { readonly [Part in keyof PackageParts]?: Buffer | undefined } = {}): PackageParts {
  const [header, files, relations, extra] = packageEntries({ name: 'aa' }).map(({ value }) => value);
  const whole = { header, files, relations, extra, ...change };
  return { ...whole, header: whole.header ?? Buffer.alloc(0) };
}

/** The package of the example of aptly's FilesHash, as aptly wrote it before 0.4. */
const example: Packable = {
  IsSource: false,
  Name: 'vv',
  Version: '5.0',
  Architecture: 'amd64',
  Source: 'vsrc (4)',
  Provides: ['virt (= 2.0)', 'bb'],
  Depends: ['a', 'b | c'],
  PreDepends: ['p'],
  Files: [
    {
      Filename: 'pool/v/vv_5.0_amd64.deb',
      Checksums: {
        Size: 600,
        MD5: '777aafee03f29494533ae38402880869',
        SHA1: '6dd518b5c39e2251455c243b8e67e017f6110964',
        SHA256: 'bc8e11931ebee175e685a420f5a90a4254bf5efd29a0f6634cd927e405a6472c',
      },
    },
  ],
  Extra: { Maintainer: 'M', Zeta: 'z', Description: ' short\n' },
};

describe('readPackage', () => {
  test('puts the four records together', () => {
    const found = readPackage(key, partsOf());

    assert.equal(found.kind, 'deb');
    assert.equal(found.filesHash, 'c0ffee12345678');
    assert.deepEqual(found.files, [
      {
        name: 'aa_1.0_amd64.deb',
        recordedName: 'aa_1.0_amd64.deb',
        poolPath: `bb/bb/${'b'.repeat(28)}_aa_1.0_amd64.deb`,
        legacyPath: false,
        facts: { size: 3, digests: { md5: 'a'.repeat(32), sha256: 'b'.repeat(64) } },
      },
    ]);
    assert.equal(
      found.stanza.toString(),
      [
        'Package: aa',
        'Maintainer: M <m@example.org>',
        'Architecture: amd64',
        'Version: 1.0',
        'Depends: libc6 (>= 2), x | y',
        'Filename: aa_1.0_amd64.deb',
        'Size: 3',
        `MD5sum: ${'a'.repeat(32)}`,
        `SHA256: ${'b'.repeat(64)}`,
        'Description: short',
        ' long',
        '',
      ].join('\n'),
    );
  });

  test('reads a record from before 0.4, with its computed hash and the old pool path', () => {
    const found = readPackage('Pamd64 vv 5.0', {
      header: packed(example),
      files: undefined,
      relations: undefined,
      extra: undefined,
    });

    assert.equal(found.filesHash, 'faa9c9eb5e198c5');
    assert.equal(found.files[0]?.name, 'vv_5.0_amd64.deb');
    assert.equal(found.files[0]?.poolPath, '77/7a/vv_5.0_amd64.deb');
    assert.equal(found.files[0]?.legacyPath, true);
    assert.match(
      found.stanza.toString(),
      /^Source: vsrc \(4\)\nVersion: 5.0\nProvides: virt \(= 2.0\), bb\nDepends: a, b \| c\nPre-Depends: p\n/m,
    );
    assert.match(found.stanza.toString(), /\nDescription: short\nZeta: z\n$/);
  });

  test('keeps bytes that are no UTF-8', () => {
    const extra = packed({ Maintainer: Buffer.from([0x4d, 0xe9]) });

    const found = readPackage(key, partsOf({ extra }));

    assert.ok(found.stanza.includes(Buffer.from([0x4d, 0xe9, 0x0a])));
  });

  test('does not let a value become a field or end the paragraph', () => {
    const extra = packed({ Description: ' short\nEvil: yes\n\n more', Section: 'x\nEssential: yes' });

    const found = readPackage(key, partsOf({ extra }));

    assert.doesNotMatch(found.stanza.toString(), /^(Evil|Essential):|\n\n/m);
  });

  test('lists the files of a source package by what is known of them', () => {
    const header = Buffer.concat([
      Buffer.from([0xc1, 0x01]),
      packed({
        Name: 's',
        Version: '1',
        Architecture: 'source',
        SourceArchitecture: 'any all',
        IsSource: true,
      }),
    ]);
    const file = (name: string, digests: Record<string, string>): Packable => ({
      Filename: name,
      Checksums: { Size: 1, ...digests },
      PoolPath: `aa/bb/${name}`,
    });
    const files = packed([
      file('s_1.dsc', { MD5: 'a'.repeat(32) }),
      file('s_1.tar.gz', { MD5: 'b'.repeat(32), SHA1: 'c'.repeat(40) }),
    ]);
    const extra = packed({ 'Package-List': ' s deb\n t deb\n', 'Checksums-Sha1': 'old', Binary: 's' });

    const found = readPackage('Psource s 1 12345678', partsOf({ header, files, extra }));

    assert.equal(found.kind, 'source');
    assert.equal(
      found.stanza.toString().replace(/Depends.*\n/, ''),
      [
        'Package: s',
        'Binary: s',
        'Version: 1',
        'Architecture: any all',
        'Files:',
        ` ${'a'.repeat(32)} 1 s_1.dsc`,
        ` ${'b'.repeat(32)} 1 s_1.tar.gz`,
        'Checksums-Sha1:',
        ` ${'c'.repeat(40)} 1 s_1.tar.gz`,
        'Package-List:',
        ' s deb',
        ' t deb',
        '',
      ].join('\n'),
    );
  });

  const odd: readonly (readonly [string, PackageParts, readonly string[], string?])[] = [
    ['nothing odd', partsOf(), []],
    ['a package without files', partsOf({ files: packed([]) }), ['it has no file']],
    [
      'a file without size and digest',
      partsOf({ files: packed([{ Filename: 'a.deb', Checksums: { Size: -5, SHA256: 'no' } }]) }),
      [
        `xF${key}: Checksums: malformed record: Size is not a size`,
        `xF${key}: Checksums: malformed record: SHA256 is not a SHA256 checksum`,
        'no size is known of "a.deb"',
        'no digest is known of "a.deb"',
      ],
    ],
    [
      'a path that leaves the pool',
      partsOf({ files: filesWith('../../etc/passwd') }),
      ['the pool has no path "../../etc/passwd"'],
    ],
    [
      'an absolute path',
      partsOf({ files: filesWith('/etc/passwd') }),
      ['the pool has no path "/etc/passwd"'],
    ],
    [
      'a name that is no file name',
      partsOf({ files: packed([{ Filename: 'pool/..', Checksums: { Size: 1, MD5: 'a'.repeat(32) } }]) }),
      ['"pool/.." cannot be the name of a file, "_." stands for it'],
    ],
    [
      'a comment for a field',
      partsOf({ extra: packed({ '#pre-Depends': 'x' }) }),
      ['"#pre-Depends" is not the name of a field'],
      '#pre-Depends: x',
    ],
    [
      'words for a field, and none',
      partsOf({ extra: packed({ '-some words': 'x', '': 'y' }) }),
      ['"" is not the name of a field', '"-some words" is not the name of a field'],
      '-some words: x',
    ],
    [
      'a relation that apt refuses',
      partsOf({ relations: packed({ Depends: ['a (>= 1', 'b'] }) }),
      ['Depends: column 4: the version is not closed'],
      'Depends: a (>= 1, b',
    ],
  ];
  for (const [name, parts, oddities, line] of odd) {
    test(`takes and tells ${name}`, () => {
      const found = readPackage(key, parts);

      assert.deepEqual(found.oddities, oddities);
      assert.ok(found.files.every(({ poolPath = '' }) => !/^\/|\.\./.test(poolPath)));
      if (line !== undefined) assert.ok(found.stanza.toString().split('\n').includes(line));
    });
  }

  test('prints fields once whose names differ by case alone, and none whose name is no line', () => {
    const extra = packed({ Homepage: 'a', homepage: 'b', MD5Sum: 'old', 'a\nEssential': 'yes', ' b': 'c' });

    const lines = readPackage(key, partsOf({ extra })).stanza.toString().split('\n');

    assert.deepEqual(
      lines.filter((text) => /^(homepage|md5sum|essential| )/i.test(text)),
      [`MD5sum: ${'a'.repeat(32)}`, 'homepage: b'],
    );
  });

  const names: readonly (readonly [string, string, string, readonly string[]])[] = [
    ['my package', '1.0', 'amd64', ['"my package" is not a package name']],
    ['', '', '', ['"" is not a package name', '"" is not a version', '"" is not an architecture']],
    ['aa', '1.0_rc1', 'x86_64', ['"1.0_rc1" is not a version', '"x86_64" is not an architecture']],
  ];
  for (const [name, version, architecture, oddities] of names) {
    test(`takes and tells ${JSON.stringify([name, version, architecture])}`, () => {
      const header = Buffer.concat([
        Buffer.from([0xc1, 0x01]),
        packed({ Name: name, Version: version, Architecture: architecture }),
      ]);

      const found = readPackage(`P${architecture} ${name} ${version} 0badcafe`, partsOf({ header }));

      assert.deepEqual([found.name, found.version, found.architecture], [name, version, architecture]);
      assert.deepEqual(found.oddities, oddities);
    });
  }

  const refused: readonly (readonly [string, string, PackageParts, RegExp])[] = [
    ['a missing record', key, partsOf({ extra: undefined }), /its record xE is missing/],
    ['a record of another package', 'Pamd64 bb 1.0 00', partsOf(), /it is of the package amd64 aa 1\.0/],
    ['files that are no list', key, partsOf({ files: packed('x') }), /it is no list/],
  ];
  for (const [name, wanted, parts, message] of refused) {
    test(`refuses ${name}, naming its key`, () => {
      assert.throws(
        () => readPackage(wanted, parts),
        (error: Error) => message.test(error.message) && error.message.includes(wanted),
      );
    });
  }
});

function filesWith(path: string): Buffer {
  return packed([{ Filename: 'a.deb', Checksums: { Size: 1, MD5: 'a'.repeat(32) }, PoolPath: path }]);
}
