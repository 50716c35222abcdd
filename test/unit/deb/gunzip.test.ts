import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { gunzip } from '../../../src/deb/gunzip.ts';
import { inChunks } from '../../support/chunks.ts';
import { collect } from '../../support/collect.ts';

const text = 'Package: a\n\n'.repeat(100);
const member = gzipSync(text);

async function inflated(bytes: Uint8Array, size: number): Promise<string> {
  return Buffer.concat(await collect(gunzip(inChunks(bytes, size), 'Packages.gz'))).toString();
}

/** A header with all that it may have, in front of the data of {@link member}. */
function withHeader(): Buffer {
  const fixed = Buffer.from(member.subarray(0, 10));
  fixed[3] = 2 | 4 | 8 | 16;
  return Buffer.concat([fixed, Buffer.from('\x03\0abcname\0a comment\0cc', 'latin1'), member.subarray(10)]);
}

describe('gunzip', () => {
  const behind = {
    nothing: Buffer.alloc(0),
    'one zero': Buffer.alloc(1),
    zeros: Buffer.alloc(512),
    'one byte': Buffer.from('x'),
    text: Buffer.from('garbage here and more of it'),
    'half a magic number': Buffer.from([0x1f]),
    'zeros, then a member': Buffer.concat([Buffer.alloc(8), member]),
    much: Buffer.alloc(300_000, 'much'),
  };
  for (const [name, bytes] of Object.entries(behind)) {
    test(`passes over ${name} behind the last member`, async () => {
      for (const size of [1, 7, member.length, 1_000_000]) {
        if (size === 1 && bytes.length > 1000) continue;
        assert.equal(await inflated(Buffer.concat([member, bytes]), size), text, `in pieces of ${size}`);
      }
    });
  }

  test('inflates members one after the other, however they are cut', async () => {
    const bytes = Buffer.concat([gzipSync(''), member, withHeader(), member]);

    for (const size of [1, 5, 40, 1_000_000]) assert.equal(await inflated(bytes, size), text.repeat(3));
  });

  test('inflates thousands of members in one piece', async () => {
    const bytes = Buffer.concat(Array.from({ length: 3000 }, () => member));

    assert.equal((await inflated(bytes, bytes.length)).length, 3000 * text.length);
  });

  test('refuses every cut, of the second member, too', async () => {
    const bytes = Buffer.concat([member, withHeader()]);
    for (let end = 0; end < bytes.length; end += 1) {
      if (end === member.length || end === member.length + 1) continue;
      await assert.rejects(inflated(bytes.subarray(0, end), 50), { code: /^(E_DEB_FORMAT|Z_BUF_ERROR)$/ });
    }
  });

  test('refuses a wrong checksum and a wrong size', async () => {
    for (const at of [-8, -1]) {
      const changed = Buffer.from(member);
      changed.writeUInt8(changed.readUInt8(changed.length + at) ^ 1, changed.length + at);
      await assert.rejects(inflated(changed, 1000), { code: 'E_DEB_FORMAT' });
    }
  });

  test('tells what its source throws', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield member.subarray(0, 20);
      throw new Error('the line is cut');
    }

    await assert.rejects(collect(gunzip(broken(), 'Packages.gz')), { message: 'the line is cut' });
  });
});
