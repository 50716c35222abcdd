import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import zlib, { gzipSync } from 'node:zlib';
import { type ArMember, archiveOf } from '../../src/deb/ar.ts';
import type { DebLimits } from '../../src/deb/deb-parts.ts';
import { packageOfDeb } from '../../src/deb/package-of-deb.ts';
import { readDebContents } from '../../src/deb/read-contents.ts';
import { readDebControl } from '../../src/deb/read-deb.ts';
import { compressXz } from '../../src/deb/xz.ts';
import {
  controlMember,
  controlText,
  dataMember,
  debOf,
  formatMember,
  type TarItem,
  tarOf,
} from '../builders/package-files.ts';
import { temporaryFiles } from '../support/files.ts';
import { skipWithout } from '../support/programs.ts';

const { directory, put } = temporaryFiles();
const signal = new AbortController().signal;
const read = {
  control: (deb: Buffer, limits: Partial<DebLimits> = {}) =>
    readDebControl(put('x.deb', deb), { signal, limits }),
  contents: (deb: Buffer, limits: Partial<DebLimits> = {}) =>
    readDebContents(put('x.deb', deb), { signal, limits }),
};

const controlOf = (items: readonly TarItem[]): ArMember => ({
  name: 'control.tar',
  content: tarOf(items),
});
const control = { path: './control', content: controlText };
const odd = (name: string): ArMember => ({ name, content: Buffer.from('x') });

