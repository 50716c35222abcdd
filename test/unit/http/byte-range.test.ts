import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseByteRange } from '../../../src/http/byte-range.ts';

const part = (start: number, end: number) => ({ kind: 'part', start, end });
const whole = { kind: 'whole' };
const unsatisfiable = { kind: 'unsatisfiable' };

const cases: readonly (readonly [header: string | undefined, expected: object])[] = [
  [undefined, whole],
  ['bytes=0-0', part(0, 0)],
  ['bytes=2-5', part(2, 5)],
  ['bytes=5-', part(5, 9)],
  ['bytes=5-500', part(5, 9)],
  ['bytes=-3', part(7, 9)],
  ['bytes=-300', part(0, 9)],
  ['Bytes = 1-2', part(1, 2)],
  ['bytes=0-3,4-6', part(0, 6)],
  ['bytes=4-6, 0-5', part(0, 6)],
  ['bytes=0-3,100-', part(0, 3)],
  ['bytes=0-1,5-6', whole],
  ['bytes=10-', unsatisfiable],
  ['bytes=-0', unsatisfiable],
  ['bytes=10-20,30-', unsatisfiable],
  ['bytes=', whole],
  ['bytes=-', whole],
  ['bytes=5-2', whole],
  ['bytes=a-b', whole],
  ['bytes=0-1;x', whole],
  ['lines=0-1', whole],
  [`bytes=${'0-0,'.repeat(100)}0-0`, whole],
];

for (const [header, expected] of cases) {
  test(`${String(header).slice(0, 30)} of ten bytes`, () => {
    const range = parseByteRange(header, 10);

    assert.deepEqual(range, expected);
  });
}

test('an empty file has no part', () => {
  const ranges = ['bytes=0-', 'bytes=-1', 'bytes=0-0'].map((header) => parseByteRange(header, 0));

  assert.deepEqual(ranges, [unsatisfiable, unsatisfiable, unsatisfiable]);
});

test('a part lies within the file', () => {
  fc.assert(
    fc.property(fc.nat(100), fc.stringMatching(/^bytes=[0-9,-]{0,12}$/), (size, header) => {
      const range = parseByteRange(header, size);

      if (range.kind !== 'part') return;
      assert.ok(range.start >= 0 && range.start <= range.end && range.end < size);
    }),
  );
});
