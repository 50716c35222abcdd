import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MsgExtension, type MsgValue } from '../../../../src/adopt/database/msgpack.ts';
import { readTime } from '../../../../src/adopt/database/time.ts';

function bytes(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex');
}

describe('readTime reads', () => {
  const documented = { at: new Date(1_795_333_084_417), nanoseconds: 417_112_824 };
  const cases: readonly (readonly [string, MsgValue, ReturnType<typeof readTime>])[] = [
    ['nil as never', null, undefined],
    ['seconds', bytes('6b029bdc'), { at: new Date(1_795_333_084_000), nanoseconds: 0 }],
    ['the documented example', bytes('63728be06b029bdc'), documented],
    ['an extension with the same payload', new MsgExtension(-1, bytes('63728be06b029bdc')), documented],
    ['nanoseconds before seconds', bytes('18dca2f8 000000006b029bdc'), documented],
    ['seconds before 1970', bytes('00000000 ffffffffffffffff'), { at: new Date(-1000), nanoseconds: 0 }],
    ["the zero of Go's binary form as never", bytes('01 0000000000000000 00000000 ffff'), undefined],
    ['the zero of Go in the long form as never', bytes('00000000 fffffff1886e0900'), undefined],
    ['encodings that are not known as unknown', bytes('0102'), undefined],
    ['other types as unknown', 12, undefined],
    ['other extensions as unknown', new MsgExtension(3, bytes('6b029bdc')), undefined],
    ['too many nanoseconds as unknown', bytes('ffffffff 0000000000000000'), undefined],
    ['more seconds than a Date holds as unknown', bytes('00000000 7fffffffffffffff'), undefined],
  ];
  for (const [name, value, expected] of cases) {
    test(name, () => {
      const time = readTime(value);

      assert.deepEqual(time, expected);
    });
  }

  for (const [version, tail] of [
    ['01', 'ffff'],
    ['02', 'ffff00'],
  ] as const) {
    test(`Go's binary form ${version}`, () => {
      const seconds = (1_795_333_084n + 62_135_596_800n).toString(16).padStart(16, '0');

      const time = readTime(bytes(`${version}${seconds}18dca2f8${tail}`));

      assert.deepEqual(time, documented);
    });
  }

  for (const [zone, minutes] of [
    ['00f0', 240],
    ['ff2e', -210],
    ['0000', 0],
  ] as const) {
    test(`the zone of Go's binary form ${zone}`, () => {
      const seconds = (1_795_333_084n + 62_135_596_800n).toString(16).padStart(16, '0');

      const time = readTime(bytes(`01${seconds}18dca2f8${zone}`));

      assert.deepEqual(time, { ...documented, zone: minutes });
    });
  }
});
