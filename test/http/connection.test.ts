import assert from 'node:assert/strict';
import { once } from 'node:events';
import { lstat, truncate } from 'node:fs/promises';
import { Agent, get, type IncomingMessage, request } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { isEspejoError } from '../../src/core/errors.ts';
import { type Journal, type JournalFacts, silentJournal } from '../../src/core/journal.ts';
import { closeGracefully } from '../../src/http/close-gracefully.ts';
import { listen } from '../../src/http/listen.ts';
import { inRelease, type PublishedTree } from '../builders/published-tree.ts';
import { startServer } from '../support/http-server.ts';

const big = 'ubuntu/pool/main/b/big/big_1_amd64.deb';
const bigSize = 32 * 1024 * 1024;

async function fetched(url: string): Promise<IncomingMessage> {
  const [answer] = (await once(get(url, { agent: false }), 'response')) as [IncomingMessage];
  return answer;
}

async function makeBig(tree: PublishedTree): Promise<void> {
  await tree.write(big, Buffer.alloc(bigSize, 1));
}

/** An open download of the big file of which nothing but the first bytes is read. */
async function stalledDownload(url: string): Promise<IncomingMessage> {
  const answer = await fetched(`${url}/${big}`);
  await once(answer, 'readable');
  return answer;
}

for (const address of ['127.0.0.1:0', 'localhost:0', ':0', '*:0']) {
  test(`listens on ${address} and returns a URL that answers`, async (t) => {
    const { server } = await startServer(t);

    const url = await listen(server, address);
    const answer = await fetched(`${url}/ubuntu/dists/xenial/InRelease`);

    assert.equal(await text(answer), inRelease);
  });
}

test('listens on an address of IPv6', async (t) => {
  const { server } = await startServer(t);
  let url: string;
  try {
    url = await listen(server, '[::1]:0');
  } catch {
    t.skip('this machine has no IPv6 loopback');
    return;
  }

  const answer = await fetched(`${url}/healthz`);

  assert.match(url, /^http:\/\/\[::1\]:\d+$/);
  assert.equal(await text(answer), '{"status":"ok"}');
});

async function viaSocket(path: string): Promise<string> {
  const [answer] = (await once(get({ socketPath: path, path: '/healthz' }), 'response')) as [IncomingMessage];
  return await text(answer);
}

test('listens on a Unix socket, also where a dead one was left behind', async (t) => {
  const { server, tree } = await startServer(t);
  const path = join(tree.outside, 'espejo.sock');
  await leaveDeadSocket(path);

  const url = await listen(server, `unix://${path}`);

  assert.equal(url, `unix://${path}`);
  assert.equal(await viaSocket(path), '{"status":"ok"}');
});

/** Node.js removes the file when it closes; a second name survives. */
async function leaveDeadSocket(path: string): Promise<void> {
  const { link } = await import('node:fs/promises');
  const dead = createServer();
  dead.listen(`${path}.first`);
  await once(dead, 'listening');
  await link(`${path}.first`, path);
  dead.close();
  await once(dead, 'close');
  assert.ok((await lstat(path)).isSocket());
}

test('a Unix socket that is in use is not taken away', async (t) => {
  const { server: first, tree } = await startServer(t);
  const { server: second } = await startServer(t);
  const path = join(tree.outside, 'espejo.sock');
  await listen(first, `unix://${path}`);

  await assert.rejects(listen(second, `unix://${path}`), (error) => isEspejoError(error, 'E_PORT_IN_USE'));

  assert.equal(await viaSocket(path), '{"status":"ok"}');
});

test('a taken port is named, with a way out', async (t) => {
  const { server: first } = await startServer(t);
  const { server: second } = await startServer(t);
  const { host } = new URL(await listen(first, '127.0.0.1:0'));

  await assert.rejects(listen(second, host), (error) => {
    assert.ok(isEspejoError(error, 'E_PORT_IN_USE'));
    assert.ok(error.message.includes(host));
    assert.match(error.hint ?? '', /choose another address/);
    return true;
  });
});

for (const address of [
  '',
  '8080',
  'host',
  ':99999',
  'a b:1',
  'http://x:80',
  'unix://relative',
  '::1:80',
  '203.0.113.1:0',
]) {
  test(`${JSON.stringify(address)} cannot be listened on`, async (t) => {
    const { server } = await startServer(t);

    await assert.rejects(listen(server, address), (error) => isEspejoError(error, 'E_LISTEN'));
  });
}

test('a download that began before a flip gets the old file to its end', async (t) => {
  const { server, tree } = await startServer(t);
  const generation = (id: number): string => `ubuntu/dists/.espejo/xenial/${id}/Contents-amd64`;
  await tree.write(generation(1), Buffer.alloc(bigSize, 1));
  await tree.write(generation(2), Buffer.alloc(bigSize, 2));
  const url = await listen(server, '127.0.0.1:0');
  const answer = await fetched(`${url}/ubuntu/dists/xenial/Contents-amd64`);
  await once(answer, 'readable');

  await tree.flip('xenial', '2');
  const body = await buffer(answer);

  assert.ok(body.equals(Buffer.alloc(bigSize, 1)));
});

test('a file that is cut short while it is sent breaks the connection', async (t) => {
  const { server, tree } = await startServer(t);
  await makeBig(tree);
  const url = await listen(server, '127.0.0.1:0');
  const answer = await stalledDownload(url);

  await truncate(join(tree.root, big), 1);

  await assert.rejects(buffer(answer), { code: 'ECONNRESET' });
});

