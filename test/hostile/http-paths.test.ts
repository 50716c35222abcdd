import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import fc from 'fast-check';
import { listen } from '../../src/http/listen.ts';
import { startServer } from '../support/http-server.ts';

/** Sends `target` as it is, without any client's clean-up, and gives the whole answer. */
async function raw(url: string, target: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(`GET ${target} HTTP/1.1\r\nHost: mirror\r\nConnection: close\r\n\r\n`, 'latin1');
  return await text(socket);
}

const hidden = [
  '/../secret.txt',
  '/ubuntu/../../secret.txt',
  '/..%2fsecret.txt',
  '/%2e%2e/secret.txt',
  '/%2e%2e%2fsecret.txt',
  '/ubuntu/%2E./%2e%2e/secret.txt',
  '/..%5csecret.txt',
  '/..\\secret.txt',
  '/ubuntu%2fdists%2fxenial%2fInRelease',
  '/ubuntu/dists/xenial/InRelease%00',
  '/ubuntu/dists/xenial/InRelease%00.txt',
  '/ubuntu/./dists/xenial/InRelease',
  '/ubuntu/dists/.espejo/xenial/1/InRelease',
  '/ubuntu/dists/%2eespejo/xenial/1/InRelease',
  '/.espejo/',
  '/ubuntu/dists/.espejo',
  '/ubuntu/dists/.espejo/',
  '/%252e%252e/secret.txt',
  '/%0d%0aSet-Cookie:x',
];

for (const target of hidden) {
  test(`${JSON.stringify(target)} is not found`, async (t) => {
    const { server } = await startServer(t);
    const url = await listen(server, '127.0.0.1:0');

    const answer = await raw(url, target);

    assert.match(answer, /^HTTP\/1\.1 404 /);
    assert.match(answer, /\r\n\r\nnot found\n$/);
    assert.doesNotMatch(answer, /secret|Set-Cookie/);
  });
}

for (const target of ['/%', '/%zz', '/ubuntu/%c3%28/x', '/ubuntu/dists/xenial/%e0%80%af']) {
  test(`${target} is a bad request`, async (t) => {
    const { server } = await startServer(t);

    const answer = await server.inject(target);

    assert.equal(answer.statusCode, 400);
    assert.equal(answer.body, 'bad request\n');
    assert.equal(answer.headers['x-content-type-options'], 'nosniff');
  });
}

test('links that lead out of the root are not followed, however they are written', async (t) => {
  const { server, tree } = await startServer(t);
  await tree.link('relative', '../secret.txt');
  await tree.link('absolute', join(tree.outside, 'secret.txt'));
  await tree.link('directory', '..');
  await tree.link('etc', '/etc');
  await tree.link('circle', 'circle');
  await tree.link('sibling', `${tree.root}-other`);

  const answers = await Promise.all(
    [
      '/relative',
      '/absolute',
      '/directory',
      '/directory/',
      '/directory/secret.txt',
      '/etc/passwd',
      '/circle',
      '/sibling',
    ].map((url) => server.inject(url)),
  );

  for (const answer of answers) {
    assert.equal(answer.statusCode, 404);
    assert.equal(answer.body, 'not found\n');
  }
});

test('a directory beside the root whose name begins like it is outside', async (t) => {
  const { server, tree } = await startServer(t);
  await tree.write('../public-other/secret.txt', 'secret');
  await tree.link('other', '../public-other');

  const answer = await server.inject('/other/secret.txt');

  assert.equal(answer.statusCode, 404);
});

test('a FIFO in the tree neither hangs a request nor is served', async (t) => {
  const { server, tree } = await startServer(t);
  execFileSync('mkfifo', [join(tree.root, 'fifo')]);

  const answer = await server.inject('/fifo');

  assert.equal(answer.statusCode, 404);
});

for (const target of [
  '//evil.example',
  '//evil.example/',
  '/\\evil.example',
  '//evil.example/%2e%2e',
  '///evil.example/ubuntu',
]) {
  test(`${target} redirects to no other host`, async (t) => {
    const { server, tree } = await startServer(t);
    await tree.write('evil.example/ubuntu/file', 'x');
    const url = await listen(server, '127.0.0.1:0');

    const answer = await raw(url, target);
    const location = /\r\nlocation: (.*)\r\n/i.exec(answer)?.[1] ?? '/';

    assert.doesNotMatch(location, /^\/\/|^[a-z]+:|\\/i);
    assert.equal(new URL(location, `${url}${target.replace('\\', '')}`).host, new URL(url).host);
  });
}

test('no path made of dangerous pieces gives a secret or a fault', async (t) => {
  const { server } = await startServer(t);
  const url = await listen(server, '127.0.0.1:0');
  const piece = fc.constantFrom(
    ...['..', '.', '%2e', '%2f', '/', '\\', '%5c', '%00', '%', '~', '+'],
    ...['ubuntu', 'dists', 'xenial', '.espejo', 'secret.txt'],
  );

  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
      const answer = await raw(url, `/${pieces.join('')}`);

      assert.match(answer, /^HTTP\/1\.1 (?:200|301|400|404) /);
      assert.doesNotMatch(answer, /\r\n\r\nsecret/);
    }),
    { numRuns: 150 },
  );
});
