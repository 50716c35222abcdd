import assert from 'node:assert/strict';
import { test } from 'node:test';
import tar from 'tar-stream';
import { StreamSource } from '../../../src/deb/byte-source.ts';
import { readTar } from '../../../src/deb/read-tar.ts';
import { type TarItem, tarEntryOf, tarOf } from '../../builders/package-files.ts';
import { inChunks } from '../../support/chunks.ts';
import { collect } from '../../support/collect.ts';

type Seen = readonly [path: string, kind: string, content?: string];

async function entries(bytes: Uint8Array, size = 1000): Promise<readonly Seen[]> {
  const found: Seen[] = [];
  for await (const entry of readTar(new StreamSource(inChunks(bytes, size)), 'data.tar')) {
    found.push([entry.path, entry.kind, (await entry.read()).toString()]);
  }
  return found;
}

const pax = (records: string): TarItem => ({ path: 'x', type: 'x', content: records });

for (const size of [1, 511, 512, 1000]) {
  test(`reads what tar-stream packs, in chunks of ${size} bytes`, async () => {
    const pack = tar.pack();
    pack.entry({ name: './', type: 'directory' });
    pack.entry({ name: 'a' }, 'hello');
    pack.entry({ name: `d/${'long/'.repeat(60)}ü` }, 'x'.repeat(1000));
    pack.entry({ name: 'link', type: 'symlink', linkname: 'a' });
    pack.finalize();
    const bytes = Buffer.concat((await collect(pack)) as Uint8Array[]);

    assert.deepEqual(await entries(bytes, size), [
      ['./', 'directory', ''],
      ['a', 'file', 'hello'],
      [`d/${'long/'.repeat(60)}\u00c3\u00bc`, 'file', 'x'.repeat(1000)],
      ['link', 'other', ''],
    ]);
  });
}

const cases: readonly (readonly [what: string, items: readonly TarItem[], seen: readonly Seen[]])[] = [
  ['a prefix', [{ path: 'b', prefix: 'a/x' }], [['a/x/b', 'file', '']]],
  ['no prefix of GNU tar', [{ path: 'b', prefix: 'a', magic: 'ustar ' }], [['b', 'file', '']]],
  ['the first tar', [{ path: 'd/', magic: '', type: '\0' }], [['d/', 'directory', '']]],
  [
    'a long name of GNU tar',
    [
      { path: '././@LongLink', type: 'L', content: `${'n'.repeat(600)}\0` },
      { path: 'short', content: 'c' },
      { path: 'next' },
    ],
    [
      ['n'.repeat(600), 'file', 'c'],
      ['next', 'file', ''],
    ],
  ],
  [
    'an empty long name',
    [{ path: '././@LongLink', type: 'L' }, { path: 'a', content: 'c' }, { path: 'b' }],
    [
      ['', 'file', 'c'],
      ['b', 'file', ''],
    ],
  ],
  [
    'a long link',
    [
      { path: 'x', type: 'K', content: 'to' },
      { path: 'a', type: '2' },
    ],
    [['a', 'other', '']],
  ],
  [
    'pax names and sizes',
    [pax('9 path=p\n9 size=3\n13 mtime=1.5\n'), { path: 'a', size: 0, content: 'abc' }],
    [['p', 'file', 'abc']],
  ],
  ['a pax header for all', [{ ...pax('9 path=p\n'), type: 'g' }, { path: 'a' }], [['a', 'file', '']]],
  [
    'a link with a size',
    [{ path: 'l', type: '1', size: 5000 }, { path: 'a' }],
    [
      ['l', 'other', ''],
      ['a', 'file', ''],
    ],
  ],
  [
    'a binary size',
    [{ path: 'a', size: Buffer.from('800000000000000000000003', 'hex'), content: 'abc' }],
    [['a', 'file', 'abc']],
  ],
];

for (const [what, items, seen] of cases) {
  test(`reads ${what}`, async () => {
    assert.deepEqual(await entries(tarOf(items)), seen);
  });
}

test('stops at the first block of zeros, as dpkg', async () => {
  const bytes = Buffer.concat([
    tarEntryOf({ path: 'a' }),
    Buffer.alloc(512),
    tarEntryOf({ path: 'b' }),
    Buffer.from('anything'),
  ]);

  assert.deepEqual(await entries(bytes), [['a', 'file', '']]);
});

test('an archive may have no block of zeros, and no entry', async () => {
  assert.deepEqual(await entries(tarEntryOf({ path: 'a' })), [['a', 'file', '']]);
  assert.deepEqual(await entries(Buffer.alloc(0)), []);
});

test('passes over bodies that nobody reads', async () => {
  const bytes = tarOf([{ path: 'a', content: 'x'.repeat(3000) }, { path: 'b' }]);
  const paths = [];
  for await (const { path } of readTar(new StreamSource(inChunks(bytes, 700)), 'data.tar')) paths.push(path);

  assert.deepEqual(paths, ['a', 'b']);
});

const whole = tarOf([{ path: 'a', content: 'hello' }]);
const malformed: readonly (readonly [why: string, bytes: Buffer, message: RegExp])[] = [
  ['a short header', whole.subarray(0, 300), /ends within a tar header \(at byte 0\)$/],
  ['a short body', whole.subarray(0, 514), /ends within a tar entry \(at byte 514\)$/],
  ['no padding', whole.subarray(0, 600), /ends within a tar entry/],
  ['a changed byte', Buffer.from(whole).fill('b', 0, 1), /a tar header is damaged \(at byte 0\)$/],
  ['text', Buffer.alloc(1024, 'text'), /a tar header is damaged/],
  ['a size of letters', tarOf([{ path: 'a', size: Buffer.from('0000000000z\0') }]), /impossible size/],
  ['a size of 2^88', tarOf([{ path: 'a', size: Buffer.alloc(12, 0xff) }]), /impossible size/],
  [
    'a long name without end',
    tarOf([{ path: 'a', type: 'L', size: 1 }]).subarray(0, 512),
    /header extension/,
  ],
  ['a huge long name', tarOf([{ path: 'a', type: 'L', size: 70_000 }]), /extension has 70000 bytes/],
  ['a pax record without length', tarOf([pax('path=p\n')]), /pax header is malformed/],
  ['a pax record of length 0', tarOf([pax('0 path=p\n')]), /pax header is malformed/],
  ['a pax record of negative length', tarOf([pax('-9 path=p\n')]), /pax header is malformed/],
  ['a pax record that is too long', tarOf([pax('99 path=p\n')]), /pax header is malformed/],
  ['a pax record without line end', tarOf([pax('9 path=pp')]), /pax header is malformed/],
  ['a pax size of letters', tarOf([pax('11 size=0x\n')]), /impossible size/],
];

for (const [why, bytes, message] of malformed) {
  test(`refuses ${why}`, async () => {
    await assert.rejects(entries(bytes), { code: 'E_DEB_FORMAT', message });
  });
}

test('refuses a sparse file with further headers', async () => {
  const bytes = tarEntryOf({ path: 'a', type: 'S', prefix: `${'\0'.repeat(137)}\u0001`, magic: 'ustar ' });

  await assert.rejects(entries(bytes), { code: 'E_DEB_FORMAT', message: /sparse files/ });
});
