import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fetcher } from '../../../src/fetch/fetcher.ts';
import { lazyFetcher } from '../../../src/fetch/lazy-fetcher.ts';

const job = { signal: new AbortController().signal, report: () => {} };
const target = { urls: ['http://127.0.0.1/x'], maxBytes: 1 };

test('nothing is made for a command that fetches nothing', async () => {
  let made = 0;
  const fetcher = lazyFetcher(async () => {
    made += 1;
    return answering();
  });

  const { counters } = fetcher;
  await fetcher.close();

  assert.deepEqual([made, counters], [0, { requests: 0, bytes: 0 }]);
});

test('one fetcher serves all calls, counts them and is closed', async () => {
  const calls: string[] = [];
  let made = 0;
  const fetcher = lazyFetcher(async () => {
    made += 1;
    return answering(calls);
  });

  const answers = await Promise.all([fetcher.document(target, job), fetcher.document(target, job)]);
  await fetcher.close();

  assert.deepEqual(answers, [{ kind: 'unmodified' }, { kind: 'unmodified' }]);
  assert.deepEqual([made, calls, fetcher.counters.requests], [1, ['document', 'document', 'close'], 2]);
});

function answering(calls: string[] = []): Fetcher {
  return {
    async document() {
      calls.push('document');
      return { kind: 'unmodified' };
    },
    stream: () => Promise.reject(new Error('not asked for')),
    download: () => Promise.reject(new Error('not asked for')),
    size: () => Promise.reject(new Error('not asked for')),
    get counters() {
      return { requests: calls.filter((call) => call === 'document').length, bytes: 0 };
    },
    async close() {
      calls.push('close');
    },
  };
}
