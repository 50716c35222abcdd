import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { ErrorCode } from '../../../src/core/error-codes.ts';
import { EspejoError } from '../../../src/core/errors.ts';
import { decide, type Failure, parseRetryAfter } from '../../../src/fetch/retry-policy.ts';

function failure(
  code: ErrorCode,
  facts: Partial<Failure> & { context?: Record<string, unknown> } = {},
): Failure {
  const { context, ...rest } = facts;
  const error = new EspejoError(code, 'x', context === undefined ? {} : { context });
  return { error, attempt: 1, mismatches: 0, retries: 3, random: 1, ...rest };
}

describe('decide', () => {
  for (const code of ['E_FETCH_NETWORK', 'E_FETCH_TIMEOUT'] as const) {
    test(`${code} is tried again`, () => {
      const verdict = decide(failure(code));

      assert.deepEqual(verdict, { kind: 'retry', delayMs: 1000 });
    });
  }

  for (const status of [408, 425, 429, 500, 502, 503, 504]) {
    test(`status ${status} is tried again`, () => {
      const verdict = decide(failure('E_FETCH_STATUS', { context: { status } }));

      assert.equal(verdict.kind, 'retry');
    });
  }

  for (const status of [400, 401, 403, 407, 451, 501, 206, 304]) {
    test(`status ${status} leads to the next URL`, () => {
      const verdict = decide(failure('E_FETCH_STATUS', { context: { status } }));

      assert.equal(verdict.kind, 'next-url');
    });
  }

  for (const code of [
    'E_FETCH_NOT_FOUND',
    'E_FETCH_REDIRECT',
    'E_FETCH_UNSUPPORTED',
    'E_SIZE_LIMIT',
  ] as const) {
    test(`${code} leads to the next URL`, () => {
      assert.equal(decide(failure(code)).kind, 'next-url');
    });
  }

  for (const code of ['E_ABORTED', 'E_DISK_FULL', 'E_PERMISSION', 'E_IO', 'E_DECOMPRESS'] as const) {
    test(`${code} ends everything`, () => {
      assert.equal(decide(failure(code)).kind, 'give-up');
    });
  }

  test('a bug ends everything', () => {
    const verdict = decide({ ...failure('E_IO'), error: new TypeError('bug') });

    assert.equal(verdict.kind, 'give-up');
  });

  for (const code of ['E_DIGEST_MISMATCH', 'E_SIZE_MISMATCH'] as const) {
    test(`${code} is tried once more on the same URL`, () => {
      const first = decide(failure(code, { mismatches: 1 }));
      const second = decide(failure(code, { mismatches: 2, attempt: 2 }));

      assert.equal(first.kind, 'retry');
      assert.equal(second.kind, 'next-url');
    });
  }

  test('after the last retry the next URL follows', () => {
    assert.equal(decide(failure('E_FETCH_NETWORK', { attempt: 3 })).kind, 'retry');
    assert.equal(decide(failure('E_FETCH_NETWORK', { attempt: 4 })).kind, 'next-url');
    assert.equal(decide(failure('E_FETCH_NETWORK', { retries: 0 })).kind, 'next-url');
  });

  test('waits double up to a minute', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 40].map((attempt) =>
      decide(failure('E_FETCH_NETWORK', { attempt, retries: 50 })),
    );

    assert.deepEqual(
      waits.map((verdict) => (verdict.kind === 'retry' ? verdict.delayMs : -1)),
      [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000],
    );
  });

  test('chance takes off at most half of the wait', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 60 }),
        (random, attempt) => {
          const verdict = decide(failure('E_FETCH_NETWORK', { attempt, retries: 100, random }));

          const full = Math.min(60_000, 1000 * 2 ** (attempt - 1));
          assert.ok(verdict.kind === 'retry' && verdict.delayMs >= full / 2 && verdict.delayMs <= full);
        },
      ),
    );
  });

  test('a longer Retry-After is obeyed, up to two minutes', () => {
    const delay = (retryAfterMs: number): unknown =>
      decide(failure('E_FETCH_STATUS', { context: { status: 503, retryAfterMs } }));

    assert.deepEqual(delay(0), { kind: 'retry', delayMs: 1000 });
    assert.deepEqual(delay(30_000), { kind: 'retry', delayMs: 30_000 });
    assert.deepEqual(delay(86_400_000), { kind: 'retry', delayMs: 120_000 });
  });
});

describe('parseRetryAfter', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');

  test('reads seconds and dates', () => {
    assert.equal(parseRetryAfter('17', now), 17_000);
    assert.equal(parseRetryAfter('Thu, 01 Jan 2026 00:01:00 GMT', now), 60_000);
    assert.equal(parseRetryAfter('Thu, 01 Jan 2015 00:01:00 GMT', now), 0);
  });

  test('ignores everything else', () => {
    for (const value of [undefined, '', '-1', '1e9', '99999999999999', 'soon', 'Thu, nonsense']) {
      assert.equal(parseRetryAfter(value, now), undefined);
    }
  });
});
