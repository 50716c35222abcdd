import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createFetcher } from '../../../src/fetch/create-fetcher.ts';
import { failureOf, testFetcher, testJob, testUpstream } from '../../support/fetching.ts';

const maxBytes = 1000;

describe('proxies', () => {
  for (const name of ['http_proxy', 'HTTP_PROXY']) {
    test(`${name} gets requests for http with the whole URL`, async (t) => {
      const proxy = await testUpstream(t);
      proxy.files.set('http://archive.invalid/ubuntu/x', (_request, response) => {
        response.end('through the proxy');
      });
      const fetcher = testFetcher(t, { env: { [name]: proxy.url } });

      const result = await fetcher.document(
        { urls: ['http://archive.invalid/ubuntu/x'], maxBytes },
        testJob(),
      );

      assert.equal(result.kind === 'document' && result.bytes.toString(), 'through the proxy');
      assert.equal(proxy.requests[0]?.target, 'http://archive.invalid/ubuntu/x');
    });
  }

  test('credentials of the proxy go to the proxy', async (t) => {
    const proxy = await testUpstream(t);
    proxy.files.set('http://archive.invalid/x', (_request, response) => {
      response.end('x');
    });
    const fetcher = testFetcher(t, { env: { http_proxy: proxy.url.replace('//', '//me:word@') } });

    await fetcher.document({ urls: ['http://archive.invalid/x'], maxBytes }, testJob());

    const expected = `Basic ${Buffer.from('me:word').toString('base64')}`;
    assert.equal(proxy.requests[0]?.headers['proxy-authorization'], expected);
  });

  test('loopback is never proxied', async (t) => {
    const upstream = await testUpstream(t, { files: new Map([['/x', Buffer.from('direct')]]) });
    const proxy = await testUpstream(t);
    const fetcher = testFetcher(t, { env: { http_proxy: proxy.url } });

    const result = await fetcher.document({ urls: [`${upstream.url}x`], maxBytes }, testJob());

    assert.equal(result.kind === 'document' && result.bytes.toString(), 'direct');
    assert.equal(proxy.count(), 0);
  });

  for (const name of ['no_proxy', 'NO_PROXY']) {
    test(`${name} keeps a host from the proxy`, async (t) => {
      const proxy = await testUpstream(t);
      const env = { http_proxy: proxy.url, [name]: '.invalid' };
      const fetcher = testFetcher(t, { env, retries: 0 });

      const error = await failureOf(
        fetcher.document({ urls: ['http://archive.invalid/x'], maxBytes }, testJob()),
      );

      assert.equal(error.code, 'E_FETCH_NETWORK');
      assert.equal(proxy.count(), 0);
    });
  }

  test('https does not go through the proxy of http', async (t) => {
    const proxy = await testUpstream(t);
    const fetcher = testFetcher(t, { env: { http_proxy: proxy.url }, retries: 0 });

    const error = await failureOf(
      fetcher.document({ urls: ['https://archive.invalid/x'], maxBytes }, testJob()),
    );

    assert.equal(error.code, 'E_FETCH_NETWORK');
    assert.equal(proxy.count(), 0);
  });

  test('a proxy that is no URL is a configuration error that keeps its secrets', () => {
    const options = {
      retries: 0,
      minimumBytesPerSecond: 0,
      fileTimeoutSeconds: 0,
      timeoutSeconds: 1,
      connections: 1,
      userAgent: 'x',
    };

    assert.throws(
      () => createFetcher({ ...options, env: { http_proxy: 'http://me:secret@[bad' } }),
      (error: Error & { code?: string }) =>
        error.code === 'E_CONFIG_INVALID' && !error.message.includes('secret'),
    );
  });
});

test('closing ends what is under way', async (t) => {
  const upstream = await testUpstream(t);
  const fetcher = testFetcher(t);
  upstream.files.set('/x', async () => {
    await fetcher.close();
  });

  const error = await failureOf(fetcher.document({ urls: [`${upstream.url}x`], maxBytes }, testJob()));

  assert.equal(error.code, 'E_ABORTED');
});

test('no more connections are opened than allowed', async (t) => {
  const upstream = await testUpstream(t);
  let open = 0;
  let most = 0;
  upstream.files.set('/x', (_request, response) => {
    open += 1;
    most = Math.max(most, open);
    response.on('close', () => {
      open -= 1;
    });
    setImmediate(() => response.end('x'));
  });
  const fetcher = testFetcher(t, { connections: 2 });

  await Promise.all(
    Array.from({ length: 8 }, () => fetcher.document({ urls: [`${upstream.url}x`], maxBytes }, testJob())),
  );

  assert.ok(most <= 2, `${most} at a time`);
  assert.equal(upstream.count(), 8);
});
