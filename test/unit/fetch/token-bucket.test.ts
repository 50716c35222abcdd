import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TokenBucket } from '../../../src/fetch/token-bucket.ts';

test('a burst of one second is free, what follows is paid by waiting', () => {
  const bucket = new TokenBucket(1000, () => 0);

  const waits = [bucket.take(1000), bucket.take(500), bucket.take(500)];

  assert.deepEqual(waits, [0, 500, 1000]);
});

test('time fills the bucket again, but never beyond a second', () => {
  let now = 0;
  const bucket = new TokenBucket(1000, () => now);
  bucket.take(1000);

  now = 250;
  const afterQuarter = bucket.take(250);
  now = 1_000_000;
  const afterLong = bucket.take(1500);

  assert.equal(afterQuarter, 0);
  assert.equal(afterLong, 500);
});

test('a clock that jumps back neither fills nor empties it', () => {
  let now = 10_000;
  const bucket = new TokenBucket(1000, () => now);
  bucket.take(1000);

  now = 0;

  assert.equal(bucket.take(1000), 1000);
});

test('whoever waits as told never exceeds the rate plus one burst', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.array(fc.nat(100_000), { maxLength: 50 }),
      (rate, sizes) => {
        let now = 0;
        const bucket = new TokenBucket(rate, () => now);

        for (const size of sizes) now += bucket.take(size);

        const total = sizes.reduce((sum, size) => sum + size, 0);
        assert.ok(total <= rate + (now / 1000) * rate + 1e-3);
      },
    ),
  );
});
