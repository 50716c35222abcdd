import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  assertSameBytes,
  failureOf,
  sampleBytes,
  testFetcher,
  testJob,
  testUpstream,
  upstreamWithFile,
} from '../../support/fetching.ts';

const maxBytes = 1_000_000;

describe('document', () => {
  test('gives bytes, URL and validators', async (t) => {
    const { url, bytes, facts } = await upstreamWithFile(t);
    const fetcher = testFetcher(t);

    const result = await fetcher.document({ urls: [url], maxBytes, expected: facts }, testJob());

    assert.ok(result.kind === 'document');
    assertSameBytes(result.bytes, bytes);
    assert.equal(result.url, url);
    assert.match(result.validators.etag ?? '', /^"[0-9a-f]{16}"$/);
    assert.equal(result.validators.lastModified, 'Thu, 21 Apr 2016 23:23:46 GMT');
  });

  test('an unchanged one is not sent again', async (t) => {
    const { upstream, url } = await upstreamWithFile(t);
    const fetcher = testFetcher(t);
    const first = await fetcher.document({ urls: [url], maxBytes }, testJob());
    assert.ok(first.kind === 'document');
    upstream.forget();

    const second = await fetcher.document({ urls: [url], maxBytes, validators: first.validators }, testJob());

    assert.deepEqual(second, { kind: 'unmodified' });
    assert.deepEqual(
      upstream.requests.map((request) => [request.status, request.sentBytes]),
      [[304, 0]],
    );
  });

  test('Last-Modified alone is a validator, too', async (t) => {
    const { url } = await upstreamWithFile(t);
    const validators = { lastModified: 'Thu, 21 Apr 2016 23:23:46 GMT' };

    const result = await testFetcher(t).document({ urls: [url], maxBytes, validators }, testJob());

    assert.deepEqual(result, { kind: 'unmodified' });
  });

  test('a 304 that nobody asked for is an error', async (t) => {
    const { upstream, url } = await upstreamWithFile(t);
    upstream.fault('/file', { kind: 'status', status: 304 });

    const fetching = testFetcher(t).document({ urls: [url], maxBytes }, testJob());

    await assert.rejects(fetching, { code: 'E_FETCH_STATUS' });
  });

  test('sends user agent, identity encoding and + as %2b', async (t) => {
    const upstream = await testUpstream(t, { files: new Map([['/a+b', Buffer.from('x')]]) });

    await testFetcher(t).document({ urls: [`${upstream.url}a+b`], maxBytes }, testJob());

    const [request] = upstream.requests;
    assert.equal(request?.target, '/a%2bb');
    assert.equal(request?.headers['user-agent'], 'espejo-test/1');
    assert.equal(request?.headers['accept-encoding'], 'identity');
    assert.equal(request?.status, 200);
  });

  test('user information is sent as Basic authorization', async (t) => {
    const { upstream, url } = await upstreamWithFile(t);

    await testFetcher(t).document({ urls: [url.replace('//', '//user:word@')], maxBytes }, testJob());

    const expected = `Basic ${Buffer.from('user:word').toString('base64')}`;
    assert.equal(upstream.requests[0]?.headers.authorization, expected);
  });

  test('counts requests and bytes', async (t) => {
    const { url, bytes } = await upstreamWithFile(t);
    const fetcher = testFetcher(t);

    await fetcher.document({ urls: [url], maxBytes }, testJob());
    await fetcher.document({ urls: [url], maxBytes }, testJob());

    assert.deepEqual(fetcher.counters, { requests: 2, bytes: 2 * bytes.length });
  });

  test('an empty body is a document', async (t) => {
    const { url, facts } = await upstreamWithFile(t, Buffer.alloc(0));

    const result = await testFetcher(t).document({ urls: [url], maxBytes, expected: facts }, testJob());

    assert.equal(result.kind === 'document' && result.bytes.length, 0);
  });

  test('progress is reported rarely, not for every chunk', async (t) => {
    const { url, bytes } = await upstreamWithFile(t, sampleBytes(900_000));
    const job = testJob();

    await testFetcher(t, { now: () => 0 }).document({ urls: [url], maxBytes }, job);

    assert.deepEqual(job.events, [
      { type: 'fetch-start', url, bytes: undefined },
      { type: 'fetch-end', url, bytes: bytes.length },
    ]);
  });

  test('progress tells the bytes there so far', async (t) => {
    const { url, bytes, facts } = await upstreamWithFile(t);
    let now = 0;
    const job = testJob();

    await testFetcher(t, { now: () => (now += 1000) }).document(
      { urls: [url], maxBytes, expected: facts },
      job,
    );

    const steps = job.events.flatMap((event) => (event.type === 'fetch-progress' ? [event.bytes] : []));
    assert.ok(steps.length > 1);
    assert.equal(steps.at(-1), bytes.length);
    assert.deepEqual(
      steps,
      steps.toSorted((a, b) => a - b),
    );
  });

  test('a bandwidth limit makes the transfer wait', async (t) => {
    const { url, bytes } = await upstreamWithFile(t);
    const fetcher = testFetcher(t, { bandwidthBytesPerSecond: 100_000, now: () => 0 });

    await fetcher.document({ urls: [url], maxBytes }, testJob());

    assert.equal(Math.round(fetcher.waits.at(-1) ?? 0), ((bytes.length - 100_000) / 100_000) * 1000);
  });
});

