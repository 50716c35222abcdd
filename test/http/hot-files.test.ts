import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, link, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { Agent, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import type { ServerOptions } from '../../src/http/build-server.ts';
import { listen } from '../../src/http/listen.ts';
import { inRelease, type PublishedTree } from '../builders/published-tree.ts';
import { startServer } from '../support/http-server.ts';

const release = '/ubuntu/dists/xenial/InRelease';
const deb = '/ubuntu/pool/main/h/hello/hello_2.10-1_amd64.deb';

type Answer = Pick<IncomingMessage, 'headers' | 'statusCode'> & { readonly body: Buffer };
type Ask = (path: string, headers?: Record<string, string>, method?: string) => Promise<Answer>;

/** A client over one kept connection. */
async function client(
  t: TestContext,
  changes: Partial<ServerOptions> = {},
): Promise<{ readonly ask: Ask; readonly tree: PublishedTree }> {
  const { server, tree } = await startServer(t, changes);
  const url = await listen(server, '127.0.0.1:0');
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  const ask: Ask = async (path, headers = {}, method = 'GET') => {
    const sent = request(`${url}${path}`, { agent, headers, method }).end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    const { statusCode } = answer;
    return { headers: answer.headers, statusCode, body: await buffer(answer) };
  };
  return { ask, tree };
}

/** Everything of an answer but when it was made. */
function facts({ headers: { date: _, ...headers }, statusCode, body }: Answer): unknown {
  return { headers, statusCode, body: body.toString() };
}

for (const [what, headers, method] of [
  ['a GET', {}, 'GET'],
  ['a HEAD', {}, 'HEAD'],
  ['a range', { range: 'bytes=2-5' }, 'GET'],
  ['a condition that holds', { 'if-none-match': '*' }, 'GET'],
  ['a condition that fails', { 'if-match': '"other"' }, 'GET'],
] as const) {
  test(`${what} is answered from memory as from the file`, async (t) => {
    const { ask } = await client(t);
    const cold = await client(t, { memory: 0 });

    await ask(release);
    const answer = await ask(release, headers, method);
    const expected = await cold.ask(release, headers, method);

    assert.equal(answer.statusCode, expected.statusCode);
    assert.equal(answer.body.toString(), expected.body.toString());
    for (const name of Object.keys(expected.headers))
      if (!['date', 'etag', 'last-modified'].includes(name))
        assert.equal(answer.headers[name], expected.headers[name], name);
    assert.deepEqual(Object.keys(answer.headers).sort(), Object.keys(expected.headers).sort());
  });
}

test('a validator that memory gave is known without it, and the other way round', async (t) => {
  const { ask, tree } = await client(t);
  const first = await ask(release);
  const again = await ask(release);
  const { mtime } = await stat(join(tree.root, release));

  assert.deepEqual(facts(again), facts(first));
  assert.equal(first.headers['last-modified'], mtime.toUTCString());
  for (const headers of [
    { 'if-none-match': String(first.headers.etag) },
    { 'if-modified-since': String(first.headers['last-modified']) },
  ]) {
    const answer = await ask(release, headers);
    assert.equal(answer.statusCode, 304);
    assert.equal(answer.body.length, 0);
    assert.equal(answer.headers.etag, first.headers.etag);
  }
});

test('after a flip the very next request gets the new file, and after a flip back the old one', async (t) => {
  const { ask, tree } = await client(t);
  await tree.write('ubuntu/dists/.espejo/xenial/2/InRelease', 'Origin: Ubuntu\nSuite: XENIAL\n');

  for (let round = 0; round < 20; round += 1) {
    assert.equal((await ask(release)).body.toString(), inRelease);
    await tree.flip('xenial', '2');
    assert.equal((await ask(release)).body.toString(), 'Origin: Ubuntu\nSuite: XENIAL\n');
    await tree.flip('xenial', '1');
  }
});

test('a file of the same size and time that took its place is another file', async (t) => {
  const { ask, tree } = await client(t);
  const path = join(tree.root, deb);
  await ask(deb);
  const { atime, mtime } = await stat(path);

  await writeFile(`${path}.new`, 'abcdefghij');
  await utimes(`${path}.new`, atime, mtime);
  await rename(`${path}.new`, path);

  assert.equal((await ask(deb)).body.toString(), 'abcdefghij');
});

test('what was written in place is read again', async (t) => {
  const { ask, tree } = await client(t);
  await ask(deb);

  await writeFile(join(tree.root, deb), 'abcdefghij');

  assert.equal((await ask(deb)).body.toString(), 'abcdefghij');
});

test('what was removed is gone, and what was made a link out of the tree too', async (t) => {
  const { ask, tree } = await client(t);
  const path = join(tree.root, deb);
  await ask(deb);

  await rm(path);
  assert.equal((await ask(deb)).statusCode, 404);
  await symlink(join(tree.outside, 'secret.txt'), path);
  assert.equal((await ask(deb)).statusCode, 404);
});

test('another name of the same file may be added', async (t) => {
  const { ask, tree } = await client(t);
  await ask(deb);

  await link(join(tree.root, deb), join(tree.outside, 'another'));

  assert.equal((await ask(deb)).body.toString(), '0123456789');
});

test('what may not be read any more is refused', {
  skip: process.getuid?.() === 0 && 'root reads everything',
}, async (t) => {
  const { ask, tree } = await client(t);
  await ask(deb);

  await chmod(join(tree.root, deb), 0);

  assert.equal((await ask(deb)).statusCode, 500);
});

test('files beyond the limit of memory are sent whole, however often they are asked for', async (t) => {
  const { ask, tree } = await client(t, { memory: 1024 * 1024 });
  const sizes = [0, 1, 65_536, 65_537, 200_000, 262_144, 262_145, 1_048_577, 3_000_001];
  for (const size of sizes) await tree.write(`files/${size}`, Buffer.alloc(size, size % 251));

  for (let round = 0; round < 4; round += 1) {
    for (const size of sizes) {
      const { body, headers } = await ask(`/files/${size}`);
      assert.ok(body.equals(Buffer.alloc(size, size % 251)), `${size} in round ${round}`);
      assert.equal(headers['content-length'], String(size));
    }
  }
});

test('requests that come together for one file all get it', async (t) => {
  const { ask, tree } = await client(t);
  const content = Buffer.alloc(3_000_000, 7);
  await tree.write('files/large', content);

  const answers = await Promise.all(Array.from({ length: 12 }, () => ask('/files/large')));

  for (const { body } of answers) assert.ok(body.equals(content));
});
