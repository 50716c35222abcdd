import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ErrorCode } from '../../src/core/error-codes.ts';
import { failureOf, testFetcher, testJob, testUpstream, upstreamWithFile } from '../support/fetching.ts';
import type { Fault } from '../support/upstream.ts';

const maxBytes = 300_000;

type Case = {
  readonly fault: Fault;
  readonly code: ErrorCode;
  /** Requests that are made with two retries. */
  readonly requests: number;
};

const withFacts: readonly Case[] = [
  { fault: { kind: 'refuse' }, code: 'E_FETCH_NETWORK', requests: 3 },
  { fault: { kind: 'cut', after: 0 }, code: 'E_FETCH_NETWORK', requests: 3 },
  { fault: { kind: 'cut', after: 1000 }, code: 'E_FETCH_NETWORK', requests: 3 },
  { fault: { kind: 'wrong-bytes' }, code: 'E_DIGEST_MISMATCH', requests: 2 },
  { fault: { kind: 'wrong-length', length: 100 }, code: 'E_SIZE_MISMATCH', requests: 2 },
  { fault: { kind: 'wrong-length', length: 250_000 }, code: 'E_SIZE_MISMATCH', requests: 2 },
  { fault: { kind: 'unannounced', after: 1000 }, code: 'E_SIZE_MISMATCH', requests: 2 },
  { fault: { kind: 'endless' }, code: 'E_SIZE_MISMATCH', requests: 2 },
  { fault: { kind: 'status', status: 500 }, code: 'E_FETCH_STATUS', requests: 3 },
  { fault: { kind: 'status', status: 403 }, code: 'E_FETCH_STATUS', requests: 1 },
  { fault: { kind: 'status', status: 206 }, code: 'E_FETCH_STATUS', requests: 1 },
  { fault: { kind: 'status', status: 204 }, code: 'E_FETCH_STATUS', requests: 1 },
  { fault: { kind: 'status', status: 404 }, code: 'E_FETCH_NOT_FOUND', requests: 1 },
];

const withoutFacts: readonly Case[] = [
  { fault: { kind: 'wrong-length', length: 250_000 }, code: 'E_FETCH_NETWORK', requests: 3 },
  { fault: { kind: 'wrong-length', length: 400_000 }, code: 'E_SIZE_LIMIT', requests: 1 },
  { fault: { kind: 'endless' }, code: 'E_SIZE_LIMIT', requests: 1 },
];

describe('a file with known size and digest', () => {
  for (const { fault, code, requests } of withFacts) {
    test(`${JSON.stringify(fault)} is ${code}`, async (t) => {
      const { upstream, url, facts } = await upstreamWithFile(t);
      upstream.fault('/file', fault);
      const fetcher = testFetcher(t, { retries: 2 });

      const error = await failureOf(fetcher.document({ urls: [url], maxBytes, expected: facts }, testJob()));

      assert.equal(error.code, code);
      assert.equal(upstream.count(), requests);
    });
  }
});

describe('a file of which only the largest size is known', () => {
  for (const { fault, code, requests } of withoutFacts) {
    test(`${JSON.stringify(fault)} is ${code}`, async (t) => {
      const { upstream, url } = await upstreamWithFile(t);
      upstream.fault('/file', fault);
      const fetcher = testFetcher(t, { retries: 2 });

      const error = await failureOf(fetcher.document({ urls: [url], maxBytes }, testJob()));

      assert.equal(error.code, code);
      assert.equal(upstream.count(), requests);
    });
  }
});

test('of an endless body not more than the cap is handed on', async (t) => {
  const { upstream, url } = await upstreamWithFile(t);
  upstream.fault('/file', { kind: 'endless' });
  let handed = 0;

  const error = await failureOf(
    testFetcher(t).stream({ urls: [url], maxBytes: 100_000 }, testJob(), async (body) => {
      for await (const chunk of body) handed += chunk.length;
    }),
  );

  assert.equal(error.code, 'E_SIZE_LIMIT');
  assert.ok(handed <= 100_000);
});

test('an announced excess is refused before a byte is read', async (t) => {
  const { url } = await upstreamWithFile(t);
  const fetcher = testFetcher(t);

  const error = await failureOf(fetcher.document({ urls: [url], maxBytes: 1000 }, testJob()));

  assert.equal(error.code, 'E_SIZE_LIMIT');
  assert.equal(fetcher.counters.bytes, 0);
});

for (const fault of [{ kind: 'stall' }, { kind: 'stall', after: 1000 }] as const) {
  test(`${JSON.stringify(fault)} is a timeout`, async (t) => {
    const { upstream, url, facts } = await upstreamWithFile(t);
    upstream.fault('/file', fault);
    const fetcher = testFetcher(t, { retries: 0, timeoutSeconds: 0.1 });

    const error = await failureOf(fetcher.document({ urls: [url], maxBytes, expected: facts }, testJob()));

    assert.equal(error.code, 'E_FETCH_TIMEOUT');
  });
}

test('headers without end are refused', async (t) => {
  const upstream = await testUpstream(t);
  upstream.files.set('/file', (_request, response) => {
    response.writeHead(200, { 'x-long': 'x'.repeat(100_000) }).end('body');
  });

  const error = await failureOf(
    testFetcher(t, { retries: 0 }).document({ urls: [`${upstream.url}file`], maxBytes }, testJob()),
  );

  assert.equal(error.code, 'E_FETCH_NETWORK');
});

test('what is no HTTP is a network error', async (t) => {
  const upstream = await testUpstream(t);
  upstream.files.set('/file', (request) => {
    request.socket.end('SSH-2.0-OpenSSH_9.0\r\n');
  });

  const error = await failureOf(
    testFetcher(t, { retries: 0 }).document({ urls: [`${upstream.url}file`], maxBytes }, testJob()),
  );

  assert.equal(error.code, 'E_FETCH_NETWORK');
});

test('validators with control characters or of great length are not kept', async (t) => {
  const upstream = await testUpstream(t);
  upstream.files.set('/file', (_request, response) => {
    response.writeHead(200, { etag: `"${'x'.repeat(5000)}"`, 'last-modified': 'caf\u00e9' }).end('body');
  });

  const result = await testFetcher(t).document({ urls: [`${upstream.url}file`], maxBytes }, testJob());

  assert.deepEqual(result.kind === 'document' && result.validators, {});
});

test('an encoding that nobody asked for is not undone: the bytes are the bytes', async (t) => {
  const upstream = await testUpstream(t);
  upstream.files.set('/file', (_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end('not gzip');
  });

  const result = await testFetcher(t).document({ urls: [`${upstream.url}file`], maxBytes }, testJob());

  assert.equal(result.kind === 'document' && result.bytes.toString(), 'not gzip');
});
