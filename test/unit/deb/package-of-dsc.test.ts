import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, test } from 'node:test';
import { digestsOf } from '../../../src/core/digest.ts';
import { packageOfDsc } from '../../../src/deb/package-of-dsc.ts';
import { readDsc } from '../../../src/deb/read-dsc.ts';
import { armoured, digestLists } from '../../builders/source-files.ts';
import { temporaryFiles } from '../../support/files.ts';

const { directory, put } = temporaryFiles();
const signal = new AbortController().signal;
const companions = { 'foo_1.orig.tar.gz': 'orig', 'foo_1-1.debian.tar.xz': 'debian' };
const text = `Format: 3.0 (quilt)\nSource: foo\nBinary: foo, foo-doc\nArchitecture: any all\nVersion: 1-1\nDirectory: x\n${digestLists(companions)}`;

describe('a source package below its .dsc', () => {
  beforeEach(() => {
    for (const [name, content] of Object.entries(companions)) put(name, content);
  });

  for (const [form, dsc] of [
    ['signed', armoured(text)],
    ['unsigned', text],
  ] as const) {
    test(`a source package is its .dsc and the files beside it: ${form}`, async () => {
      const path = put('foo_1-1.dsc', dsc);

      const { package: pkg, files } = await packageOfDsc(path, { signal });

      const expected = Object.entries({ ...companions, 'foo_1-1.dsc': dsc }).map(([name, content]) => ({
        name,
        path: name,
        facts: digestsOf(Buffer.from(content)),
      }));
      assert.deepEqual([pkg.label, pkg.directory], ['foo_1-1_source', '']);
      assert.deepEqual(pkg.files, expected);
      assert.deepEqual(
        files,
        expected.map((file) => ({ ...file, path: join(directory, file.name) })),
      );
      assert.deepEqual(
        pkg.stanza.fields.map(({ name }) => name),
        [
          'Format',
          'Binary',
          'Architecture',
          'Version',
          'Package',
          'Files',
          'Checksums-Sha1',
          'Checksums-Sha256',
          'Checksums-Sha512',
        ],
      );
    });
  }

  test('a file that is not beside the .dsc may be elsewhere', async () => {
    const name = 'foo_1.orig.tar.gz';
    rmSync(join(directory, name));
    const path = put('foo_1-1.dsc', text);
    const facts = digestsOf(Buffer.from('orig'));

    const found = await packageOfDsc(path, { signal, elsewhere: async () => facts });

    assert.deepEqual(found.files[0], { name, facts, path: undefined });
    await assert.rejects(
      packageOfDsc(path, { signal, elsewhere: async () => digestsOf(Buffer.from('evil')) }),
      {
        code: 'E_DIGEST_MISMATCH',
      },
    );
    await assert.rejects(packageOfDsc(path, { signal }), {
      code: 'E_DEB_FORMAT',
      message: /foo_1\.orig\.tar\.gz, which it lists, is not beside it$/,
    });
  });

  for (const [content, code] of [
    ['evil', 'E_DIGEST_MISMATCH'],
    ['longer', 'E_SIZE_MISMATCH'],
  ] as const) {
    test(`a file that is not what the .dsc says is refused: ${code}`, async () => {
      put('foo_1.orig.tar.gz', content);

      await assert.rejects(packageOfDsc(put('foo_1-1.dsc', text), { signal }), {
        code,
        message: /foo_1-1\.dsc: foo_1\.orig\.tar\.gz: /,
      });
    });
  }

  test('a directory in place of a file is refused', async () => {
    rmSync(join(directory, 'foo_1.orig.tar.gz'));
    mkdirSync(join(directory, 'foo_1.orig.tar.gz'));

    await assert.rejects(packageOfDsc(put('foo_1-1.dsc', text), { signal }), { code: 'E_DEB_FORMAT' });
    rmSync(join(directory, 'foo_1.orig.tar.gz'), { recursive: true });
  });

  const refused: readonly (readonly [why: string, code: string, text: string])[] = [
    ['no Source', 'E_DEB_FORMAT', text.replace('Source: foo\n', '')],
    ['a path as Source', 'E_DEB_FORMAT', text.replace('Source: foo', 'Source: ../foo')],
    ['no version', 'E_DEB_FORMAT', text.replace('Version: 1-1\n', '')],
    ['no architecture', 'E_DEB_FORMAT', text.replace('Architecture: any all\n', '')],
    ['itself in the list', 'E_DEB_FORMAT', text.replaceAll('foo_1.orig.tar.gz', 'foo_1-1.dsc')],
    ['no files', 'E_CONTROL_SYNTAX', 'Source: foo\nVersion: 1\nArchitecture: any\n'],
    ['two paragraphs', 'E_CONTROL_SYNTAX', `${text}\n${text}`],
    ['a damaged digest', 'E_CONTROL_SYNTAX', text.replace(/ [0-9a-f]{40} /, ' xyz ')],
    ['sizes that differ', 'E_CONTROL_SYNTAX', text.replace(' 4 foo', ' 5 foo')],
    ['a parent', 'E_UNSAFE_PATH', text.replaceAll('foo_1.orig.tar.gz', '..')],
    ['a path', 'E_CONTROL_SYNTAX', text.replaceAll('foo_1.orig.tar.gz', '/etc/passwd')],
    ['a path upwards', 'E_CONTROL_SYNTAX', text.replaceAll('foo_1.orig.tar.gz', '../x')],
  ];

  for (const [why, code, content] of refused) {
    test(`a .dsc with ${why} is refused`, async () => {
      await assert.rejects(packageOfDsc(put('foo_1-1.dsc', content), { signal }), {
        code,
        message: /foo_1-1\.dsc/,
      });
    });
  }

  test('another suffix is refused', async () => {
    await assert.rejects(packageOfDsc(put('foo.txt', text), { signal }), { code: 'E_DEB_FORMAT' });
  });

  test('a .dsc is read by itself', async () => {
    rmSync(join(directory, 'foo_1.orig.tar.gz'));

    const { stanza, files } = await readDsc(put('foo_1-1.dsc', armoured(text)), { signal });

    assert.equal(stanza.get('Source'), 'foo');
    assert.deepEqual(files.map(({ name }) => name).sort(), Object.keys(companions).sort());
  });
});
