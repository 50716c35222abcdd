import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bothAtOnce } from '../../../src/core/concurrency.ts';

describe('bothAtOnce', () => {
  const { signal } = new AbortController();

  test('the second may wait for the first', async () => {
    const seen: string[] = [];

    await bothAtOnce(
      signal,
      async () => {
        await Promise.resolve();
        seen.push('first');
      },
      async (_signal, first) => {
        await first;
        seen.push('second');
      },
    );

    assert.deepEqual(seen, ['first', 'second']);
  });

  test('what fails first stops the other one and is thrown once it has ended', async () => {
    let ended = false;
    const untilStopped = async (stop: AbortSignal): Promise<void> => {
      await new Promise((resolve) => stop.addEventListener('abort', resolve));
      ended = true;
      throw new Error('stopped');
    };
    const broken = async (): Promise<void> => {
      throw new Error('broken');
    };

    await assert.rejects(bothAtOnce(signal, broken, untilStopped), { message: 'broken' });
    assert.ok(ended);
    await assert.rejects(bothAtOnce(signal, untilStopped, broken), { message: 'broken' });
  });
});
