import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseGoInteger } from '../../../../src/cli/aptly/go-integer.ts';

describe('parseGoInteger', () => {
  const good: readonly (readonly [string, bigint])[] = [
    ['0', 0n],
    ['10', 10n],
    ['-3', -3n],
    ['+3', 3n],
    ['0x10', 16n],
    ['0XfF', 255n],
    ['-0x10', -16n],
    ['010', 8n],
    ['0o17', 15n],
    ['0b101', 5n],
    ['1_000', 1000n],
    ['0x_1', 1n],
    ['0_7', 7n],
    ['00', 0n],
    ['9223372036854775807', 9223372036854775807n],
    ['-9223372036854775808', -9223372036854775808n],
  ];
  for (const [text, value] of good) {
    it(`reads ${text}`, () => {
      assert.equal(parseGoInteger(text), value);
    });
  }

  for (const text of [
    '',
    '-',
    'x',
    '1.5',
    '09',
    '1_',
    '_1',
    '1__0',
    '0x',
    '0b2',
    ' 1',
    '1e3',
    '9223372036854775808',
  ]) {
    it(`refuses "${text}"`, () => {
      assert.equal(parseGoInteger(text), undefined);
    });
  }
});
