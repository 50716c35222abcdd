import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EspejoError } from '../../../src/core/errors.ts';
import { joinLogin, splitLogin } from '../../../src/core/login.ts';
import { printable, redactUrl, withoutLogins } from '../../../src/core/redact.ts';

test('no form of a URL shows its password', () => {
  const texts = [
    'http://user:s3cret@host/x',
    'http://user:s3cret@host:80/x?y=z',
    'http://user:s3@cret@host/x',
    'http://user:x/s3cret@host/x',
    'http://s3cret@host',
    'user:s3cret@host/x',
    'user:x/s3cret@host/x',
    '//user:s3cret@host/x',
    'http:user:s3cret@host',
    'HTTP://user:s3cret@host/x',
    `http://user:${'s3cret'.repeat(100)}@host/x`,
    'http://host/x?token=s3cret',
  ];

  for (const text of texts) {
    assert.doesNotMatch(redactUrl(text), /s3|cret/, text);
    assert.match(redactUrl(text), /host/, text);
  }
});

test('URLs within a text lose user and password, and nothing else changes', () => {
  const text =
    'Snapshot from mirror [m]: http://u:p@h/x/ xenial, <https://t@i/>, mail to a@b, http://h/@scope/x';

  assert.equal(
    withoutLogins(text),
    'Snapshot from mirror [m]: http://***@h/x/ xenial, <https://***@i/>, mail to a@b, http://h/@scope/x',
  );
  assert.equal(printable('http://u:p@h/\n'), 'http://***@h/?');
  assert.equal(new EspejoError('E_IO', 'cannot read http://u:p@h/').message, 'cannot read http://***@h/');
});

test('a login is taken out of a URL and put back', () => {
  const { url, login } = splitLogin('http://us%40er:p%3A%2Fw@h:81/x/');

  assert.equal(url, 'http://h:81/x/');
  assert.deepEqual(login, { user: 'us@er', password: 'p:/w' });
  assert.deepEqual(splitLogin(joinLogin(url, { user: 'a%b', password: 'c@d' })).login, {
    user: 'a%b',
    password: 'c@d',
  });
  assert.deepEqual(splitLogin('http://h/@scope/x'), { url: 'http://h/@scope/x', login: undefined });
});

test('texts of megabytes are looked at in no time', { timeout: 10_000 }, () => {
  const long = 2 ** 21;
  const texts = [
    'a'.repeat(long),
    'http://'.repeat(long / 7),
    'a.b+'.repeat(long / 4),
    '://a'.repeat(long / 4),
  ];

  for (const text of texts) {
    assert.equal(printable(`${text}@`).length, 401);
    assert.equal(withoutLogins(`${text} http://u:p@h`).includes('u:p'), false);
  }
});

test('a login that a long text is cut in is not shown', () => {
  const logins = 'x://u:s3cret@h '.repeat(256);
  for (let before = 0; before < 400; before += 1) {
    const text = `${' '.repeat(before)}${logins}x://u:${'s3cret'.repeat(1000)}@h`;
    assert.doesNotMatch(printable(text), /s3|cret/, `after ${before} blanks`);
    const one = `${' '.repeat(before)}x://u:${'s3cret'.repeat(1000)}@h`;
    assert.doesNotMatch(printable(one), /s3|cret/, `alone after ${before} blanks`);
  }
});
