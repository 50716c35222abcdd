import assert from 'node:assert/strict';
import { open } from 'node:fs/promises';
import { test } from 'node:test';
import { archiveOf } from '../../../src/deb/ar.ts';
import { type ByteSource, FileSource, readBytes, StreamSource } from '../../../src/deb/byte-source.ts';
import { readAr } from '../../../src/deb/read-ar.ts';
import { inChunks } from '../../support/chunks.ts';
import { temporaryFiles } from '../../support/files.ts';

const { put } = temporaryFiles();
const archive = archiveOf([
  { name: 'debian-binary', content: Buffer.from('2.0\n') },
  { name: 'odd', content: Buffer.from('abc') },
  { name: 'last', content: Buffer.alloc(0) },
]);

async function members(source: ByteSource, maxMembers = 64): Promise<readonly (readonly [string, string])[]> {
  const found: (readonly [string, string])[] = [];
  for await (const { name, size, content } of readAr(source, { what: 'x.deb', maxMembers })) {
    found.push([name, (await readBytes(content, size)).toString()]);
  }
  return found;
}

function streamed(bytes: Uint8Array | string, size = 1000): StreamSource {
  return new StreamSource(inChunks(bytes, size));
}

const expected = [
  ['debian-binary', '2.0\n'],
  ['odd', 'abc'],
  ['last', ''],
];

for (const size of [1, 7, 60, 1000]) {
  test(`reads all members whatever the chunks are: ${size} bytes`, async () => {
    assert.deepEqual(await members(streamed(archive, size)), expected);
  });
}

test('reads an open file', async () => {
  const handle = await open(put('a.ar', archive));

  const found = await members(new FileSource({ handle, size: archive.length }, new AbortController().signal));

  await handle.close();
  assert.deepEqual(found, expected);
});

test('passes over what nobody reads, and over the rest of what was read in part', async () => {
  const found: (readonly [number, string])[] = [];
  for await (const { offset, content } of readAr(streamed(archive), { what: 'x.deb' })) {
    found.push([offset, (await content.chunk(1)).toString()]);
  }

  assert.deepEqual(found, [
    [8, '2'],
    [72, 'a'],
    [136, ''],
  ]);
});

test('a member has no bytes behind its end', async () => {
  for await (const { content, size } of readAr(streamed(archive), { what: 'x.deb' })) {
    const bytes = await readBytes(content, size + 100);

    assert.equal(bytes.length, size);
    assert.equal(await content.skip(5), 0);
  }
});

test('a name may end with a slash, and the padding of the last member may be missing', async () => {
  const bytes = patched(archiveOf([{ name: 'odd', content: Buffer.from('abc') }]), 8, 'odd/').subarray(0, -1);

  assert.deepEqual(await members(streamed(bytes)), [['odd', 'abc']]);
});

test('an archive may be empty', async () => {
  assert.deepEqual(await members(streamed('!<arch>\n')), []);
});

const malformed: readonly (readonly [why: string, bytes: Buffer, message: RegExp])[] = [
  ['nothing', Buffer.alloc(0), /^x\.deb: it is not an ar archive \(at byte 0\)$/],
  ['another magic', patched(archive, 0, '!<thin>\n'), /it is not an ar archive \(at byte 0\)$/],
  ['a short magic', archive.subarray(0, 7), /it is not an ar archive/],
  ['a short header', archive.subarray(0, 100), /ends within the header of a member \(at byte 72\)$/],
  [
    'a short member',
    archive.subarray(0, 70),
    /ends within debian-binary, after 2 of 4 bytes \(at byte 70\)$/,
  ],
  ['no mark', patched(archive, 66, 'xx'), /the header of a member is malformed \(at byte 8\)$/],
  ['a negative size', patched(archive, 56, '-4        '), /the size of a member is malformed \(at byte 8\)$/],
  ['a size of blanks', patched(archive, 56, '          '), /the size of a member is malformed/],
  ['a hexadecimal size', patched(archive, 56, '0x4       '), /the size of a member is malformed/],
  ['a size beyond the end', patched(archive, 56, '9999999999'), /ends within debian-binary/],
  ['a table of long names', patched(archive, 8, '//              '), /"\/\/" is not the plain name/],
  ['a long name of GNU', patched(archive, 8, '/12             '), /"\/12" is not the plain name/],
  ['a long name of BSD', patched(archive, 8, '#1/20           '), /"#1\/20" is not the plain name/],
  ['no name', patched(archive, 8, '                '), /"" is not the plain name/],
  ['a name with NUL', patched(archive, 8, 'a\0              '), /is not the plain name/],
  ['a name with a blank', patched(archive, 8, 'a b             '), /is not the plain name/],
  ['a name with a directory', patched(archive, 8, '../control.tar  '), /is not the plain name/],
];

for (const [why, bytes, message] of malformed) {
  test(`refuses ${why}`, async () => {
    await assert.rejects(members(streamed(bytes)), { code: 'E_DEB_FORMAT', message });
  });
}

test('refuses too many members', async () => {
  const many = archiveOf(Array.from({ length: 5 }, () => ({ name: 'x', content: Buffer.alloc(0) })));

  assert.equal((await members(streamed(many), 5)).length, 5);
  await assert.rejects(members(streamed(many), 4), {
    code: 'E_DEB_FORMAT',
    message: /more than 4 members \(at byte 248\)/,
  });
});

function patched(bytes: Buffer, at: number, text: string): Buffer {
  const copy = Buffer.from(bytes);
  copy.write(text, at, 'latin1');
  return copy;
}
