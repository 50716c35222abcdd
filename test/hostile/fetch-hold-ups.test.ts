import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { throwIfAborted } from '../../src/core/abort.ts';
import {
  failureOf,
  sampleBytes,
  testFetcher,
  testJob,
  testUpstream,
  upstreamWithFile,
} from '../support/fetching.ts';

const maxBytes = 300_000;

/** A server that says whatever `speak` writes to each connection; `connections` counts them. */
async function rawServer(t: TestContext, speak: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => speak(socket));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/file`, connections: () => connections };
}

/** Writes `text` again each time that the last one has left, until the connection ends. */
function repeat(socket: Socket, text: string): void {
  const next = (): void => {
    if (!socket.destroyed) socket.write(text, () => setImmediate(next));
  };
  next();
}

test('a body that trickles is given up when it stays below the minimum rate for a minute', async (t) => {
  const upstream = await testUpstream(t);
  upstream.files.set('/file', (_request, response) => {
    response.writeHead(200, { 'content-length': '100000' });
    trickle(response);
  });
  const fetcher = testFetcher(t, { retries: 1, now: slowTime(700) });

  const error = await failureOf(fetcher.document({ urls: [`${upstream.url}file`], maxBytes }, testJob()));

  assert.equal(error.code, 'E_FETCH_TIMEOUT');
  assert.match(error.message, /comes at \d+ B a second, less than 1\.00 KiB/);
  assert.equal(upstream.count(), 2);
});

test('a slow line is served to the end when no minimum rate is asked', async (t) => {
  const upstream = await testUpstream(t);
  upstream.files.set('/file', (_request, response) => {
    response.writeHead(200, { 'content-length': '300' });
    trickle(response, 300);
  });
  const fetcher = testFetcher(t, { minimumBytesPerSecond: 0, now: slowTime(700) });

  const result = await fetcher.document({ urls: [`${upstream.url}file`], maxBytes }, testJob());

  assert.equal(result.kind === 'document' && result.bytes.length, 300);
});

test('what waits for its share of our own bandwidth is not too slow, nor too late', async (t) => {
  const { url, bytes } = await upstreamWithFile(t, sampleBytes(200_000));
  let now = 0;
  const fetcher = testFetcher(t, {
    bandwidthBytesPerSecond: 100,
    fileTimeoutSeconds: 60,
    now: () => now,
    sleep: async (milliseconds, signal) => {
      throwIfAborted(signal);
      now += milliseconds;
    },
  });

  const result = await fetcher.document({ urls: [url], maxBytes }, testJob());

  assert.equal(result.kind === 'document' && result.bytes.equals(bytes), true);
  assert.ok(now > 1_000_000);
});

test('interim answers without end are no answer', async (t) => {
  const flood = await rawServer(t, (socket) => repeat(socket, 'HTTP/1.1 103 Early Hints\r\n\r\n'));
  const fetcher = testFetcher(t, { retries: 0, timeoutSeconds: 60 });

  const error = await failureOf(fetcher.document({ urls: [flood.url], maxBytes }, testJob()));

  assert.equal(error.code, 'E_FETCH_TIMEOUT');
});

test('a few interim answers before the real one are fine', async (t) => {
  const hints = 'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n'.repeat(3);
  const server = await rawServer(t, (socket) =>
    socket.end(`${hints}HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok`),
  );
  const fetcher = testFetcher(t, { retries: 0 });

  const result = await fetcher.document({ urls: [server.url], maxBytes }, testJob());

  assert.equal(result.kind === 'document' && String(result.bytes), 'ok');
});

for (const [what, begin, more] of [
  ['interim answers that come slowly', '', 'HTTP/1.1 103 Early Hints\r\n\r\n'],
  ['a head that trickles', 'HTTP/1.1 200 OK\r\nx: ', 'y'],
] as const) {
  test(`${what} have the time of one head`, async (t) => {
    const server = await rawServer(t, (socket) => {
      socket.write(begin);
      const timer = setInterval(() => socket.write(more), 40);
      socket.once('close', () => clearInterval(timer));
    });
    const fetcher = testFetcher(t, { retries: 0, timeoutSeconds: 0.3 });

    const error = await failureOf(fetcher.document({ urls: [server.url], maxBytes }, testJob()));

    assert.equal(error.code, 'E_FETCH_TIMEOUT');
  });
}

test('a file has one time limit over all attempts', async (t) => {
  const { upstream, url, facts } = await upstreamWithFile(t, sampleBytes(100));
  upstream.fault('*', { kind: 'stall', after: 10 });
  const fetcher = testFetcher(t, { retries: 5, timeoutSeconds: 60, fileTimeoutSeconds: 0.2 });

  const error = await failureOf(fetcher.document({ urls: [url, url], maxBytes, expected: facts }, testJob()));

  assert.equal(error.code, 'E_FETCH_TIMEOUT');
  assert.match(error.message, /all attempts together/);
  assert.equal(upstream.count(), 1);
});

test('a wait beyond the time limit of the file is not begun', async (t) => {
  const { upstream, url } = await upstreamWithFile(t);
  upstream.fault('*', { kind: 'status', status: 503, retryAfter: '100' });
  const fetcher = testFetcher(t, { retries: 5, fileTimeoutSeconds: 50 });

  const error = await failureOf(fetcher.document({ urls: [url], maxBytes }, testJob()));

  assert.equal(error.code, 'E_FETCH_STATUS');
  assert.deepEqual(fetcher.waits, []);
});

test('Retry-After is obeyed for ten minutes of a run and no more, file after file', async (t) => {
  const upstream = await testUpstream(t);
  let now = 0;
  const fetcher = testFetcher(t, {
    retries: 1,
    now: () => now,
    sleep: async (milliseconds) => {
      now += milliseconds;
    },
  });
  for (let file = 0; file < 100; file += 1) {
    upstream.files.set(`/${file}`, Buffer.from('x'));
    upstream.fault(`/${file}`, { kind: 'status', status: 503, retryAfter: '999999' }, 1);
  }

  for (let file = 0; file < 100; file += 1)
    await fetcher.document({ urls: [`${upstream.url}${file}`], maxBytes }, testJob());

  assert.ok(now >= 600_000 && now <= 700_000, `${now} ms`);
});

for (const [what, fault, asked] of [
  ['that refuses connections', { kind: 'refuse' }, 3],
  ['that never answers', { kind: 'stall' }, 3],
  ['that is overloaded, after three files', { kind: 'status', status: 503 }, 9],
] as const) {
  test(`a host ${what} is down for all files`, async (t) => {
    const upstream = await testUpstream(t);
    upstream.fault('*', fault);
    const fetcher = testFetcher(t, { retries: 2, timeoutSeconds: 0.2, now: () => 0 });

    for (let file = 0; file < 20; file += 1)
      await failureOf(fetcher.document({ urls: [`${upstream.url}${file}`], maxBytes }, testJob()));

    assert.equal(upstream.count(), asked);
  });
}

test('a host that serves other files is not down for one that breaks', async (t) => {
  const upstream = await testUpstream(t, {
    files: new Map([
      ['/good', Buffer.from('x')],
      ['/bad', Buffer.from('xyz')],
    ]),
  });
  upstream.fault('/bad', { kind: 'cut', after: 1 });
  let now = 0;
  const fetcher = testFetcher(t, { retries: 1, now: () => (now += 1) });
  const get = (name: string) => fetcher.document({ urls: [upstream.url + name], maxBytes }, testJob());

  for (let round = 0; round < 5; round += 1) {
    await failureOf(get('bad'));
    await get('good');
  }

  assert.equal(upstream.count('/good'), 5);
  assert.equal(upstream.count('/bad'), 10);
});

test('the body of an error that trickles keeps no connection from the next file', async (t) => {
  const upstream = await testUpstream(t, { files: new Map([['/good', Buffer.from('x')]]) });
  upstream.files.set('/bad', (_request, response) => {
    response.writeHead(404);
    response.write('n');
  });
  const fetcher = testFetcher(t, { retries: 0, connections: 1, timeoutSeconds: 60 });
  await failureOf(fetcher.document({ urls: [`${upstream.url}bad`], maxBytes }, testJob()));

  const result = await fetcher.document({ urls: [`${upstream.url}good`], maxBytes }, testJob());

  assert.equal(result.kind, 'document');
});

/** A clock on which every look at it takes some milliseconds. */
function slowTime(milliseconds: number): () => number {
  let now = 0;
  return () => {
    now += milliseconds;
    return now;
  };
}

/** Byte by byte, each when the last one has left. */
function trickle(response: ServerResponse, bytes = Number.POSITIVE_INFINITY): void {
  if (bytes === 0) response.end();
  else if (!response.destroyed) response.write('x', () => setImmediate(() => trickle(response, bytes - 1)));
}
