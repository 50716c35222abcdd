import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loginFor, parseAuthConf } from '../../../src/fetch/logins.ts';
import { testFetcher, testJob, testUpstream, upstreamWithFile } from '../../support/fetching.ts';

const direct = { redirected: false };

function userFor(text: string, url: string, options = direct): string | undefined {
  return loginFor(parseAuthConf(text, 'auth.conf'), new URL(url), options)?.user;
}

describe('auth.conf', () => {
  test('reads words in any number of lines, and passes comments over', () => {
    const text =
      '# machine x login y\nmachine a.example login ana\n\tpassword one\n\nmachine b.example/deb login bob password two # three\n';

    assert.throws(() => parseAuthConf(text, 'auth.conf'), {
      code: 'E_CONFIG_INVALID',
      message: /^auth\.conf:5: /,
    });
    assert.deepEqual(
      parseAuthConf(text.replace(' # three', ''), 'auth.conf').map(({ host, path, login }) => [
        host,
        path,
        login,
      ]),
      [
        ['a.example', '', { user: 'ana', password: 'one' }],
        ['b.example', '/deb', { user: 'bob', password: 'two' }],
      ],
    );
  });

  test('the first machine that fits counts: protocol, host, port, begin of the path', () => {
    const text = `
      machine https://h/private login a password x
      machine h:8080 login b password x
      machine h/deb/ login c password x
      machine http://h login d password x
      machine [::1]:81 login e password x`;

    assert.equal(userFor(text, 'https://h/private/x'), 'a');
    assert.equal(userFor(text, 'http://h/private/x'), 'd');
    assert.equal(userFor(text, 'http://h:8080/deb/x'), 'b');
    assert.equal(userFor(text, 'https://h/deb/x'), 'c');
    assert.equal(userFor(text, 'https://h/debian/x'), undefined);
    assert.equal(userFor(text, 'http://other/'), undefined);
    assert.equal(userFor(text, 'http://[::1]:81/'), 'e');
  });

  test('who redirects cannot ask in the clear for what is not named for http', () => {
    const entry = 'machine h login a password x';

    assert.equal(userFor(entry, 'http://h/'), 'a');
    assert.equal(userFor(entry, 'https://h/', { redirected: true }), 'a');
    assert.equal(userFor(entry, 'http://h/', { redirected: true }), undefined);
    assert.equal(userFor('machine http://h login a password x', 'http://h/', { redirected: true }), 'a');
  });

  test('errors quote nothing of the text', () => {
    for (const text of [
      'machine h login a password',
      'secret',
      'machine h login a secret x',
      'machine ://secret login x',
    ])
      assert.throws(
        () => parseAuthConf(text, 'auth.conf'),
        (error: Error) => !error.message.includes('secret'),
      );
  });
});

describe('a fetcher with logins', () => {
  test('sends them to their host, before those are none in the URL, and never along a redirect', async (t) => {
    const { upstream, url } = await upstreamWithFile(t);
    const other = await testUpstream(t);
    other.fault('/hop', { kind: 'redirect', to: url });
    const machine = new URL(other.url).host;
    const logins = parseAuthConf(`machine ${machine} login ana password secret`, 'auth.conf');
    const fetcher = testFetcher(t, { logins });

    await fetcher.document({ urls: [`${other.url}hop`], maxBytes: 1_000_000 }, testJob());
    await fetcher.document(
      { urls: [`${other.url.replace('//', '//bob:own@')}hop`], maxBytes: 1_000_000 },
      testJob(),
    );

    const sent = other.requests.map(({ headers }) =>
      Buffer.from(headers.authorization?.slice(6) ?? '', 'base64').toString(),
    );
    assert.deepEqual(sent, ['ana:secret', 'bob:own']);
    assert.ok(upstream.requests.every(({ headers }) => headers.authorization === undefined));
  });
});