test('closing lets a download under way finish and refuses new connections', async (t) => {
  const { server, tree } = await startServer(t);
  await makeBig(tree);
  const url = await listen(server, '127.0.0.1:0');
  const answer = await stalledDownload(url);

  const closed = closeGracefully(server, 60_000);
  const body = await buffer(answer);
  await closed;

  assert.equal(body.length, bigSize);
  await assert.rejects(fetched(url), { code: 'ECONNREFUSED' });
});

test('closing cuts a download that outlasts the grace', async (t) => {
  const { server, tree } = await startServer(t);
  await makeBig(tree);
  const url = await listen(server, '127.0.0.1:0');
  const answer = await stalledDownload(url);

  await closeGracefully(server, 10);

  await assert.rejects(buffer(answer), { code: 'ECONNRESET' });
});

test('closing does not wait for idle kept-alive connections', async (t) => {
  const { server } = await startServer(t);
  const url = await listen(server, '127.0.0.1:0');
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  const [answer] = (await once(request(`${url}/healthz`, { agent }).end(), 'response')) as [IncomingMessage];
  await text(answer);
  const startedAt = performance.now();

  await closeGracefully(server, 60_000);

  assert.ok(performance.now() - startedAt < 5_000);
});

async function conversation(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket: Socket = connect(Number(port), hostname);
  socket.write(bytes);
  return await text(socket);
}

test('what is no HTTP is answered in one line and cut off', async (t) => {
  const { server } = await startServer(t);
  const url = await listen(server, '127.0.0.1:0');

  const answer = await conversation(url, 'EHLO mirror\r\n\r\n');

  assert.match(answer, /^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*\r\n\r\nbad request\n$/);
});

test('endless headers are refused', async (t) => {
  const { server } = await startServer(t);
  const url = await listen(server, '127.0.0.1:0');

  const answer = await conversation(url, `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`);

  assert.match(answer, /^HTTP\/1\.1 431 /);
});

test('slow clients are bounded', async (t) => {
  const { server } = await startServer(t);

  const { headersTimeout, requestTimeout, keepAliveTimeout, timeout } = server.server;

  for (const limit of [headersTimeout, requestTimeout, keepAliveTimeout, timeout]) {
    assert.ok(limit > 0 && limit <= 120_000);
  }
});

function memoryJournal(): {
  readonly journal: Journal;
  readonly requests: () => readonly JournalFacts[];
  readonly faults: () => readonly JournalFacts[];
} {
  const requests: JournalFacts[] = [];
  const faults: JournalFacts[] = [];
  const journal: Journal = {
    ...silentJournal,
    request: (facts) => requests.push(facts),
    error: (_event, _message, facts = {}) => faults.push(facts),
  };
  return { journal, requests: () => requests, faults: () => faults };
}

async function loggedRequest(t: TestContext, head: string): Promise<JournalFacts> {
  const { journal, requests } = memoryJournal();
  const { server } = await startServer(t, { journal, logRequests: true });
  const url = await listen(server, '127.0.0.1:0');
  await conversation(url, `${head}\r\nHost: x\r\nConnection: close\r\n\r\n`);
  return requests()[0] ?? {};
}

const path = '/ubuntu/dists/xenial/InRelease';

test('a request is logged with what was sent', async (t) => {
  const line = await loggedRequest(t, `GET ${path}?token=secret HTTP/1.1`);

  assert.equal(line['method'], 'GET');
  assert.equal(line['path'], path);
  assert.equal(line['status'], 200);
  assert.equal(line['bytes'], inRelease.length);
  assert.equal(typeof line['ms'], 'number');
});

for (const [what, head, bytes] of [
  ['of the head alone', `HEAD ${path} HTTP/1.1`, 0],
  ['of a range', `GET ${path} HTTP/1.1\r\nRange: bytes=2-5`, 4],
  ['of what is not modified', `GET ${path} HTTP/1.1\r\nIf-None-Match: *`, 0],
  ['of what is not there', 'GET /nothing HTTP/1.1', 'not found\n'.length],
] as const) {
  test(`the bytes of a request ${what} are those of its body`, async (t) => {
    const line = await loggedRequest(t, head);

    assert.equal(line['bytes'], bytes);
  });
}

test('of a download whose client goes away no more is counted than was sent', async (t) => {
  const { journal, requests } = memoryJournal();
  const gone = Promise.withResolvers<void>();
  const request = (facts: JournalFacts): void => {
    journal.request(facts);
    gone.resolve();
  };
  const { server, tree } = await startServer(t, { journal: { ...journal, request }, logRequests: true });
  await makeBig(tree);
  const url = await listen(server, '127.0.0.1:0');
  const answer = await stalledDownload(url);

  answer.destroy();
  await gone.promise;

  const [line = {}] = requests();
  assert.equal(line['aborted'], true);
  assert.ok(Number(line['bytes']) > 0 && Number(line['bytes']) < bigSize, String(line['bytes']));
});

test('control characters do not reach the log', async (t) => {
  const line = await loggedRequest(t, 'GET /x\u0085y\u009b31m HTTP/1.1');

  assert.doesNotMatch(String(line['path']), /[\u0000-\u001f\u007f-\u009f]/);
});

test('a bad request is logged too', async (t) => {
  const line = await loggedRequest(t, 'GET /%zz HTTP/1.1');

  assert.equal(line['status'], 400);
});

test('a fault is logged with its error', async (t) => {
  const { journal, faults } = memoryJournal();
  const { server } = await startServer(t, {
    journal,
    site: async () => Promise.reject(new TypeError('broken')),
  });

  await server.inject('/');

  assert.match(String(faults()[0]?.['err']), /broken/);
});
