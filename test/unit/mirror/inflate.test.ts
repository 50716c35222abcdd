import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { compressXz } from '../../../src/deb/xz.ts';
import { type Compression, compressions, inflateIndex } from '../../../src/mirror/inflate.ts';
import { compressBzip2 } from '../../../src/publish/bzip2.ts';
import { collect } from '../../support/collect.ts';

const text = 'Package: a\n\nPackage: b\n';

async function inflated(
  chunks: readonly Uint8Array[],
  form: Compression = 'gz',
  plainBytes?: number,
): Promise<string> {
  async function* body(): AsyncGenerator<Uint8Array> {
    yield* chunks;
  }
  const signal = new AbortController().signal;
  const inflation = { what: 'Packages.gz', maxBytes: 1000, plainBytes, signal };
  return await inflateIndex(body(), form, inflation, async (plain) =>
    Buffer.concat(await collect(plain)).toString(),
  );
}

test('a gz that is not compressed is taken as it is, as apt takes it', async () => {
  assert.equal(await inflated([Buffer.from(text)]), text);
  assert.equal(await inflated([Buffer.from(text.slice(0, 1)), Buffer.from(text.slice(1))]), text);
  assert.equal(await inflated([Buffer.from('P')]), 'P');
});

test('a gz that is compressed is inflated in whatever chunks it comes', async () => {
  const bytes = gzipSync(text);

  assert.equal(await inflated([bytes]), text);
  assert.equal(await inflated(Array.from(bytes, (byte) => Uint8Array.of(byte))), text);
  await assert.rejects(inflated([bytes.subarray(0, 20)]), { code: 'E_DECOMPRESS' });
});

test('no bytes are an empty index, whatever they are called', async () => {
  for (const form of compressions) {
    assert.equal(await inflated([], form), '', form);
    assert.equal(await inflated([Buffer.alloc(0)], form), '', form);
  }
});

const garbage = Buffer.from('garbage here and more of it');

test('what follows the promised bytes does not count where apt reads no further', async () => {
  const xz = await compressXz(Buffer.from(text));
  const bz2 = await compressBzip2([Buffer.from(text)], new AbortController().signal);
  for (const [form, bytes] of [
    ['xz', xz],
    ['bz2', bz2],
  ] as const) {
    for (const behind of [garbage, Buffer.from('x'), Buffer.alloc(3), bytes, bytes.subarray(0, -4)]) {
      assert.equal(await inflated([Buffer.concat([bytes, behind])], form, text.length), text, form);
      assert.equal(await inflated([bytes, behind], form, text.length), text, form);
    }
    await assert.rejects(inflated([bytes.subarray(0, -30)], form, text.length), { code: 'E_DECOMPRESS' });
  }
  await assert.rejects(inflated([xz, garbage], 'xz'), { code: 'E_DECOMPRESS' });
});

test('the whole body is read, whatever does not count', async () => {
  const xz = await compressXz(Buffer.from(text));
  let read = 0;
  async function* body(): AsyncGenerator<Uint8Array> {
    for (const chunk of [xz, ...Array.from({ length: 300 }, () => garbage)]) {
      read += 1;
      yield chunk;
    }
  }
  const inflation = { what: 'Packages.xz', maxBytes: 1000, plainBytes: text.length } as const;

  await inflateIndex(body(), 'xz', { ...inflation, signal: new AbortController().signal }, collect);

  assert.equal(read, 301);
});

test('a fault of the body is told, also behind the promised bytes', async () => {
  const xz = await compressXz(Buffer.from(text));
  async function* body(): AsyncGenerator<Uint8Array> {
    yield xz;
    throw new Error('the line is cut');
  }
  const inflation = { what: 'Packages.xz', maxBytes: 1000, plainBytes: text.length } as const;

  await assert.rejects(
    inflateIndex(body(), 'xz', { ...inflation, signal: new AbortController().signal }, collect),
    { message: 'the line is cut' },
  );
});

test('zstd frames are read one after the other, and nothing else behind them, as apt does', async () => {
  const frame = zstdCompressSync(text);
  const skippable = Buffer.from('502a4d180400000061626364', 'hex');
  const all = Buffer.concat([skippable, frame, zstdCompressSync(''), frame, skippable]);

  assert.equal(await inflated([all], 'zst'), text + text);
  assert.equal(
    await inflated(
      Array.from(all, (byte) => Uint8Array.of(byte)),
      'zst',
    ),
    text + text,
  );
  for (const behind of [Buffer.alloc(1), garbage, frame.subarray(0, -2), frame.subarray(0, 3)])
    await assert.rejects(inflated([Buffer.concat([frame, behind])], 'zst'), { code: 'E_DECOMPRESS' });
});
