import assert from 'node:assert/strict';
import cluster from 'node:cluster';
import { once } from 'node:events';
import { lstat } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { EspejoError, isEspejoError } from '../../src/core/errors.ts';
import { type Journal, silentJournal } from '../../src/core/journal.ts';
import { openServing, type Serving, type ServingOptions } from '../../src/http/serving.ts';
import { inRelease, makePublishedTree, type PublishedTree } from '../builders/published-tree.ts';
import { makeSiteFacts } from '../builders/site-facts.ts';

const release = '/ubuntu/dists/xenial/InRelease';

/** Two processes over a fresh tree; all goes away with the test. */
async function serveByTwo(
  t: TestContext,
  changes: (tree: PublishedTree) => Partial<ServingOptions> = () => ({}),
): Promise<{ readonly serving: Serving; readonly tree: PublishedTree }> {
  const tree = await makePublishedTree();
  t.after(() => tree.remove());
  const serving = await openServing({
    publicDirectory: tree.root,
    address: '127.0.0.1:0',
    processes: 2,
    site: async () => makeSiteFacts({ title: 'Asked for' }),
    ready: async () => ({ ready: true }),
    ...changes(tree),
  });
  t.after(() => serving.close(0));
  return { serving, tree };
}

async function answerOf(url: string, headers = {}): Promise<IncomingMessage> {
  const [answer] = (await once(get(url, { agent: false, headers }), 'response')) as [IncomingMessage];
  return answer;
}

function pids(): readonly (number | undefined)[] {
  return Object.values(cluster.workers ?? {}).map((worker) => worker?.process.pid);
}

test('two processes answer on one address, and ask the first for what they cannot know', async (t) => {
  const { serving } = await serveByTwo(t);

  assert.equal(pids().length, 2);
  for (let turn = 0; turn < 4; turn += 1) {
    assert.equal(await text(await answerOf(serving.url + release)), inRelease);
    assert.match(await text(await answerOf(serving.url, { accept: 'text/html' })), /Asked for/);
    assert.equal(await text(await answerOf(`${serving.url}/readyz`)), '{"status":"ready"}');
    assert.equal((await answerOf(`${serving.url}/espejo.gpg`)).statusCode, 200);
  }
});

test('a question that cannot be answered is told as the first process would', async (t) => {
  const { serving } = await serveByTwo(t, () => ({
    site: async () => {
      throw new EspejoError('E_CATALOG', 'secret words of this machine');
    },
    ready: async () => ({ ready: false, reason: 'not published yet: xenial' }),
  }));

  const page = await answerOf(serving.url);
  const readiness = await answerOf(`${serving.url}/readyz`);

  assert.equal(page.statusCode, 500);
  assert.match(await text(page), /^E_CATALOG: /);
  assert.equal(readiness.statusCode, 503);
  assert.match(await text(readiness), /not published yet: xenial/);
});

test('a flip is seen by all processes at once', async (t) => {
  const { serving, tree } = await serveByTwo(t);
  await tree.write('ubuntu/dists/.espejo/xenial/2/InRelease', 'another');
  const four = (): Promise<readonly string[]> =>
    Promise.all(Array.from({ length: 4 }, async () => text(await answerOf(serving.url + release))));

  assert.deepEqual(await four(), Array(4).fill(inRelease));
  await tree.flip('xenial', '2');

  assert.deepEqual(await four(), Array(4).fill('another'));
});

test('a process that is killed is replaced, and the others go on', async (t) => {
  const ended = Promise.withResolvers<string>();
  const journal: Journal = { ...silentJournal, error: (event) => ended.resolve(event) };
  const { serving } = await serveByTwo(t, () => ({ journal }));
  const before = pids();

  process.kill(Number(before[0]), 'SIGKILL');
  assert.equal(await ended.promise, 'serving-process-ended');
  assert.equal(await text(await answerOf(serving.url + release)), inRelease);
  const [replaced] = (await once(cluster, 'listening')) as [{ process: { pid: number } }];

  assert.ok(!before.includes(replaced.process.pid));
  assert.equal(pids().length, 2);
  for (let turn = 0; turn < 4; turn += 1)
    assert.equal(await text(await answerOf(serving.url + release)), inRelease);
});

test('requests are told to the journal of the first process', async (t) => {
  const told = Promise.withResolvers<unknown>();
  const journal: Journal = { ...silentJournal, request: (facts) => told.resolve(facts) };
  const { serving } = await serveByTwo(t, () => ({ journal, logRequests: true }));

  await text(await answerOf(serving.url + release));

  assert.partialDeepStrictEqual(await told.promise, { path: release, status: 200, bytes: inRelease.length });
});

test('a taken port is refused as by one process, and nothing stays behind', async (t) => {
  const { serving } = await serveByTwo(t);
  const { host } = new URL(serving.url);
  const before = pids();

  // The second first process is another program's: a cluster shares what it listens on.
  const other = createServer().listen(0, '127.0.0.1');
  t.after(() => other.close());
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  await assert.rejects(
    serveByTwo(t, () => ({ address: `127.0.0.1:${port}` })),
    (error) => isEspejoError(error, 'E_PORT_IN_USE'),
  );

  assert.deepEqual(pids(), before);
  assert.equal(await text(await answerOf(`http://${host}${release}`)), inRelease);
});

test('closing lets a download finish, ends all processes and frees the address', async (t) => {
  const { serving, tree } = await serveByTwo(t);
  const content = Buffer.alloc(32 * 1024 * 1024, 3);
  await tree.write('files/big', content);
  const answer = await answerOf(`${serving.url}/files/big`);
  await once(answer, 'readable');

  const closed = serving.close(60_000);
  const body = await buffer(answer);
  await closed;

  assert.ok(body.equals(content));
  assert.deepEqual(pids(), []);
  await assert.rejects(answerOf(serving.url), { code: 'ECONNREFUSED' });
});

test('processes share a Unix socket, and its file goes with them', async (t) => {
  let path = '';
  const { serving } = await serveByTwo(t, ({ outside }) => {
    path = join(outside, 'espejo.sock');
    return { address: `unix://${path}` };
  });

  const [answer] = (await once(get({ socketPath: path, path: release }), 'response')) as [IncomingMessage];
  assert.equal(await text(answer), inRelease);
  await serving.close(0);

  await assert.rejects(lstat(path), { code: 'ENOENT' });
});
