import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { unlz4 } from '../../../src/deb/lz4.ts';
import { inChunks } from '../../support/chunks.ts';
import { collect } from '../../support/collect.ts';

const text = 'Package: a\nVersion: 1\n\nPackage: b\nVersion: 1\n\n';
const long = Array.from({ length: 20_000 }, (_, at) => `Package: p${at % 7}\n\n`).join('');

/** Made by lz4 1.9.4, `lz4 -9` and what the comments say. */
const samples = {
  plain: ['BCJNGGRApyUAAAD1CFBhY2thZ2U6IGEKVmVyc2lvbjogMQoKFwAUYhcAUDogMQoKAAAAAFx+0dY=', text],
  // -BX --content-size
  checked: ['BCJNGHRAvSUAAAD1CFBhY2thZ2U6IGEKVmVyc2lvbjogMQoKFwAUYhcAUDogMQoK2mUuOAAAAABcftHW', text],
  empty: ['BCJNGGRApwAAAAAFXcwC', ''],
  // -BD -B4 -BX, then gzip: blocks that refer to those before
  linked: [gunzipped(), long],
} as const;

function gunzipped(): string {
  const packed =
    'H4sIAAAAAAACA2NR8pUIcVhnyMjAcC0gMTk7MT3VSqHAgIuLl0HCEIiNgNgYiE2A2JSXwd6Miyua4f8IB70BXFzAwPL6+fAuFzDg+EdD5AUk7dyV2tw/GiKwEAFlJSlV7TymkR0iDQHgAuXQtu88DEDguU9hIwDlwhM1dgQAAA==';
  return gunzipSync(Buffer.from(packed, 'base64')).toString('base64');
}

const bytesOf = (sample: keyof typeof samples): Buffer => Buffer.from(samples[sample][0], 'base64');

const skippable = Buffer.from('502a4d180400000061626364', 'hex');

async function inflated(bytes: Uint8Array, size = 10): Promise<string> {
  return Buffer.concat(await collect(unlz4(inChunks(bytes, size), 'Packages.lz4'))).toString();
}

describe('unlz4', () => {
  for (const sample of Object.keys(samples) as readonly (keyof typeof samples)[]) {
    test(`inflates ${sample}`, async () => {
      assert.ok((await inflated(bytesOf(sample))) === samples[sample][1]);
      assert.ok((await inflated(bytesOf(sample), 1_000_000)) === samples[sample][1]);
    });
  }

  test('inflates frames one after the other, and passes over those that can be skipped', async () => {
    const bytes = Buffer.concat([
      skippable,
      bytesOf('plain'),
      bytesOf('empty'),
      skippable,
      bytesOf('checked'),
    ]);

    assert.equal(await inflated(bytes, 3), text + text);
  });

  test('refuses every cut', async () => {
    for (const sample of ['plain', 'checked'] as const) {
      const bytes = bytesOf(sample);
      for (let end = 0; end < bytes.length; end += 1)
        await assert.rejects(inflated(bytes.subarray(0, end)), { code: 'E_DEB_FORMAT' }, `${end}`);
    }
  });

  test('refuses every changed bit', async () => {
    const bytes = bytesOf('checked');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      await assert.rejects(inflated(changed), { code: 'E_DEB_FORMAT' }, `bit ${bit}`);
    }
  });

  test('refuses the old format, what is no frame, and a block larger than its frame allows', async () => {
    const wrong = {
      legacy: Buffer.from('AiFMGCUAAAD1CFBhY2thZ2U6IGEKVmVyc2lvbjogMQoKFwAUYhcAUDogMQoK', 'base64'),
      text: Buffer.from(text),
      behind: Buffer.concat([bytesOf('plain'), Buffer.from('garbage')]),
      large: Buffer.concat([
        bytesOf('plain').subarray(0, 7),
        Buffer.from('01000100', 'hex'),
        Buffer.alloc(99_999),
      ]),
    };
    for (const [name, bytes] of Object.entries(wrong))
      await assert.rejects(inflated(bytes), { code: 'E_DEB_FORMAT' }, name);
  });

  test('holds no more than a block of what inflates to much', async () => {
    const token = Buffer.concat([
      Buffer.from([0x1f, 0x61, 1, 0]),
      Buffer.alloc(250, 255),
      Buffer.from([150, 0x50, 1, 2, 3, 4, 5]),
    ]);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(token.length);
    const header = bytesOf('plain').subarray(0, 7);
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield header.subarray(0, 4);
      yield Buffer.from([0x60, 0x40, 0x82]);
      for (;;) yield Buffer.concat([length, token]);
    }
    let size = 0;

    for await (const piece of unlz4(endless(), 'bomb')) {
      assert.ok(piece.length <= 65_536);
      size += piece.length;
      if (size > 1_000_000) break;
    }

    assert.ok(size < 1_100_000);
  });
});
