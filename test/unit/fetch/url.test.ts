import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { fileUrls, joinUrl, parseHttpUrl, splitCredentials } from '../../../src/fetch/url.ts';

describe('joinUrl', () => {
  test('joins with and without the last slash', () => {
    assert.equal(joinUrl('http://h/ubuntu/', 'dists/x/InRelease'), 'http://h/ubuntu/dists/x/InRelease');
    assert.equal(joinUrl('http://h/ubuntu', 'dists/x/InRelease'), 'http://h/ubuntu/dists/x/InRelease');
    assert.equal(joinUrl('http://h', 'a'), 'http://h/a');
  });

  test('every character is itself', () => {
    const url = joinUrl('http://h/', 'pool/g++/g++_1:5.3+b1~rc1_amd64.deb');

    assert.equal(url, 'http://h/pool/g++/g++_1:5.3+b1~rc1_amd64.deb');
    assert.equal(joinUrl('http://h/', 'a%3a?b#c é'.replace(' ', '')), 'http://h/a%253a%3Fb%23c%C3%A9');
  });

  test('keeps credentials and query of the root', () => {
    assert.equal(joinUrl('https://u:p@h/r/?token=1', 'a/b'), 'https://u:p@h/r/a/b?token=1');
  });

  test('refuses paths that leave the root', () => {
    for (const path of ['../x', 'a/../../x', '/x', 'a//b', '.', 'a/./b', '', 'a\0b', 'a\nb', 'a\\b']) {
      assert.throws(() => joinUrl('http://h/r/', path), { code: 'E_UNSAFE_PATH' }, path);
    }
  });

  test('the server decodes what was joined', () => {
    const segment = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((text) => {
      return !/[\s/\\\u0000-\u0020\u007f-\u00a0]/.test(text) && text !== '.' && text !== '..';
    });
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 5 }), (segments) => {
        const path = segments.join('/');

        const url = new URL(joinUrl('http://h/root/', path));

        assert.equal(decodeURIComponent(url.pathname), `/root/${path}`);
        assert.equal(url.search + url.hash, '');
      }),
    );
  });
});

describe('parseHttpUrl', () => {
  test('refuses other schemes and what is no URL, without quoting credentials', () => {
    const secretive = ['ftp://u:secret@h/', '//u:secret@h', 'u:secret@h/x', 'http://u:se/secret@h/'];
    for (const text of ['file:///etc/passwd', 'data:,x', 'h/x', '', ...secretive]) {
      assert.throws(
        () => parseHttpUrl(text),
        (error: Error & { code?: string }) =>
          error.code === 'E_FETCH_UNSUPPORTED' && !error.message.includes('secret'),
      );
    }
  });
});

describe('splitCredentials', () => {
  test('turns user information into Basic authorization', () => {
    const { url, authorization } = splitCredentials(new URL('https://us%40er:p%3Aw@h/x'));

    assert.equal(url.href, 'https://h/x');
    assert.equal(authorization, `Basic ${Buffer.from('us@er:p:w').toString('base64')}`);
  });

  test('has none without user information', () => {
    assert.equal(splitCredentials(new URL('http://h/x')).authorization, undefined);
  });

  test('a stray percent sign stands for itself', () => {
    const { authorization } = splitCredentials(new URL('http://u:100%@h/'));

    assert.equal(authorization, `Basic ${Buffer.from('u:100%').toString('base64')}`);
  });
});

describe('fileUrls', () => {
  test('a ? stands for itself first, then for what apt makes of it', () => {
    assert.deepEqual(fileUrls('http://h/x/', 'pool/a.deb?token=1&v=%2B'), [
      'http://h/x/pool/a.deb%3Ftoken=1%26v=%252B',
      'http://h/x/pool/a.deb?token=1&v=%2B',
    ]);
  });

  test('other names have one URL', () => {
    assert.deepEqual(fileUrls('http://h/x/', 'pool/a#b.deb'), ['http://h/x/pool/a%23b.deb']);
    assert.deepEqual(fileUrls('http://h/?key=1', 'a.deb?b'), ['http://h/a.deb%3Fb?key=1']);
    assert.deepEqual(fileUrls('http://h/', 'pool/?b'), ['http://h/pool/%3Fb']);
  });

  test('paths that leave the archive have none', () => {
    assert.throws(() => fileUrls('http://h/', '../a.deb?b'), { code: 'E_UNSAFE_PATH' });
    assert.throws(() => fileUrls('http://h/', 'a/..?b/../c'), { code: 'E_UNSAFE_PATH' });
  });
});
