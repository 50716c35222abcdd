import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { byHashName, inRelease } from '../builders/published-tree.ts';
import { startServer } from '../support/http-server.ts';

const deb = '/ubuntu/pool/main/h/hello/hello_2.10-1_amd64.deb';
const indexes = '/ubuntu/dists/xenial/main/binary-amd64';

test('InRelease behind the flipped link is served as text that must be revalidated', async (t) => {
  const { server } = await startServer(t);

  const answer = await server.inject('/ubuntu/dists/xenial/InRelease');

  assert.equal(answer.statusCode, 200);
  assert.equal(answer.body, inRelease);
  assert.equal(answer.headers['content-type'], 'text/plain; charset=utf-8');
  assert.equal(answer.headers['cache-control'], 'no-cache, must-revalidate');
  assert.equal(answer.headers['content-length'], String(inRelease.length));
  assert.equal(answer.headers['x-content-type-options'], 'nosniff');
});

test('a pool file is immutable and a Debian package', async (t) => {
  const { server } = await startServer(t);

  const answer = await server.inject(deb);

  assert.equal(answer.body, '0123456789');
  assert.equal(answer.headers['content-type'], 'application/vnd.debian.binary-package');
  assert.equal(answer.headers['cache-control'], 'public, max-age=31536000, immutable');
});

test('a by-hash file is immutable', async (t) => {
  const { server } = await startServer(t);

  const answer = await server.inject(`${indexes}/by-hash/SHA256/${byHashName}`);

  assert.equal(answer.body, 'Package: hello\n');
  assert.equal(answer.headers['cache-control'], 'public, max-age=31536000, immutable');
});

test('a compressed index is sent as it is, whatever encodings the client accepts', async (t) => {
  const { server } = await startServer(t);

  const answer = await server.inject({
    url: `${indexes}/Packages.gz`,
    headers: { 'accept-encoding': 'gzip, br' },
  });

  assert.deepEqual([...answer.rawPayload], [0x1f, 0x8b, 8, 0]);
  assert.equal(answer.headers['content-type'], 'application/gzip');
  assert.equal(answer.headers['content-encoding'], undefined);
});

test('HEAD has the headers of GET and no body', async (t) => {
  const { server } = await startServer(t);

  const got = await server.inject(deb);
  const answer = await server.inject({ method: 'HEAD', url: deb });

  assert.equal(answer.statusCode, 200);
  assert.equal(answer.body, '');
  for (const name of ['content-length', 'content-type', 'etag', 'last-modified', 'cache-control']) {
    assert.equal(answer.headers[name], got.headers[name], name);
  }
});

test('an empty file is served', async (t) => {
  const { server, tree } = await startServer(t);
  await tree.write('ubuntu/dists/.espejo/xenial/1/main/binary-i386/Packages', '');

  const answer = await server.inject('/ubuntu/dists/xenial/main/binary-i386/Packages');

  assert.equal(answer.statusCode, 200);
  assert.equal(answer.headers['content-length'], '0');
});

test('one range is answered with that part', async (t) => {
  const { server } = await startServer(t);

  const answer = await server.inject({ url: deb, headers: { range: 'bytes=4-' } });

  assert.equal(answer.statusCode, 206);
  assert.equal(answer.body, '456789');
  assert.equal(answer.headers['content-range'], 'bytes 4-9/10');
  assert.equal(answer.headers['content-length'], '6');
});

test('a range past the end is refused with the size', async (t) => {
  const { server } = await startServer(t);

  const answer = await server.inject({ url: deb, headers: { range: 'bytes=10-' } });

  assert.equal(answer.statusCode, 416);
  assert.equal(answer.headers['content-range'], 'bytes */10');
  assert.equal(answer.body, 'range not satisfiable\n');
});

test('several far ranges are answered with the whole file', async (t) => {
  const { server } = await startServer(t);

  const answer = await server.inject({ url: deb, headers: { range: 'bytes=0-1,8-9' } });

  assert.equal(answer.statusCode, 200);
  assert.equal(answer.body, '0123456789');
});

test('the validators of an answer give 304 when they are sent back', async (t) => {
  const { server } = await startServer(t);
  const { headers } = await server.inject('/ubuntu/dists/xenial/InRelease');

  const byTag = await server.inject({
    url: '/ubuntu/dists/xenial/InRelease',
    headers: { 'if-none-match': String(headers.etag) },
  });
  const byDate = await server.inject({
    url: '/ubuntu/dists/xenial/InRelease',
    headers: { 'if-modified-since': String(headers['last-modified']) },
  });

  for (const answer of [byTag, byDate]) {
    assert.equal(answer.statusCode, 304);
    assert.equal(answer.body, '');
    assert.equal(answer.headers.etag, headers.etag);
    assert.equal(answer.headers['cache-control'], 'no-cache, must-revalidate');
  }
});

