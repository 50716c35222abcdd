import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bunzip2 } from '../../../src/deb/bunzip2.ts';
import { inChunks } from '../../support/chunks.ts';
import { collect } from '../../support/collect.ts';

/** `printf hello | bzip2 | base64` and the like. */
const samples = {
  empty: ['QlpoORdyRThQkAAAAAA=', ''],
  hello: ['QlpoOTFBWSZTWRkxZT0AAACBAAJEoAAhmmgzTQczi7kinChIDJiynoA=', 'hello'],
  zeros: ['QlpoOTFBWSZTWaZFgLIAFvpACMAAQAAACCAAMMwJqmmpAi2pIEXi7kinChIUyLAWQA==', '\0'.repeat(3_000_000)],
  runs: [
    'QlpoOTFBWSZTWQjM5YgAAANBAOAAOAAACCAAMMAGT1PUClSreSTxdyRThQkAjM5YgA==',
    `${'a'.repeat(4)}${'b'.repeat(5)}${'c'.repeat(260)}`,
  ],
} as const;

async function inflated(bytes: Buffer, size = 10): Promise<string> {
  return Buffer.concat(await collect(bunzip2(inChunks(bytes, size), 'data.tar.bz2'))).toString();
}

const bytesOf = (sample: keyof typeof samples): Buffer => Buffer.from(samples[sample][0], 'base64');

for (const sample of Object.keys(samples) as readonly (keyof typeof samples)[]) {
  test(`inflates ${sample}`, async () => {
    assert.ok((await inflated(bytesOf(sample))) === samples[sample][1]);
  });
}

test('inflates streams one after the other', async () => {
  const bytes = Buffer.concat([bytesOf('hello'), bytesOf('empty'), bytesOf('hello')]);

  assert.equal(await inflated(bytes, 1), 'hellohello');
});

test('gives a bomb in small pieces', async () => {
  const bombs = Buffer.concat(Array.from({ length: 2000 }, () => bytesOf('zeros')));
  let size = 0;
  for await (const piece of bunzip2(inChunks(bombs, bombs.length), 'bomb')) {
    assert.ok(piece.length <= 65_536);
    size += piece.length;
    if (size > 1_000_000) break;
  }

  assert.ok(size < 1_100_000);
});

test('refuses every cut', async () => {
  const bytes = bytesOf('hello');
  for (let end = 0; end < bytes.length; end += 1) {
    await assert.rejects(inflated(bytes.subarray(0, end)), { code: 'E_DEB_FORMAT' });
  }
});

test('refuses every changed bit but those of padding', async () => {
  const bytes = bytesOf('hello');
  let accepted = 0;
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const outcome: unknown = await inflated(changed).catch((error: { code: string }) => error.code);
    if (outcome !== 'E_DEB_FORMAT') {
      assert.equal(outcome, 'hello');
      accepted += 1;
    }
  }

  assert.ok(accepted < 24, `${accepted} changes make no difference`);
});

test('passes over what follows that is no bzip2', async () => {
  for (const behind of ['garbage', '\0', 'B']) {
    const bytes = Buffer.concat([bytesOf('hello'), Buffer.from(behind)]);

    assert.equal(await inflated(bytes, 1), 'hello');
    assert.equal(await inflated(bytes, 1000), 'hello');
  }
});
