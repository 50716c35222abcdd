import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startServer } from '../support/http-server.ts';

test('a directory is listed: directories first, sizes, a link to the parent, no dot entries', async (t) => {
  const { server, tree } = await startServer(t);
  await tree.write('ubuntu/dists/xenial/zz.txt', 'x'.repeat(2048));

  const dists = await server.inject('/ubuntu/dists/');
  const xenial = await server.inject('/ubuntu/dists/xenial/');

  assert.equal(dists.headers['content-type'], 'text/html; charset=utf-8');
  assert.equal(dists.headers['cache-control'], 'no-cache, must-revalidate');
  assert.match(dists.body, /<a href="\.\.\/">/);
  assert.match(dists.body, /<a href="\.\/xenial\/">xenial\/<\/a>/);
  assert.doesNotMatch(dists.body, /\.espejo/);
  assert.match(xenial.body, /main\/[\s\S]*InRelease[\s\S]*zz\.txt[\s\S]*2\.00 KiB/);
});

test('names are escaped in text and links', async (t) => {
  const { server, tree } = await startServer(t);
  await tree.write('odd/<img src=x onerror=alert(1)>"&.deb', 'x');
  await tree.write('odd/javascript:alert(1)', 'x');

  const { body } = await server.inject('/odd/');

  assert.doesNotMatch(body, /<img|href="javascript/);
  assert.match(body, /&lt;img src=x onerror=alert\(1\)&gt;&quot;&amp;\.deb/);
  assert.match(body, /href="\.\/%3Cimg%20src%3Dx%20onerror%3Dalert\(1\)%3E%22%26\.deb"/);
});

test('links out of the root and dangling links are not listed', async (t) => {
  const { server, tree } = await startServer(t);
  await tree.write('odd/seen.txt', 'x');
  await tree.link('odd/escape', tree.outside);
  await tree.link('odd/secret', '../../secret.txt');
  await tree.link('odd/dangling', 'nowhere');

  const { body } = await server.inject('/odd/');

  assert.match(body, /seen\.txt/);
  assert.doesNotMatch(body, /escape|secret|dangling/);
});

test('a directory without a slash is redirected to itself with one', async (t) => {
  const { server } = await startServer(t);

  const answer = await server.inject('/ubuntu/dists/xenial');
  const target = new URL(String(answer.headers.location), 'http://mirror/ubuntu/dists/xenial');

  assert.equal(answer.statusCode, 301);
  assert.equal(target.href, 'http://mirror/ubuntu/dists/xenial/');
});

test('HEAD of a listing has no body', async (t) => {
  const { server } = await startServer(t);

  const answer = await server.inject({ method: 'HEAD', url: '/ubuntu/dists/' });

  assert.equal(answer.statusCode, 200);
  assert.equal(answer.body, '');
});