describe('fail-over', () => {
  test('the second URL serves what the first does not have', async (t) => {
    const first = await testUpstream(t);
    const second = await upstreamWithFile(t);
    const fetcher = testFetcher(t);

    const result = await fetcher.document(
      { urls: [`${first.url}file`, second.url], maxBytes, expected: second.facts },
      testJob(),
    );

    assert.equal(result.kind === 'document' && result.url, second.url);
    assert.equal(first.count(), 1);
    assert.deepEqual(fetcher.waits, []);
  });

  test('a dead server is tried as often as allowed, then the next', async (t) => {
    const dead = await testUpstream(t);
    await dead.close();
    const alive = await upstreamWithFile(t);
    const fetcher = testFetcher(t, { retries: 2 });
    const job = testJob();

    const result = await fetcher.document({ urls: [`${dead.url}file`, alive.url], maxBytes }, job);

    assert.equal(result.kind, 'document');
    assert.deepEqual(fetcher.waits, [1000, 2000]);
    assert.deepEqual(
      job.events.flatMap((event) => (event.type === 'retry' ? [[event.attempt, event.waitMs]] : [])),
      [
        [1, 1000],
        [2, 2000],
      ],
    );
    assert.deepEqual(
      job.events.flatMap((event) => (event.type === 'next-url' ? [event.next] : [])),
      [alive.url],
    );
  });

  test('a dead server is not waited for again by the next file; after a minute it is asked once', async (t) => {
    const dead = await testUpstream(t);
    await dead.close();
    const alive = await upstreamWithFile(t);
    let now = 0;
    const fetcher = testFetcher(t, { retries: 1, now: () => now });
    const urls = [`${dead.url}file`, alive.url];
    const fetchOnce = async (): Promise<number> => {
      const { requests } = fetcher.counters;
      await fetcher.document({ urls, maxBytes }, testJob());
      return fetcher.counters.requests - requests;
    };

    const asked: number[] = [];
    for (const time of [0, 1, 59_000, 61_000, 62_000, 180_000, 181_000]) {
      now = time;
      asked.push(await fetchOnce());
    }

    assert.deepEqual(asked, [3, 1, 1, 2, 1, 1, 2]);
    assert.deepEqual(fetcher.waits, [1000]);
  });

  test('a dead server is not asked although no other has the file, which is not called missing', async (t) => {
    const other = await testUpstream(t);
    const { upstream, url } = await upstreamWithFile(t);
    upstream.fault('/file', { kind: 'refuse' }, 1);
    let now = 0;
    const fetcher = testFetcher(t, { retries: 0, now: () => now });
    const urls = [url, `${other.url}file`];
    await failureOf(fetcher.document({ urls, maxBytes }, testJob()));

    const error = await failureOf(fetcher.document({ urls, maxBytes }, testJob()));
    now = 61_000;
    const result = await fetcher.document({ urls, maxBytes }, testJob());

    assert.equal(error.code, 'E_FETCH_NETWORK');
    assert.match(
      error.message,
      /not asked for, because http:.* is down \(the connection was reset|not asked for/,
    );
    assert.equal(upstream.count(), 2);
    assert.equal(result.kind === 'document' && result.url, url);
  });

  test('is "not found" only when every URL says so', async (t) => {
    const upstream = await testUpstream(t);
    upstream.fault('/b', { kind: 'status', status: 410 });
    upstream.fault('/c', { kind: 'status', status: 403 });
    const urls = (...names: string[]) => names.map((name) => upstream.url + name);
    const fetcher = testFetcher(t);

    const missing = await failureOf(fetcher.document({ urls: urls('a', 'b'), maxBytes }, testJob()));
    const forbidden = await failureOf(fetcher.document({ urls: urls('c', 'a'), maxBytes }, testJob()));

    assert.equal(missing.code, 'E_FETCH_NOT_FOUND');
    assert.equal(forbidden.code, 'E_FETCH_STATUS');
  });

  test('the error lists each URL with its failure, without credentials', async (t) => {
    const upstream = await testUpstream(t);
    upstream.fault('/b', { kind: 'status', status: 403 });
    const secret = upstream.url.replace('//', '//user:secret@');

    const error = await failureOf(
      testFetcher(t).document({ urls: [`${secret}a?key=secret`, `${secret}b`], maxBytes }, testJob()),
    );

    const redacted = upstream.url.replace('//', '//***@');
    assert.deepEqual(error.context['attempts'], [
      {
        url: `${redacted}a?***`,
        code: 'E_FETCH_NOT_FOUND',
        message: `${redacted}a?***: HTTP 404 Not Found`,
      },
      { url: `${redacted}b`, code: 'E_FETCH_STATUS', message: `${redacted}b: HTTP 403 Forbidden` },
    ]);
    assert.doesNotMatch(JSON.stringify([error.message, error.context, error.cause]), /secret/);
  });
});

describe('retry', () => {
  test('503 with Retry-After is waited for', async (t) => {
    const { upstream, url } = await upstreamWithFile(t);
    upstream.fault('/file', { kind: 'status', status: 503, retryAfter: '7' }, 2);
    const fetcher = testFetcher(t);

    const result = await fetcher.document({ urls: [url], maxBytes }, testJob());

    assert.equal(result.kind, 'document');
    assert.deepEqual(fetcher.waits, [7000, 7000]);
    assert.equal(upstream.count('/file'), 3);
  });

  test('an abort while waiting ends the retries', async (t) => {
    const { upstream, url } = await upstreamWithFile(t);
    upstream.fault('/file', { kind: 'status', status: 503 });
    const controller = new AbortController();
    const fetcher = testFetcher(t, {
      sleep: async (_milliseconds, signal) => {
        controller.abort();
        signal.throwIfAborted();
      },
    });

    const fetching = fetcher.document({ urls: [url, url], maxBytes }, testJob(controller.signal));

    await assert.rejects(fetching, { code: 'E_ABORTED' });
    assert.equal(upstream.count(), 1);
  });
});
