import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { unsnappy } from '../../../../../src/adopt/database/leveldb/snappy.ts';

function bytes(...parts: readonly (number | string)[]): Buffer {
  return Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from([part]))),
  );
}

describe('unsnappy reads', () => {
  const cases: readonly (readonly [string, Buffer, string])[] = [
    ['a literal', bytes(5, 4 << 2, 'hello'), 'hello'],
    ['a literal with a length of one byte', bytes(61, 60 << 2, 60, 'x'.repeat(61)), 'x'.repeat(61)],
    [
      'a literal with a length of two bytes',
      bytes(0xac, 2, 61 << 2, 43, 1, 'y'.repeat(300)),
      'y'.repeat(300),
    ],
    ['a copy with an offset of 11 bits', bytes(9, 4 << 2, 'abcde', 1, 5), 'abcdeabcd'],
    ['a copy with an offset of two bytes', bytes(8, 4 << 2, 'abcde', (2 << 2) | 2, 4, 0), 'abcdebcd'],
    ['a copy with an offset of four bytes', bytes(7, 4 << 2, 'abcde', (1 << 2) | 3, 5, 0, 0, 0), 'abcdeab'],
    ['a copy that reaches into itself', bytes(12, 1 << 2, 'ab', (9 << 2) | 2, 2, 0), 'abababababab'],
    ['nothing', bytes(0), ''],
  ];
  for (const [name, input, expected] of cases) {
    test(name, () => {
      const output = unsnappy(input, 'block');

      assert.equal(output.toString(), expected);
    });
  }
});

describe('unsnappy refuses', () => {
  const cases: readonly (readonly [string, Buffer, RegExp])[] = [
    ['nothing at all', bytes(), /ends early/],
    ['a length that cannot be', bytes(0xff, 0xff, 0xff, 0x7f, 0), /claims more bytes than it can hold/],
    ['a length without end', bytes(0xff, 0xff, 0xff, 0xff, 0xff, 0xff), /malformed length/],
    ['a truncated literal', bytes(5, 4 << 2, 'hell'), /ends within a literal/],
    ['a truncated length of a literal', bytes(5, 61 << 2, 1), /ends within a literal/],
    ['a truncated copy', bytes(9, 4 << 2, 'abcde', 2), /ends within a copy/],
    ['a copy from before the start', bytes(9, 4 << 2, 'abcde', 1, 6), /copies from before its start/],
    ['a copy of offset 0', bytes(9, 4 << 2, 'abcde', 1, 0), /offset 0/],
    ['more than it claims', bytes(4, 4 << 2, 'hello'), /longer than it claims/],
    ['less than it claims', bytes(6, 4 << 2, 'hello'), /shorter than it claims/],
  ];
  for (const [name, input, message] of cases) {
    test(name, () => {
      assert.throws(() => unsnappy(input, 'block'), { code: 'E_CATALOG', message });
    });
  }
});
