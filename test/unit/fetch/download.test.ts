import assert from 'node:assert/strict';
import { mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { FileFacts } from '../../../src/core/digest.ts';
import {
  assertSameBytes,
  cutAfter,
  failureOf,
  testDirectory,
  testFetcher,
  testJob,
  upstreamWithFile,
} from '../../support/fetching.ts';
import type { Upstream } from '../../support/upstream.ts';

const maxBytes = 1_000_000;

type Scene = {
  readonly upstream: Upstream;
  readonly url: string;
  readonly bytes: Buffer;
  readonly facts: FileFacts;
  readonly partialPath: string;
};

/** An upstream with a file, and `present` in the partial file. */
async function scene(t: TestContext, present?: (bytes: Buffer) => Buffer): Promise<Scene> {
  const served = await upstreamWithFile(t);
  const partialPath = join(await testDirectory(t), 'file.partial');
  if (present !== undefined) await writeFile(partialPath, present(served.bytes));
  return { ...served, partialPath };
}

function ranges(upstream: Upstream): (string | undefined)[] {
  return upstream.requests.map((request) => request.headers.range);
}

test('a fresh download is complete and verified', async (t) => {
  const { upstream, url, bytes, facts, partialPath } = await scene(t);

  const result = await testFetcher(t).download(
    { urls: [url], maxBytes, expected: facts, partialPath },
    testJob(),
  );

  assert.deepEqual(result, { path: partialPath, bytesFetched: bytes.length, facts });
  assertSameBytes(await readFile(partialPath), bytes);
  assert.deepEqual(ranges(upstream), [undefined]);
});

test('only the missing bytes are asked for', async (t) => {
  const { upstream, url, bytes, facts, partialPath } = await scene(t, (all) => all.subarray(0, 150_000));

  const result = await testFetcher(t).download(
    { urls: [url], maxBytes, expected: facts, partialPath },
    testJob(),
  );

  assert.equal(result.bytesFetched, bytes.length - 150_000);
  assert.deepEqual(ranges(upstream), ['bytes=150000-']);
  assert.deepEqual(
    upstream.requests.map((request) => [request.status, request.sentBytes]),
    [[206, 50_000]],
  );
  assertSameBytes(await readFile(partialPath), bytes);
});

test('a complete partial file costs no request', async (t) => {
  const { upstream, url, facts, partialPath } = await scene(t, (all) => all);

  const result = await testFetcher(t).download(
    { urls: [url], maxBytes, expected: facts, partialPath },
    testJob(),
  );

  assert.equal(result.bytesFetched, 0);
  assert.equal(upstream.count(), 0);
});

test('a partial file of full size with wrong bytes is fetched anew', async (t) => {
  const { upstream, url, bytes, facts, partialPath } = await scene(t, (all) => all.toReversed() as Buffer);

  await testFetcher(t).download({ urls: [url], maxBytes, expected: facts, partialPath }, testJob());

  assert.deepEqual(ranges(upstream), [undefined]);
  assertSameBytes(await readFile(partialPath), bytes);
});

test('a partial file that is too long is fetched anew', async (t) => {
  const { upstream, url, bytes, facts, partialPath } = await scene(t, (all) => Buffer.concat([all, all]));

  await testFetcher(t).download({ urls: [url], maxBytes, expected: facts, partialPath }, testJob());

  assert.deepEqual(ranges(upstream), [undefined]);
  assertSameBytes(await readFile(partialPath), bytes);
});

test('a wrong head is noticed at the end and the whole fetched once', async (t) => {
  const { upstream, url, bytes, facts, partialPath } = await scene(t, () => Buffer.alloc(1000));
  const fetcher = testFetcher(t, { retries: 0 });

  const result = await fetcher.download({ urls: [url], maxBytes, expected: facts, partialPath }, testJob());

  assert.deepEqual(ranges(upstream), ['bytes=1000-', undefined]);
  assert.equal(result.bytesFetched, bytes.length - 1000 + bytes.length);
  assertSameBytes(await readFile(partialPath), bytes);
});

test('a cut transfer goes on where it was cut', async (t) => {
  const { upstream, url, bytes, facts, partialPath } = await scene(t);
  const cut = cutAfter(120_000);
  upstream.fault('/file', cut.fault, 1);
  const fetcher = testFetcher(t, { now: cut.clock });

  const result = await fetcher.download({ urls: [url], maxBytes, expected: facts, partialPath }, cut.job);

  assert.deepEqual(ranges(upstream), [undefined, 'bytes=120000-']);
  assert.equal(result.bytesFetched, bytes.length);
  assert.deepEqual(fetcher.waits, [1000]);
  assertSameBytes(await readFile(partialPath), bytes);
});

test('what one mirror began, the next completes', async (t) => {
  const { upstream, url, bytes, facts, partialPath } = await scene(t);
  const second = await upstreamWithFile(t, bytes);
  const cut = cutAfter(120_000);
  upstream.fault('/file', cut.fault);
  const fetcher = testFetcher(t, { retries: 0, now: cut.clock });

  await fetcher.download({ urls: [url, second.url], maxBytes, expected: facts, partialPath }, cut.job);

  assert.deepEqual(ranges(second.upstream), ['bytes=120000-']);
  assertSameBytes(await readFile(partialPath), bytes);
});

test('wrong bytes are fetched once more, then from the next mirror, each time from the start', async (t) => {
  const { upstream, url, bytes, facts, partialPath } = await scene(t);
  const second = await upstreamWithFile(t, bytes);
  upstream.fault('/file', { kind: 'wrong-bytes' });

  await testFetcher(t).download(
    { urls: [url, second.url], maxBytes, expected: facts, partialPath },
    testJob(),
  );

  assert.deepEqual(ranges(upstream), [undefined, undefined]);
  assert.deepEqual(ranges(second.upstream), [undefined]);
  assertSameBytes(await readFile(partialPath), bytes);
});

test('bytes proven wrong do not stay', async (t) => {
  const { upstream, url, facts, partialPath } = await scene(t);
  upstream.fault('/file', { kind: 'wrong-bytes' });

  const error = await failureOf(
    testFetcher(t).download({ urls: [url], maxBytes, expected: facts, partialPath }, testJob()),
  );

  assert.equal(error.code, 'E_DIGEST_MISMATCH');
  await assert.rejects(stat(partialPath), { code: 'ENOENT' });
});

test('what came before a failure stays for the next run', async (t) => {
  const { upstream, url, bytes, facts, partialPath } = await scene(t);
  const cut = cutAfter(100_000);
  upstream.fault('/file', cut.fault);
  const fetcher = testFetcher(t, { retries: 0, now: cut.clock });

  const error = await failureOf(
    fetcher.download({ urls: [url], maxBytes, expected: facts, partialPath }, cut.job),
  );

  assert.equal(error.code, 'E_FETCH_NETWORK');
  assertSameBytes(await readFile(partialPath), bytes.subarray(0, 100_000));
});

test('a server without ranges sends everything, and that is fine', async (t) => {
  const { upstream, url, bytes, facts, partialPath } = await scene(t, (all) => all.subarray(0, 1000));
  upstream.fault('/file', { kind: 'ignore-range' });

  await testFetcher(t).download({ urls: [url], maxBytes, expected: facts, partialPath }, testJob());

  assert.equal(upstream.count(), 1);
  assertSameBytes(await readFile(partialPath), bytes);
});

test('an answer that is refused by its headers does not cost what is there', async (t) => {
  const { upstream, url, bytes, facts, partialPath } = await scene(t, (all) => all.subarray(0, 1000));
  upstream.files.set('/file', (_request, response) => {
    response.writeHead(200, { 'content-length': '30' }).end('<html>Please log in first</html>'.slice(0, 30));
  });

  const error = await failureOf(
    testFetcher(t).download({ urls: [url], maxBytes, expected: facts, partialPath }, testJob()),
  );

  assert.equal(error.code, 'E_SIZE_MISMATCH');
  assertSameBytes(await readFile(partialPath), bytes.subarray(0, 1000));
});

test('of a body that is too long nothing stays', async (t) => {
  const { upstream, url, facts, partialPath } = await scene(t);
  upstream.fault('/file', { kind: 'endless' });

  const error = await failureOf(
    testFetcher(t).download({ urls: [url], maxBytes, expected: facts, partialPath }, testJob()),
  );

  assert.equal(error.code, 'E_SIZE_MISMATCH');
  assert.deepEqual(ranges(upstream), [undefined, undefined]);
  await assert.rejects(stat(partialPath), { code: 'ENOENT' });
});

for (const kind of ['wrong-range', 'refuse-range'] as const) {
  test(`${kind}: the whole is asked for`, async (t) => {
    const { upstream, url, bytes, facts, partialPath } = await scene(t, (all) => all.subarray(0, 1000));
    upstream.fault('/file', kind === 'wrong-range' ? { kind, start: 500 } : { kind }, 1);

    await testFetcher(t).download({ urls: [url], maxBytes, expected: facts, partialPath }, testJob());

    assert.deepEqual(ranges(upstream), ['bytes=1000-', undefined]);
    assertSameBytes(await readFile(partialPath), bytes);
  });
}

test('without a digest nothing is resumed', async (t) => {
  const { upstream, url, bytes, partialPath } = await scene(t, (all) => all.subarray(0, 1000));
  upstream.fault('/file', { kind: 'cut', after: 5000 }, 1);

  await testFetcher(t).download({ urls: [url], maxBytes, partialPath }, testJob());

  assert.deepEqual(ranges(upstream), [undefined, undefined]);
  assertSameBytes(await readFile(partialPath), bytes);
});

test('an empty file is a file', async (t) => {
  const { url, facts } = await upstreamWithFile(t, Buffer.alloc(0));
  const partialPath = join(await testDirectory(t), 'empty.partial');

  await testFetcher(t).download({ urls: [url], maxBytes, expected: facts, partialPath }, testJob());

  assert.equal((await stat(partialPath)).size, 0);
});

test('an abort in mid-download keeps what came and ends at once', async (t) => {
  const { upstream, url, bytes, facts, partialPath } = await scene(t);
  upstream.fault('/file', { kind: 'stall', after: 100_000 });
  const controller = new AbortController();
  const job = testJob(controller.signal);
  const progressed = (received: number): void => {
    if (received >= 100_000) controller.abort();
  };
  const watched = {
    signal: job.signal,
    report: (event: { type: string; bytes?: number | undefined }) => {
      if (event.type === 'fetch-progress') progressed(event.bytes ?? 0);
    },
  };
  let now = 0;
  const fetcher = testFetcher(t, { now: () => (now += 1000) });

  const error = await failureOf(
    fetcher.download({ urls: [url, url], maxBytes, expected: facts, partialPath }, watched),
  );

  assert.equal(error.code, 'E_ABORTED');
  assert.equal(upstream.count(), 1);
  const kept = await readFile(partialPath);
  assert.ok(kept.length > 0 && kept.equals(bytes.subarray(0, kept.length)));
});

test('a fired signal sends nothing', async (t) => {
  const { upstream, url, facts, partialPath } = await scene(t);

  const error = await failureOf(
    testFetcher(t).download(
      { urls: [url], maxBytes, expected: facts, partialPath },
      testJob(AbortSignal.abort()),
    ),
  );

  assert.equal(error.code, 'E_ABORTED');
  assert.equal(upstream.count(), 0);
});

test('a partial path that is a symbolic link is not followed', async (t) => {
  const { url, facts, partialPath } = await scene(t);
  await writeFile(`${partialPath}.target`, 'precious');
  await symlink(`${partialPath}.target`, partialPath);

  const error = await failureOf(
    testFetcher(t).download({ urls: [url], maxBytes, expected: facts, partialPath }, testJob()),
  );

  assert.equal(error.code, 'E_IO');
  assert.equal(await readFile(`${partialPath}.target`, 'utf8'), 'precious');
});

test('a partial path that is a directory, or in none, is a clear error', async (t) => {
  const { url, facts, partialPath } = await scene(t);
  await mkdir(partialPath);
  const fetcher = testFetcher(t);

  for (const path of [partialPath, join(partialPath, 'none', 'x')]) {
    const error = await failureOf(
      fetcher.download({ urls: [url], maxBytes, expected: facts, partialPath: path }, testJob()),
    );
    assert.equal(error.code, 'E_IO');
  }
});
