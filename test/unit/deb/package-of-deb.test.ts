import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestsOf } from '../../../src/core/digest.ts';
import { buildDeb } from '../../../src/deb/build-deb.ts';
import { packageOfDeb } from '../../../src/deb/package-of-deb.ts';
import { controlText, debOf, tarOf } from '../../builders/package-files.ts';
import { temporaryFiles } from '../../support/files.ts';

const { put } = temporaryFiles();
const signal = new AbortController().signal;

test('a package is its control file and the facts of its file', async () => {
  const control = {
    Package: 'libfoo',
    Source: 'foo (2.0)',
    Version: '1:1.0-1',
    Architecture: 'all',
    Depends: 'bar',
  };
  const deb = await buildDeb({ control });
  const path = put('libfoo_1.0-1_all.deb', deb);

  const pkg = await packageOfDeb(path, { signal });

  assert.deepEqual([pkg.kind, pkg.label], ['deb', 'libfoo_1:1.0-1_all']);
  assert.deepEqual(pkg.source, { name: 'foo', version: '2.0' });
  assert.deepEqual(pkg.file, {
    path: 'libfoo_1.0-1_all.deb',
    name: 'libfoo_1.0-1_all.deb',
    facts: digestsOf(deb),
  });
  assert.equal(pkg.relations('Depends').length, 1);
});

for (const [suffix, kind] of [
  ['deb', 'deb'],
  ['ddeb', 'deb'],
  ['udeb', 'udeb'],
] as const) {
  test(`a .${suffix} file is a ${kind}`, async () => {
    assert.equal((await packageOfDeb(put(`foo.${suffix}`, debOf()), { signal })).kind, kind);
  });
}

test('what the control file says of the file does not count', async () => {
  const content = `${controlText}FILENAME: ../../etc/passwd\nSize: 1\nMD5sum: x\nSHA256: y\nHomepage: z\n`;
  const control = { name: 'control.tar', content: tarOf([{ path: 'control', content }]) };
  const deb = debOf({ control });

  const pkg = await packageOfDeb(put('foo.deb', deb), { signal });

  assert.deepEqual(pkg.file, { path: 'foo.deb', name: 'foo.deb', facts: digestsOf(deb) });
  assert.deepEqual(pkg.stanza.fields.map(({ name }) => name).slice(4), [
    'Description',
    'Homepage',
    'Filename',
    'Size',
    'MD5sum',
    'SHA1',
    'SHA256',
    'SHA512',
  ]);
});