const refused: readonly (readonly [why: string, deb: Buffer, message: RegExp])[] = [
  ['no package at all', Buffer.from('hello'), /not an ar archive/],
  ['an empty file', Buffer.alloc(0), /not an ar archive/],
  ['an archive of nothing', archiveOf([]), /has no control\.tar/],
  ['no debian-binary', archiveOf([controlMember, dataMember()]), /not a Debian package of format 2/],
  [
    'another format',
    archiveOf([{ name: 'debian-binary', content: Buffer.from('3.0\n') }]),
    /format 2 \(at byte 8/,
  ],
  ['an endless format', archiveOf([{ name: 'debian-binary', content: Buffer.alloc(99, '2') }]), /format 2/],
  ['no control', archiveOf([formatMember, dataMember()]), /has data\.tar before control\.tar/],
  ['no data', archiveOf([formatMember, controlMember]), /has no data\.tar$/],
  ['two controls', debOf({ more: [controlMember] }), /has two control\.tar/],
  ['two controls of two forms', debOf({ more: [odd('control.tar.xz')] }), /has two control\.tar/],
  ['two data', debOf({ more: [odd('data.tar.zst')] }), /has two data\.tar/],
  [
    'an unknown compression',
    debOf({ control: odd('control.tar.br') }),
    /control\.tar\.br is compressed in a way/,
  ],
  ['bzip2 of control', debOf({ control: odd('control.tar.bz2') }), /compressed in a way/],
  ['garbage for gzip', debOf({ control: odd('control.tar.gz') }), /control\.tar\.gz: cannot be decompressed/],
  ['garbage for xz', debOf({ control: odd('control.tar.xz') }), /control\.tar\.xz: cannot be decompressed/],
  [
    'garbage for zstd',
    debOf({ control: odd('control.tar.zst') }),
    /control\.tar\.zst: cannot be decompressed/,
  ],
  ['garbage for tar', debOf({ control: odd('control.tar') }), /control\.tar: it ends within a tar header/],
  ['no control file', debOf({ control: controlOf([{ path: './md5sums' }]) }), /has no control file/],
  [
    'two control files',
    debOf({ control: controlOf([control, { ...control, path: 'control' }]) }),
    /two control files/,
  ],
  [
    'a symlink for control',
    debOf({ control: controlOf([{ path: './control', type: '2' }]) }),
    /not a regular file/,
  ],
  [
    'a directory for control',
    debOf({ control: controlOf([{ path: './control', type: '5' }]) }),
    /not a regular file/,
  ],
  [
    'a control that is cut',
    debOf({ control: controlOf([{ ...control, size: 9999 }]) }),
    /ends within a tar entry/,
  ],
];

for (const [why, deb, message] of refused) {
  test(`a package with ${why} is refused`, async () => {
    await assert.rejects(read.control(deb), { code: 'E_DEB_FORMAT', message });
  });
}

const twice = [controlText, controlText].join('\n');
const badControls: readonly (readonly [why: string, content: string])[] = [
  ['nothing in it', ''],
  ['two paragraphs', twice],
  ['a NUL', 'Package: a\0b\n'],
  ['a field twice', 'Package: a\nPackage: b\n'],
  ['no field', 'hello\n'],
];

for (const [why, content] of badControls) {
  test(`a control file with ${why} is refused`, async () => {
    const deb = debOf({ control: controlOf([{ path: './control', content }]) });

    await assert.rejects(read.control(deb), { code: 'E_CONTROL_SYNTAX', message: /x\.deb: control: / });
  });
}

test('a package that is cut anywhere is refused, though its data are not looked at', async () => {
  const deb = debOf({ data: { name: 'data.tar.gz', content: gzipSync(tarOf([{ path: 'a' }])) } });
  const ends = [...Array(40).keys()].map((step) => Math.floor((step * deb.length) / 40));

  for (const end of [...ends, deb.length - 2]) {
    await assert.rejects(read.control(deb.subarray(0, end)), { code: 'E_DEB_FORMAT' });
  }
});

const zeros = Buffer.alloc(3 * 2 ** 20);
const bombs: readonly (readonly [suffix: string, content: Buffer | Uint8Array])[] = [
  ['', zeros],
  ['.gz', gzipSync(zeros)],
  ['.xz', await compressXz(zeros)],
  ['.zst', zlib.zstdCompressSync(zeros)],
];

for (const [suffix, content] of bombs) {
  test(`a bomb stops at its limit: control.tar${suffix}`, async () => {
    const deb = debOf({ control: { name: `control.tar${suffix}`, content } });

    await assert.rejects(read.control(deb, { controlBytes: 2 ** 20 }), {
      code: 'E_SIZE_LIMIT',
      message: /x\.deb: control\.tar.*: inflates to more than 1048576 bytes$/,
    });
  });

  test(`a bomb stops at its limit: data.tar${suffix}`, async () => {
    const deb = debOf({ data: { name: `data.tar${suffix}`, content } });

    await assert.rejects(read.contents(deb, { dataBytes: 2 ** 20 }), { code: 'E_SIZE_LIMIT' });
  });
}

test('a control archive has 16 MiB at most by default', async () => {
  const content = gzipSync(tarOf([control, { path: 'x', content: Buffer.alloc(17 * 2 ** 20) }]));

  await assert.rejects(read.control(debOf({ control: { name: 'control.tar.gz', content } })), {
    code: 'E_SIZE_LIMIT',
  });
});

const compressed = (program: string, input: Buffer): Buffer =>
  spawnSync(program, ['-c'], { input, maxBuffer: 2 ** 24 }).stdout;

test('a bomb of bzip2 stops at its limit', { skip: skipWithout('bzip2', '--help') }, async () => {
  const content = Buffer.concat(Array.from({ length: 500 }, () => bzip2Zeros));
  const deb = debOf({ data: { name: 'data.tar.bz2', content } });

  await assert.rejects(read.contents(deb, { dataBytes: 2 ** 20 }), { code: 'E_SIZE_LIMIT' });
});

const bzip2Zeros = skipWithout('bzip2', '--help') === false ? compressed('bzip2', zeros) : Buffer.alloc(0);

test('inflating bzip2 stops when it is told to', { skip: skipWithout('bzip2', '--help') }, async () => {
  const content = Buffer.concat(Array.from({ length: 500 }, () => bzip2Zeros));
  const path = put('slow.deb', debOf({ data: { name: 'data.tar.bz2', content } }));
  const controller = new AbortController();

  const reading = readDebContents(path, { signal: controller.signal });
  setImmediate(() => controller.abort());

  await assert.rejects(reading, { code: 'E_ABORTED' });
});

test('a second zstd frame is refused, because zlib would pass it over in silence', async () => {
  const frame = zlib.zstdCompressSync(tarOf([{ path: 'a' }]));
  const deb = debOf({ data: { name: 'data.tar.zst', content: Buffer.concat([frame, frame]) } });

  await assert.rejects(read.contents(deb), {
    code: 'E_DEB_FORMAT',
    message: /bytes follow its first zstd frame/,
  });
});

test('compressed data that are cut or changed are refused', async () => {
  const tar = tarOf(Array.from({ length: 50 }, (_, index) => ({ path: `file-${index}` })));
  for (const [suffix, content] of [
    ['.gz', gzipSync(tar)],
    ['.xz', await compressXz(tar)],
    ['.zst', zlib.zstdCompressSync(tar, { params: { [zlib.constants.ZSTD_c_checksumFlag]: 1 } })],
  ] as const) {
    const changed = Buffer.from(content);
    changed[content.length >> 1] = (changed[content.length >> 1] ?? 0) ^ 0x55;
    for (const bytes of [content.subarray(0, -1), content.subarray(0, content.length >> 1), changed]) {
      const deb = debOf({ data: { name: `data.tar${suffix}`, content: bytes } });
      await assert.rejects(read.contents(deb), { code: 'E_DEB_FORMAT' }, suffix);
    }
  }
});

const unsafe: readonly (readonly [why: string, items: readonly TarItem[], message: RegExp])[] = [
  ['a parent', [{ path: '../etc/passwd' }], /path "\.\.\/etc\/passwd" is refused: it has a "\.\." part/],
  ['a parent inside', [{ path: './usr/../../etc/passwd' }], /it has a "\.\." part/],
  ['a parent at the end', [{ path: 'usr/..', type: '2' }], /it has a "\.\." part/],
  ['a parent as a directory', [{ path: '../x/', type: '5' }], /it has a "\.\." part/],
  ['a line end', [{ path: 'usr/a\nbin/sh other/pkg' }], /a NUL or a line end/],
  ['a NUL', [{ path: 'x', type: 'x', content: '10 path=\0\n' }, { path: 'a' }], /a NUL or a line end/],
  ['5,000 letters', [{ path: 'x', type: 'L', content: 'n'.repeat(5000) }, { path: 'a' }], /it is too long/],
];

for (const [why, items, message] of unsafe) {
  test(`a path with ${why} is refused`, async () => {
    await assert.rejects(read.contents(debOf({ data: dataMember(items) })), {
      code: 'E_UNSAFE_PATH',
      message,
    });
  });
}

test('a list of files without end stops at its limit', async () => {
  const items = Array.from({ length: 200 }, (_, index) => ({ path: `file-${index}` }));

  await assert.rejects(read.contents(debOf({ data: dataMember(items) }), { listingBytes: 10_000 }), {
    code: 'E_SIZE_LIMIT',
    message: /its list of files has more than 10000 bytes/,
  });
});

test('a pipe does not keep its reader waiting', { skip: skipWithout('mkfifo', '--version') }, async () => {
  const pipe = join(directory, 'pipe.deb');
  spawnSync('mkfifo', [pipe]);

  await assert.rejects(readDebControl(pipe, { signal }), {
    code: 'E_DEB_FORMAT',
    message: /not a regular file/,
  });
});

test('reading leaves nothing on the disk, wherever links and paths in the archive lead', async () => {
  const inside = join(directory, 'inside');
  mkdirSync(inside);
  symlinkSync('/etc', join(inside, 'link'));
  const items: readonly TarItem[] = [
    { path: './link/espejo-was-here', content: 'x' },
    { path: `${inside}/y` },
  ];
  const before = readdirSync(inside);

  const path = put('links.deb', debOf({ data: dataMember(items) }));
  const contents = await readDebContents(path, { signal });

  assert.equal(contents.length, 2);
  assert.deepEqual(readdirSync(inside), before);
});

const badPackages: readonly (readonly [why: string, code: string, text: string, message: RegExp])[] = [
  ['no name', 'E_DEB_FORMAT', controlText.replace('foo', ''), /p\.deb: a paragraph: Package/],
  ['no version', 'E_DEB_FORMAT', controlText.replace('1.0-1', ''), /p\.deb: foo: Version/],
  ['no architecture', 'E_DEB_FORMAT', controlText.replace('amd64', ''), /p\.deb: foo: Architecture/],
  ['a path for a name', 'E_DEB_FORMAT', controlText.replace('foo', '../x'), /not a package name/],
  ['the architecture source', 'E_DEB_FORMAT', controlText.replace('amd64', 'source'), /for source packages/],
];

for (const [why, code, content, message] of badPackages) {
  test(`a binary package with ${why} is refused`, async () => {
    const path = put('p.deb', debOf({ control: controlOf([{ path: './control', content }]) }));

    await assert.rejects(packageOfDeb(path, { signal }), { code, message });
  });
}

for (const name of ['a\tb.deb', 'a\\b.deb', ' a.deb', 'x.rpm', 'deb']) {
  test(`a package file may not be named ${JSON.stringify(name)}`, async () => {
    await assert.rejects(packageOfDeb(put(name, debOf()), { signal }), {
      code: name.endsWith('.deb') ? 'E_UNSAFE_PATH' : 'E_DEB_FORMAT',
    });
  });
}
