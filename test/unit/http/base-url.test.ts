import assert from 'node:assert/strict';
import { test } from 'node:test';
import { baseUrlOf } from '../../../src/http/base-url.ts';

const socket = { localAddress: '10.0.0.1', localPort: 8080 };

test('the configured URL wins', () => {
  const url = baseUrlOf('https://mirror.example.org/apt//', { host: 'other', ...socket });

  assert.equal(url, 'https://mirror.example.org/apt');
});

for (const host of ['mirror', 'mirror.example.org', 'mirror:8080', '10.1.2.3:80', '[::1]:8080']) {
  test(`the Host ${host} is believed`, () => {
    const url = baseUrlOf(undefined, { host, ...socket });

    assert.equal(url, `http://${host}`);
  });
}

for (const host of [
  '',
  'a b',
  'a/b',
  'u@h',
  'x"><script>',
  '-x',
  'x:99999',
  'x:',
  '[::1',
  'x\n',
  'ü',
  `${'a'.repeat(300)}`,
]) {
  test(`the Host ${JSON.stringify(host).slice(0, 30)} is not believed`, () => {
    const url = baseUrlOf(undefined, { host, ...socket });

    assert.equal(url, 'http://10.0.0.1:8080');
  });
}

test('the socket names the server when no Host does', () => {
  const urls = [
    { localAddress: '::1', localPort: 80 },
    { localAddress: '::ffff:10.0.0.1', localPort: 80 },
    { localAddress: 'fe80::1%eth0', localPort: 80 },
    { localAddress: undefined, localPort: undefined },
  ].map((address) => baseUrlOf(undefined, { host: undefined, ...address }));

  assert.deepEqual(urls, [
    'http://[::1]:80',
    'http://10.0.0.1:80',
    'http://[fe80::1]:80',
    'http://localhost',
  ]);
});
