import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Oddity, readParagraphs } from '../../../src/deb/index-reader.ts';
import { inChunks } from '../../support/chunks.ts';

const text = '\n\nA: 1\n\nB: 2\n x\n\n\n\nC: 3\n';
const paragraphs = ['A: 1', 'B: 2\n x', 'C: 3'];

async function read(bytes: string, size = 7, maxParagraphBytes?: number): Promise<readonly string[]> {
  const options = { what: 'Packages', ...(maxParagraphBytes === undefined ? {} : { maxParagraphBytes }) };
  const found: string[] = [];
  for await (const batch of readParagraphs(inChunks(bytes, size), options)) {
    assert.notEqual(batch.length, 0);
    found.push(...batch.map(String));
  }
  return found;
}

for (const size of [1, 2, 3, 5, 8, 1000]) {
  test(`yields the paragraphs whatever the chunks are: ${size} bytes`, async () => {
    assert.deepEqual(await read(text, size), paragraphs);
  });
}

for (const end of ['', '\n', '\n\n', '\n\n\n\n']) {
  test(`the last paragraph may end with ${JSON.stringify(end)}`, async () => {
    assert.deepEqual(await read(`A: 1\n\nB: 2${end}`), ['A: 1', 'B: 2']);
  });
}

for (const empty of ['', '\n', '\n\n\n\n\n']) {
  test(`${JSON.stringify(empty)} has no paragraph`, async () => {
    assert.deepEqual(await read(empty, 2), []);
  });
}

test('a line of blanks is no end of a paragraph, as for apt', async () => {
  assert.deepEqual(await read('A: 1\n \nB: 2\n'), ['A: 1\n \nB: 2']);
});

test('a paragraph is a part of its chunk, or has memory of its own when it reaches over several', async () => {
  const chunks = ['A: 1\n\nB: 2\n\nC: ', '3\n\nD: 4\n\n'].map((part) => new Uint8Array(Buffer.from(part)));
  const source = (async function* () {
    yield* chunks;
  })();

  const held = [];
  for await (const batch of readParagraphs(source, { what: 'Packages' })) held.push(...batch);

  const owners = held.map(({ buffer }) => chunks.findIndex((chunk) => chunk.buffer === buffer));
  assert.deepEqual(held.map(String), ['A: 1', 'B: 2', 'C: 3', 'D: 4']);
  assert.deepEqual(owners, [0, 0, -1, 1]);
  assert.equal(held[2]?.buffer.byteLength, 4);
});

test('batches of a huge chunk are bounded', async () => {
  const source = inChunks('A: 1\n\n'.repeat(5000), 10 ** 6);

  const sizes = [];
  for await (const batch of readParagraphs(source, { what: 'Packages' })) sizes.push(batch.length);

  assert.deepEqual(sizes, [1024, 1024, 1024, 1024, 904]);
});

for (const size of [1, 16, 10_000]) {
  test(`accepts a paragraph of the largest size and refuses one byte more: chunks of ${size}`, async () => {
    const largest = `A: ${'x'.repeat(97)}`;

    assert.deepEqual(await read(`${largest}\n\n`, size, 100), [largest]);
    await assert.rejects(read(`A: 1\n\n${largest}x\n\n`, size, 100), {
      code: 'E_INDEX_SYNTAX',
      message: 'Packages: a paragraph has more than 100 bytes',
    });
  });
}

test('an endless paragraph is refused before it ends', async () => {
  let taken = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      taken += 65_536;
      yield Buffer.alloc(65_536, 'x');
    }
  }
  const reader = readParagraphs(endless(), { what: 'Packages' });

  await assert.rejects(drain(reader), { code: 'E_INDEX_SYNTAX' });

  assert.ok(taken <= 2 * 2 ** 20 + 2 * 65_536);
});

test('errors of the source come through', async () => {
  const broken = new Error('connection lost');
  async function* source(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('A: 1\n\nB');
    throw broken;
  }

  await assert.rejects(drain(readParagraphs(source(), { what: 'Packages' })), broken);
});

async function drain(reader: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of reader);
}

async function readWithOddities(
  bytes: string,
  size: number,
  maxParagraphBytes = 1000,
): Promise<{ readonly found: readonly string[]; readonly odd: readonly Oddity[] }> {
  const odd: Oddity[] = [];
  const options = { what: 'Packages', maxParagraphBytes, onOdd: (one: Oddity) => void odd.push(one) };
  const found: string[] = [];
  for await (const batch of readParagraphs(inChunks(bytes, size), options)) found.push(...batch.map(String));
  return { found, odd };
}

for (const size of [1, 2, 3, 5, 8, 1000]) {
  test(`CR LF ends lines and paragraphs, told once: ${size} bytes`, async () => {
    const { found, odd } = await readWithOddities(text.replaceAll('\n', '\r\n'), size);

    assert.deepEqual(found, paragraphs);
    assert.deepEqual(
      odd.map(({ message, isLeftOut }) => [message, isLeftOut]),
      [['Packages: 10 lines end in CR LF; read as if they did not', false]],
    );
  });

  test(`a CR within a line stays: ${size} bytes`, async () => {
    const { found, odd } = await readWithOddities('A: x\ry\r\r\n\nB: 1\n', size);

    assert.deepEqual(found, ['A: x\ry\r', 'B: 1']);
    assert.equal(odd.length, 1);
  });

  test(`a paragraph over the limit is passed over where somebody is told: ${size} bytes`, async () => {
    const long = `Package: big\nX: ${'x'.repeat(200)}`;

    const middle = await readWithOddities(`A: 1\n\n${long}\n\nB: 2\n`, size, 100);
    const last = await readWithOddities(`A: 1\n\n${long}`, size, 100);

    assert.deepEqual(middle.found, ['A: 1', 'B: 2']);
    assert.deepEqual(last.found, ['A: 1']);
    assert.equal(middle.odd.length, 1);
    assert.match(
      middle.odd[0]?.message ?? '',
      /begins with "Package: big" has more than 100 bytes; left out/,
    );
    assert.equal(last.odd[0]?.isLeftOut, true);
  });
}
