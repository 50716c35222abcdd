import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import zlib, { gzipSync } from 'node:zlib';
import { localFile, type StoredFile } from '../../../src/core/stored-file.ts';
import { archiveOf } from '../../../src/deb/ar.ts';
import { buildDeb } from '../../../src/deb/build-deb.ts';
import { readDebContents, readStoredContents } from '../../../src/deb/read-contents.ts';
import { readDebControl } from '../../../src/deb/read-deb.ts';
import { compressXz } from '../../../src/deb/xz.ts';
import {
  controlText,
  dataMember,
  debOf,
  formatMember,
  type TarItem,
  tarOf,
} from '../../builders/package-files.ts';
import { temporaryFiles } from '../../support/files.ts';

const { directory, put } = temporaryFiles();
const signal = new AbortController().signal;
const controlTar = tarOf([
  { path: './', type: '5' },
  { path: './control', content: controlText },
]);

const builtControl = { Package: 'foo', Version: '1', Architecture: 'all', Description: 'short\nlong' };

for (const compression of ['gz', 'xz'] as const) {
  test(`reads what buildDeb builds: ${compression}`, async () => {
    const control = builtControl;
    const files = { 'usr/share/b': 'b', 'usr/bin/a': 'x'.repeat(100_000), etc: '' };
    const path = put(`built-${compression}.deb`, await buildDeb({ control, files, compression }));

    const stanza = await readDebControl(path, { signal });
    const contents = await readDebContents(path, { signal });

    assert.deepEqual(Object.fromEntries(stanza.fields.map(({ name, value }) => [name, value])), control);
    assert.deepEqual(contents, ['etc', 'usr/bin/a', 'usr/share/b']);
  });
}

const controls: readonly (readonly [name: string, content: Buffer])[] = [
  ['control.tar', controlTar],
  ['control.tar.gz', gzipSync(controlTar)],
  // dpkg takes this, too.
  ['control.tar.gz', Buffer.concat([gzipSync(controlTar), Buffer.from('garbage')])],
  ['control.tar.xz', await compressXz(controlTar)],
  ['control.tar.zst', zlib.zstdCompressSync(controlTar)],
];

for (const [name, content] of controls) {
  test(`reads the control file of ${name}`, async () => {
    const path = put(`${name}.deb`, debOf({ control: { name, content } }));

    const stanza = await readDebControl(path, { signal });

    assert.equal(`${stanza.raw}\n`, controlText);
  });
}

test('the control file may be named without a directory, and follow others', async () => {
  const content = tarOf([
    { path: 'md5sums', content: 'x' },
    { path: 'control', content: controlText },
  ]);
  const path = put('plain.deb', debOf({ control: { name: 'control.tar', content } }));

  assert.equal((await readDebControl(path, { signal })).get('package'), 'foo');
});

test('members that are neither control nor data are passed over', async () => {
  const more = [{ name: '_gpgbuilder', content: Buffer.from('x') }];
  const path = put('signed.deb', debOf({ more }));

  assert.equal((await readDebControl(path, { signal })).get('package'), 'foo');
});

const parts = [
  formatMember,
  { name: 'control.tar', content: tarOf([{ path: 'control', content: controlText }]) },
  dataMember(),
];

for (const [what, behind] of [
  ['a newline', '\n'],
  ['two newlines', '\n\n'],
  ['a NUL', '\0'],
  ['a header of junk', 'j'.repeat(60)],
  ['much', 'x'.repeat(300_000)],
  ['a member that is cut', archiveOf([{ name: 'more', content: Buffer.alloc(100) }]).subarray(8, 100)],
  ['a member with a long name', archiveOf([{ name: '#1/20', content: Buffer.alloc(20) }]).subarray(8)],
] as const)
  test(`${what} behind the data archive is passed over with a warning`, async () => {
    const path = put(`behind-${what}.deb`, Buffer.concat([archiveOf(parts), Buffer.from(behind)]));
    const warnings: string[] = [];

    const control = await readDebControl(path, { signal, warn: (message) => warnings.push(message) });

    assert.equal(control.get('package'), 'foo');
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /behind-.*: what follows its data archive is no member/);
    assert.deepEqual(
      await readDebContents(path, { signal }),
      await readDebContents(put('plain', archiveOf(parts)), { signal }),
    );
  });

test('a data archive that is cut is none, whatever was seen', async () => {
  const path = put('cut-data.deb', archiveOf(parts).subarray(0, -20));

  await assert.rejects(readDebControl(path, { signal }), {
    code: 'E_DEB_FORMAT',
    message: /it ends within data/,
  });
});

for (const [what, members] of [
  [
    'a strange member before control',
    [parts[0], { name: 'strange', content: Buffer.from('x') }, parts[1], parts[2]],
  ],
  [
    'a strange member before data',
    [parts[0], parts[1], { name: 'strange', content: Buffer.from('x') }, parts[2]],
  ],
  ['data before control', [parts[0], parts[2], parts[1]]],
] as const)
  test(`${what} is refused, as dpkg refuses it`, async () => {
    const path = put('order.deb', archiveOf(members.flatMap((one) => one ?? [])));

    await assert.rejects(readDebControl(path, { signal }), {
      code: 'E_DEB_FORMAT',
      message: /it has .* before /,
    });
  });

