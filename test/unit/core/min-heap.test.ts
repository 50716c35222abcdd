import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MinHeap } from '../../../src/core/min-heap.ts';

test('gives items in order, also such that grow while they are the first', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.nat({ max: 3 }))), (pairs) => {
      const heap = new MinHeap<{ value: number; more: number }>((a, b) => a.value < b.value);
      for (const [value, more] of pairs) heap.push({ value, more });
      const seen: number[] = [];

      for (let item = heap.first; item !== undefined; item = heap.first) {
        seen.push(item.value);
        item.value += 2;
        item.more -= 1;
        if (item.more < 0) heap.removeFirst();
        else heap.settleFirst();
      }

      const expected = pairs.flatMap(([value, more]) =>
        Array.from({ length: more + 1 }, (_, step) => value + 2 * step),
      );
      assert.deepEqual(
        seen,
        expected.toSorted((a, b) => a - b),
      );
    }),
  );
});

test('an empty heap has no first', () => {
  const heap = new MinHeap<number>((a, b) => a < b);

  heap.removeFirst();

  assert.equal(heap.first, undefined);
});
