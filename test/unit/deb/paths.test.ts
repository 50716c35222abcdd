import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  archiveDirectory,
  archiveFilePath,
  archivePath,
  assertSafeFilePath,
  assertSafePath,
  baseName,
  byHashPath,
  poolPath,
  publishedPoolDirectory,
} from '../../../src/deb/paths.ts';

const sha256 = 'bc8e11931ebee175e685a420f5a90a4254bf5efd29a0f6634cd927e405a6472c';

test('the pool path is the one of aptly', () => {
  assert.equal(poolPath(sha256, 'vv_5.0_amd64.deb'), 'bc/8e/11931ebee175e685a420f5a90a42_vv_5.0_amd64.deb');
});

test('published pool directories go by source package', () => {
  const directories = [
    publishedPoolDirectory('main', 'zlib'),
    publishedPoolDirectory('main', 'libxml2'),
    publishedPoolDirectory('updates/main', 'lib'),
  ];

  assert.deepEqual(directories, ['pool/main/z/zlib', 'pool/main/libx/libxml2', 'pool/updates/main/lib/lib']);
});

for (const [name, directory] of [
  ['o', 'pool/main/o/o'],
  ['', 'pool/main/_/_'],
  ['..', 'pool/main/_/_.'],
  ['a/../../b', 'pool/main/a/a_.._.._b'],
  ['https://x/?y#z', 'pool/main/h/https___x__y_z'],
  ['@scope/app', 'pool/main/_/_scope_app'],
] as const) {
  test(`the directory of "${name}" is ${directory}`, () => {
    assert.equal(publishedPoolDirectory('main', name), directory);
  });
}

test('by-hash paths are beside the index', () => {
  const paths = [
    byHashPath('main/binary-amd64/Packages.gz', 'sha256', 'ab'),
    byHashPath('Packages', 'md5', 'cd'),
  ];

  assert.deepEqual(paths, ['main/binary-amd64/by-hash/SHA256/ab', 'by-hash/MD5Sum/cd']);
});

test('the base name is the last part', () => {
  assert.deepEqual([baseName('a/b/c'), baseName('c')], ['c', 'c']);
});

const safe = [
  'a',
  'a/b',
  '...',
  'a..b',
  '.x/y',
  'pool/main/g/g++/g++_1%3a2~x_all.deb',
  'ü/é',
  'x'.repeat(255),
];

for (const path of safe) {
  test(`${path.slice(0, 40)} is safe`, () => {
    assert.doesNotThrow(() => assertSafePath(path, 'test'));
  });
}

const unsafe = [
  '',
  '/',
  '/etc/passwd',
  '..',
  '../x',
  'a/..',
  'a/../b',
  '.',
  './a',
  'a/./b',
  'a//b',
  'a/',
  'a\0b',
  'a\nb',
  'a\u007fb',
  'a\u0085b',
  'a b',
  'a\\b',
  '\ud800',
  'x'.repeat(256),
  'é'.repeat(128),
  `${'x/'.repeat(2048)}x`,
];

for (const path of unsafe) {
  test(`${JSON.stringify(path.slice(0, 40))} is refused`, () => {
    assert.throws(() => assertSafePath(path, 'test'), { code: 'E_UNSAFE_PATH', message: /^test: path / });
  });
}

for (const [written, plain] of [
  ['./a.deb', 'a.deb'],
  ['././a.deb', 'a.deb'],
  ['/pool/a.deb', 'pool/a.deb'],
  ['//pool//x/./a.deb', 'pool/x/a.deb'],
  ['pool/a%20b?c#d.deb', 'pool/a%20b?c#d.deb'],
  ['pool/../pool/a.deb', 'pool/a.deb'],
  ['a//../b', 'b'],
  ['a/b/../../c', 'c'],
] as const) {
  test(`${written} is normalised`, () => {
    assert.equal(archivePath(written, 'test'), plain);
    assert.equal(archiveFilePath(written, 'test'), plain);
  });
}

for (const path of [
  './../a.deb',
  '/../a.deb',
  'a/../../b',
  'a/../../a/b',
  'a/..',
  '/',
  './',
  'a/',
  'a\\b',
  'a\0b',
]) {
  test(`${JSON.stringify(path)} is refused, normalised or not`, () => {
    assert.throws(() => archivePath(path, 'test'), { code: 'E_UNSAFE_PATH' });
    assert.throws(() => archiveFilePath(path, 'test'), { code: 'E_UNSAFE_PATH' });
  });
}

test('a directory may be the root and end in slashes', () => {
  const directories = ['', '.', './', '/', 'pool/a/', '/pool//a//', 'a/../b', 'a/..'].map((one) =>
    archiveDirectory(one, 'test'),
  );

  assert.deepEqual(directories, ['', '', '', '', 'pool/a', 'pool/a', 'b', '']);
  assert.throws(() => archiveDirectory('a/../..', 'test'), { code: 'E_UNSAFE_PATH' });
});

test('names of package files may have blanks within', () => {
  assert.doesNotThrow(() => assertSafeFilePath('pool/my app_1.0 beta_all.deb', 'test'));
  assert.equal(archiveFilePath('./my app.deb', 'test'), 'my app.deb');
});

for (const path of [
  ' a',
  'a ',
  'x/ a',
  'x /a',
  ' ',
  'a\tb',
  'a\nb',
  'a\u00a0b',
  '../a b',
  '/a b',
  'a b/..',
]) {
  test(`${JSON.stringify(path)} is refused as a package file`, () => {
    assert.throws(() => assertSafeFilePath(path, 'test'), { code: 'E_UNSAFE_PATH' });
  });
}

test('a file name too long for the pool keeps its beginning and its end, and stays as it is then', () => {
  const sha256 = 'ab'.repeat(32);
  const cut = (name: string): string => poolPath(sha256, name).slice('ab/ab/'.length + 29);

  assert.equal(cut('n'.repeat(226)), 'n'.repeat(226));
  const long = cut(`${'n'.repeat(240)}_1_all.deb`);
  assert.match(long, /^n{180}_n+_1_all\.deb$/);
  assert.equal(long.length, 200);
  assert.equal(cut(long), long);
  assert.match(cut(`${'\u00e9'.repeat(120)}_1_all.deb`), /^_+_1_all\.deb$/);
});
