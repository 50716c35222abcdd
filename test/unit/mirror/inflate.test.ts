import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type Compression, inflateIndex } from '../../../src/mirror/inflate.ts';
import { collect } from '../../support/collect.ts';

const text = 'Package: a\n\nPackage: b\n';

async function inflated(chunks: readonly Uint8Array[], form: Compression = 'gz'): Promise<string> {
  async function* body(): AsyncGenerator<Uint8Array> {
    yield* chunks;
  }
  const signal = new AbortController().signal;
  const inflation = { what: 'Packages.gz', maxBytes: 1000, signal };
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
  for (const form of ['gz', 'xz', 'bz2', 'zst', 'lzma', 'none'] as const) {
    assert.equal(await inflated([], form), '', form);
    assert.equal(await inflated([Buffer.alloc(0)], form), '', form);
  }
});