const dataTar = dataMember([
  { path: './', type: '5' },
  { path: './usr/', type: '5' },
  { path: './usr/z' },
  { path: './usr/a b' },
]).content;

const compressed = (program: string): Buffer =>
  spawnSync(program, ['-c'], { input: dataTar, maxBuffer: 2 ** 20 }).stdout ?? Buffer.alloc(0);

const datas: readonly (readonly [name: string, content: () => Promise<Buffer> | Buffer | Uint8Array])[] = [
  ['data.tar', () => dataTar],
  ['data.tar.gz', () => gzipSync(dataTar)],
  ['data.tar.gz', () => Buffer.concat([gzipSync(dataTar), Buffer.from('garbage')])],
  ['data.tar.xz', () => compressXz(Buffer.from(dataTar))],
  ['data.tar.zst', () => zlib.zstdCompressSync(dataTar)],
  ['data.tar.bz2', () => compressed('bzip2')],
  ['data.tar.lzma', () => compressed('lzma')],
];

for (const [name, pack] of datas) {
  test(`lists the files of ${name}`, async (context) => {
    const content = await pack();
    if (content.length === 0) return context.skip(`the program that makes ${name} is not on this machine`);
    const path = put(`${name}.deb`, debOf({ data: { name, content } }));

    assert.deepEqual(await readDebContents(path, { signal }), ['usr/a b', 'usr/z']);
  });
}

test('a package that is no file of this machine is read as it streams', async () => {
  const bytes = await buildDeb({ control: builtControl, files: { 'usr/bin/a': 'x'.repeat(300_000) } });
  const path = put('streamed.deb', bytes);
  const far: StoredFile = { ...localFile(path, { isImmutable: true }), localPath: undefined };

  assert.deepEqual(await readStoredContents(far, 'far.deb', { signal }), ['usr/bin/a']);
  const broken: StoredFile = { ...far, read: localFile(put('not.deb', 'no package'), far).read };
  await assert.rejects(readStoredContents(broken, 'far.deb', { signal }), {
    code: 'E_DEB_FORMAT',
    message: /^far\.deb: /,
  });
});

test('a tar archive that is named .gz is read all the same, an empty one too', async () => {
  const plain = put('misnamed.deb', debOf({ data: { name: 'data.tar.gz', content: dataTar } }));
  const empty = put('misnamed-empty.deb', debOf({ data: { name: 'data.tar.gz', content: Buffer.alloc(0) } }));

  assert.deepEqual(await readDebContents(plain, { signal }), ['usr/a b', 'usr/z']);
  assert.deepEqual(await readDebContents(empty, { signal }), []);
});

async function contentsOf(items: readonly TarItem[]) {
  const path = put('contents.deb', debOf({ data: dataMember(items) }));
  return await readDebContents(path, { signal });
}

test('paths lose what is before them, directories are left out, links and devices are not', async () => {
  const items: readonly TarItem[] = [
    { path: '/abs' },
    { path: './/x' },
    { path: '././y' },
    { path: '.hidden' },
    { path: '.', type: '5' },
    { path: 'dir', type: '5' },
    { path: 'old-dir/' },
    { path: 'sym', type: '2' },
    { path: 'hard', type: '1' },
    { path: 'dev/null', type: '3' },
  ];

  assert.deepEqual(await contentsOf(items), ['.hidden', 'abs', 'dev/null', 'hard', 'sym', 'x', 'y']);
});

test('paths are sorted by bytes, each once', async () => {
  const items = ['b', 'a/b', 'a-b', 'Z', 'ab', 'b', '\u00f0\u009f\u0098\u0080', '\u00ef\u00bf\u00bd'];

  assert.deepEqual(await contentsOf(items.map((path) => ({ path }))), [
    'Z',
    'a-b',
    'a/b',
    'ab',
    'b',
    '\u00ef\u00bf\u00bd',
    '\u00f0\u009f\u0098\u0080',
  ]);
});

test('names that are no UTF-8 survive as bytes', async () => {
  assert.deepEqual(await contentsOf([{ path: 'caf\u00e9' }]), ['caf\u00e9']);
});

test('a file that is not there, and one that is a directory, are told', async () => {
  await assert.rejects(readDebControl(join(directory, 'absent.deb'), { signal }), {
    code: 'E_IO',
    message: /^cannot read .*absent\.deb: ENOENT$/,
  });
  await assert.rejects(readDebControl(directory, { signal }), {
    code: 'E_DEB_FORMAT',
    message: /it is not a regular file$/,
  });
});

test('stops when it is told to', async () => {
  const path = put('aborted.deb', debOf());
  const controller = new AbortController();
  controller.abort();

  await assert.rejects(readDebControl(path, { signal: controller.signal }), { code: 'E_ABORTED' });
  await assert.rejects(readDebContents(path, { signal: controller.signal }), { code: 'E_ABORTED' });
});
