import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { failureOf, testFetcher, testJob, testUpstream, upstreamWithFile } from '../support/fetching.ts';

const maxBytes = 1_000_000;

/** The URL with credentials that must not leak. */
function secretive(url: string): string {
  return url.replace('//', '//user:secret@');
}

describe('redirects', () => {
  for (const status of [301, 302, 303, 307, 308]) {
    test(`${status} is followed`, async (t) => {
      const { upstream, url, facts } = await upstreamWithFile(t);
      upstream.fault('/old', { kind: 'redirect', to: '/file', status });

      const result = await testFetcher(t).document(
        { urls: [`${upstream.url}old`], maxBytes, expected: facts },
        testJob(),
      );

      assert.equal(result.kind === 'document' && result.url, `${upstream.url}old`, url);
      assert.equal(upstream.count('/file'), 1);
    });
  }

  test('credentials stay with a redirect within the origin', async (t) => {
    const { upstream } = await upstreamWithFile(t);
    upstream.fault('/old', { kind: 'redirect', to: '/file' });

    await testFetcher(t).document({ urls: [secretive(`${upstream.url}old`)], maxBytes }, testJob());

    assert.deepEqual(
      upstream.requests.map((request) => request.headers.authorization !== undefined),
      [true, true],
    );
  });

  test('credentials never go to another origin, not even on the way back', async (t) => {
    const { upstream, url } = await upstreamWithFile(t);
    const other = await testUpstream(t);
    upstream.fault('/old', { kind: 'redirect', to: `${other.url}hop` });
    other.fault('/hop', { kind: 'redirect', to: url });

    await testFetcher(t).document({ urls: [secretive(`${upstream.url}old`)], maxBytes }, testJob());

    assert.equal(other.requests[0]?.headers.authorization, undefined);
    assert.equal(upstream.requests.at(-1)?.headers.authorization, undefined);
    assert.equal(upstream.count('/file'), 1);
  });

  test('credentials that a Location brings are not used', async (t) => {
    const { upstream, url } = await upstreamWithFile(t);
    const other = await testUpstream(t);
    other.fault('/hop', { kind: 'redirect', to: url.replace('//', '//planted:word@') });

    await testFetcher(t).document({ urls: [`${other.url}hop`], maxBytes }, testJob());

    assert.equal(upstream.requests[0]?.headers.authorization, undefined);
  });

  test('a range and the conditions travel with a redirect', async (t) => {
    const { upstream } = await upstreamWithFile(t);
    upstream.fault('/old', { kind: 'redirect', to: '/file' });
    const validators = { lastModified: 'Thu, 21 Apr 2016 23:23:46 GMT' };

    const result = await testFetcher(t).document(
      { urls: [`${upstream.url}old`], maxBytes, validators },
      testJob(),
    );

    assert.deepEqual(result, { kind: 'unmodified' });
  });

  test('the target of a redirect is asked for as the server wrote it', async (t) => {
    const { upstream } = await upstreamWithFile(t);
    upstream.files.set('/a+b', Buffer.from('x'));
    upstream.fault('/old', { kind: 'redirect', to: '/a+b?sign=1+2#part' });

    await testFetcher(t).document({ urls: [`${upstream.url}old`], maxBytes }, testJob());

    assert.equal(upstream.requests.at(-1)?.target, '/a+b?sign=1+2');
  });
});

describe('redirects gone wrong', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['a loop', '/file'],
    ['a local file', 'file:///etc/passwd'],
    ['another scheme', 'ftp://127.0.0.1/file'],
    ['no place', ''],
    ['no URL', 'http://[::bad'],
    ['a script', 'javascript:alert(1)'],
    ['a very long place', `/${'x'.repeat(9000)}`],
  ];
  for (const [name, to] of cases) {
    test(`${name} is refused and not tried again`, async (t) => {
      const { upstream, url } = await upstreamWithFile(t);
      upstream.fault('/file', { kind: 'redirect', to });

      const error = await failureOf(testFetcher(t).document({ urls: [url], maxBytes }, testJob()));

      assert.equal(error.code, 'E_FETCH_REDIRECT');
      assert.equal(upstream.count(), 1);
    });
  }

  test('six redirects are too many', async (t) => {
    const { upstream } = await upstreamWithFile(t);
    for (let hop = 0; hop < 9; hop += 1) upstream.fault(`/${hop}`, { kind: 'redirect', to: `/${hop + 1}` });

    const error = await failureOf(
      testFetcher(t).document({ urls: [`${upstream.url}0`], maxBytes }, testJob()),
    );

    assert.equal(error.code, 'E_FETCH_REDIRECT');
    assert.equal(upstream.count(), 6);
  });

  test('the next URL is tried', async (t) => {
    const { upstream, url } = await upstreamWithFile(t);
    upstream.fault('/loop', { kind: 'redirect', to: '/loop' });

    const result = await testFetcher(t).document({ urls: [`${upstream.url}loop`, url], maxBytes }, testJob());

    assert.equal(result.kind === 'document' && result.url, url);
  });
});

describe('secrets', () => {
  test('a server that echoes credentials does not get them into the error', async (t) => {
    const upstream = await testUpstream(t);
    upstream.fault('/file', { kind: 'echo-credentials', status: 403 });
    const job = testJob();

    const error = await failureOf(
      testFetcher(t).document({ urls: [secretive(`${upstream.url}file`)], maxBytes }, job),
    );

    const encoded = Buffer.from('user:secret').toString('base64');
    const told = JSON.stringify([error.message, error.context, error.hint, String(error.cause), job.events]);
    assert.ok(!told.includes('secret') && !told.includes(encoded));
    assert.equal(error.code, 'E_FETCH_STATUS');
  });

  test('events and connection errors name the upstream without credentials', async (t) => {
    const upstream = await testUpstream(t);
    await upstream.close();
    const job = testJob();

    const error = await failureOf(
      testFetcher(t).document({ urls: [secretive(`${upstream.url}file?key=secret`)], maxBytes }, job),
    );

    assert.equal(error.code, 'E_FETCH_NETWORK');
    assert.doesNotMatch(JSON.stringify([error.message, error.context, job.events]), /secret/);
    assert.match(error.message, /connection refused/);
  });
});