test('a failed precondition is answered in one line', async (t) => {
  const { server } = await startServer(t);

  const answer = await server.inject({ url: deb, headers: { 'if-match': '"other"' } });

  assert.equal(answer.statusCode, 412);
  assert.equal(answer.body, 'precondition failed\n');
});

test('plus, tilde and their escapes in a name are the file itself', async (t) => {
  const { server, tree } = await startServer(t);
  await tree.write('ubuntu/pool/main/libx/lib++_1.0~rc1+b2_amd64.deb', 'plus');

  const answers = await Promise.all(
    ['lib++_1.0~rc1+b2', 'lib%2b%2B_1.0%7erc1%2bb2'].map((name) =>
      server.inject(`/ubuntu/pool/main/libx/${name}_amd64.deb`),
    ),
  );

  assert.deepEqual(
    answers.map((answer) => answer.body),
    ['plus', 'plus'],
  );
});

test('a very long file name is no fault', async (t) => {
  const { server } = await startServer(t);

  const answers = await Promise.all([
    server.inject(`/ubuntu/${'a'.repeat(300)}`),
    server.inject(`/ubuntu/${'a/'.repeat(3000)}`),
  ]);

  assert.deepEqual(
    answers.map((answer) => answer.statusCode),
    [404, 400],
  );
});

test('the next request sees the generation that a flip has put in place', async (t) => {
  const { server, tree } = await startServer(t);
  await tree.write('ubuntu/dists/.espejo/xenial/2/InRelease', 'second');
  const before = await server.inject('/ubuntu/dists/xenial/InRelease');

  await tree.flip('xenial', '2');
  const after = await server.inject({
    url: '/ubuntu/dists/xenial/InRelease',
    headers: { 'if-none-match': String(before.headers.etag) },
  });

  assert.equal(before.body, inRelease);
  assert.equal(after.body, 'second');
});

test("aptly's by-hash links with absolute paths inside the root are followed", async (t) => {
  const { server, tree } = await startServer(t);
  await tree.write('aptly/dists/xenial/main/binary-amd64/by-hash/SHA256/abc', 'index');
  const real = join(tree.root, 'aptly/dists/xenial/main/binary-amd64/by-hash/SHA256/abc');
  await tree.link('aptly/dists/xenial/main/binary-amd64/by-hash/SHA256/Packages', real);

  const answer = await server.inject('/aptly/dists/xenial/main/binary-amd64/by-hash/SHA256/Packages');

  assert.equal(answer.body, 'index');
});

test('a root that is itself a link is followed', async (t) => {
  const { tree } = await startServer(t);
  await tree.link('../current', tree.root);
  const { server } = await startServer(t, { publicDirectory: join(tree.outside, 'current') });

  const answer = await server.inject('/ubuntu/dists/xenial/InRelease');

  assert.equal(answer.body, inRelease);
});

test('what does not exist is 404 in one line', async (t) => {
  const { server } = await startServer(t);

  const answers = await Promise.all(
    ['/nothing', '/ubuntu/dists/trusty/InRelease', `${deb}/`, `${deb}/below`].map((url) =>
      server.inject(url),
    ),
  );

  for (const answer of answers) {
    assert.equal(answer.statusCode, 404);
    assert.equal(answer.body, 'not found\n');
    assert.equal(answer.headers['content-type'], 'text/plain; charset=utf-8');
  }
});

test('a missing root is 404, not a fault', async (t) => {
  const { server } = await startServer(t, { publicDirectory: '/nonexistent/espejo/public' });

  const answer = await server.inject('/ubuntu/dists/xenial/InRelease');

  assert.equal(answer.statusCode, 404);
});

test('other methods are refused with the ones that are allowed', async (t) => {
  const { server } = await startServer(t);

  const answers = await Promise.all(
    (['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'] as const).map((method) =>
      server.inject({ method, url: deb, ...(method === 'OPTIONS' ? {} : { payload: 'x'.repeat(5000) }) }),
    ),
  );

  for (const answer of answers) {
    assert.equal(answer.statusCode, 405);
    assert.equal(answer.headers.allow, 'GET, HEAD');
    assert.equal(answer.body, 'method not allowed\n');
  }
});

test('a file in the root of the tree loses against a route of the same name', async (t) => {
  const { server, tree } = await startServer(t);
  await writeFile(join(tree.root, 'healthz'), 'a file');

  const answer = await server.inject('/healthz');

  assert.deepEqual(answer.json(), { status: 'ok' });
});
