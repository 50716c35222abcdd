import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EspejoError } from '../../../src/core/errors.ts';
import { collect } from '../../support/collect.ts';
import {
  assertSameBytes,
  failureOf,
  testFetcher,
  testJob,
  upstreamWithFile,
} from '../../support/fetching.ts';

const maxBytes = 1_000_000;

async function readAll(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await collect(body));
}

test('hands out the body and returns what the consumer made of it', async (t) => {
  const { url, bytes, facts } = await upstreamWithFile(t);

  const result = await testFetcher(t).stream({ urls: [url], maxBytes, expected: facts }, testJob(), readAll);

  assertSameBytes(result, bytes);
});

test('a result over wrong bytes does not count: the consumer runs afresh', async (t) => {
  const { upstream, url, bytes, facts } = await upstreamWithFile(t);
  upstream.fault('/file', { kind: 'wrong-bytes' }, 1);
  let runs = 0;

  const result = await testFetcher(t).stream(
    { urls: [url], maxBytes, expected: facts },
    testJob(),
    async (body) => {
      runs += 1;
      return await readAll(body);
    },
  );

  assert.equal(runs, 2);
  assertSameBytes(result, bytes);
});

test('a consumer that stops early is judged by the whole body', async (t) => {
  const { upstream, url, facts } = await upstreamWithFile(t);
  upstream.fault('/file', { kind: 'wrong-bytes' });
  const firstByte = async (body: AsyncIterable<Uint8Array>): Promise<number> => {
    for await (const chunk of body) return chunk[0] ?? -1;
    return -1;
  };

  const error = await failureOf(
    testFetcher(t).stream({ urls: [url], maxBytes, expected: facts }, testJob(), firstByte),
  );

  assert.equal(error.code, 'E_DIGEST_MISMATCH');
});

test('an error of the consumer over wrong bytes is the fault of the bytes, and tried again', async (t) => {
  const { upstream, url, bytes, facts } = await upstreamWithFile(t);
  upstream.fault('/file', { kind: 'wrong-bytes' }, 1);

  const result = await testFetcher(t).stream(
    { urls: [url], maxBytes, expected: facts },
    testJob(),
    async (body) => {
      for await (const chunk of body) {
        if (chunk[1] !== bytes[1]) throw new EspejoError('E_DECOMPRESS', 'damaged');
        return 'fine';
      }
      return 'empty';
    },
  );

  assert.equal(result, 'fine');
  assert.equal(upstream.count(), 2);
});

test('an error of the consumer over right bytes is final', async (t) => {
  const { upstream, url, facts } = await upstreamWithFile(t);

  const error = await failureOf(
    testFetcher(t).stream({ urls: [url, url], maxBytes, expected: facts }, testJob(), async () => {
      throw new EspejoError('E_FETCH_NETWORK', 'mine, although it looks like the network');
    }),
  );

  assert.equal(error.message, 'mine, although it looks like the network');
  assert.equal(upstream.count(), 1);
});

test('a bug of the consumer comes out as it is', async (t) => {
  const { url } = await upstreamWithFile(t);

  const streaming = testFetcher(t).stream({ urls: [url], maxBytes }, testJob(), async () => {
    throw new TypeError('bug');
  });

  await assert.rejects(streaming, new TypeError('bug'));
});

test('a cut body is an error even when the consumer had enough', async (t) => {
  const { upstream, url } = await upstreamWithFile(t);
  upstream.fault('/file', { kind: 'cut', after: 1000 });

  const error = await failureOf(
    testFetcher(t).stream({ urls: [url], maxBytes }, testJob(), async () => 'enough'),
  );

  assert.equal(error.code, 'E_FETCH_NETWORK');
});

test('an abort reaches a consumer that waits for bytes', async (t) => {
  const { upstream, url } = await upstreamWithFile(t);
  upstream.fault('/file', { kind: 'stall', after: 1000 });
  const controller = new AbortController();

  const error = await failureOf(
    testFetcher(t).stream({ urls: [url, url], maxBytes }, testJob(controller.signal), async (body) => {
      for await (const chunk of body) if (chunk.length > 0) controller.abort();
      return 'never';
    }),
  );

  assert.equal(error.code, 'E_ABORTED');
  assert.equal(upstream.count(), 1);
});
