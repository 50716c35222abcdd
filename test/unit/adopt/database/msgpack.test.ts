import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { decodeMsgpack, MsgExtension, type MsgValue } from '../../../../src/adopt/database/msgpack.ts';
import { EspejoError } from '../../../../src/core/errors.ts';
import { packed } from '../../../builders/msgpack.ts';

function decode(hex: string): MsgValue {
  return decodeMsgpack(Buffer.from(hex.replaceAll(' ', ''), 'hex'), 'record');
}

describe('decodeMsgpack reads', () => {
  const cases: readonly (readonly [string, string, MsgValue])[] = [
    ['nil', 'c0', null],
    ['false', 'c2', false],
    ['true', 'c3', true],
    ['positive fixint', '7f', 127],
    ['negative fixint', 'e0', -32],
    ['uint8', 'cc ff', 255],
    ['uint16', 'cd ffff', 65_535],
    ['uint32', 'ce ffffffff', 4_294_967_295],
    ['uint64', 'cf 000000ffffffffff', 1_099_511_627_775],
    ['the largest uint64', 'cf ffffffffffffffff', 18_446_744_073_709_551_615n],
    ['int8', 'd0 80', -128],
    ['int16', 'd1 8000', -32_768],
    ['int32', 'd2 80000000', -2_147_483_648],
    ['int64', 'd3 fffffffffffffffe', -2],
    ['the smallest int64', 'd3 8000000000000000', -9_223_372_036_854_775_808n],
    ['float32', 'ca 3fc00000', 1.5],
    ['float64', 'cb 3ff8000000000000', 1.5],
    ['fixraw', 'a2 6869', Buffer.from('hi')],
    ['raw that is no UTF-8', 'a2 ff41', Buffer.from([0xff, 0x41])],
    ['str8', 'd9 02 6869', Buffer.from('hi')],
    ['raw16', 'da 0002 6869', Buffer.from('hi')],
    ['raw32', 'db 00000002 6869', Buffer.from('hi')],
    ['bin8', 'c4 02 6869', Buffer.from('hi')],
    ['bin16', 'c5 0002 6869', Buffer.from('hi')],
    ['bin32', 'c6 00000002 6869', Buffer.from('hi')],
    ['fixarray', '92 01 02', [1, 2]],
    ['array16', 'dc 0001 c0', [null]],
    ['array32', 'dd 00000001 c3', [true]],
    ['fixmap', '81 a1 61 01', new Map([['a', 1]])],
    ['map16', 'de 0001 a1 61 01', new Map([['a', 1]])],
    ['map32', 'df 00000001 a1 61 01', new Map([['a', 1]])],
    ['fixext1', 'd4 05 61', new MsgExtension(5, Buffer.from('a'))],
    ['fixext4', 'd6 ff 00000001', new MsgExtension(-1, Buffer.from([0, 0, 0, 1]))],
    ['ext8', 'c7 02 05 6869', new MsgExtension(5, Buffer.from('hi'))],
    ['ext16', 'c8 0002 05 6869', new MsgExtension(5, Buffer.from('hi'))],
    ['ext32', 'c9 00000002 05 6869', new MsgExtension(5, Buffer.from('hi'))],
  ];
  for (const [name, hex, expected] of cases) {
    test(name, () => {
      const value = decode(hex);

      assert.deepEqual(value, expected);
    });
  }
});

describe('decodeMsgpack refuses', () => {
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['nothing', '', /ends early/],
    ['a truncated text', 'a5 6869', /ends early/],
    ['a truncated number', 'cf 00', /ends early/],
    ['a list that claims four thousand million values', 'dd ffffffff', /ends early/],
    ['a map that claims as many', 'df ffffffff', /ends early/],
    ['a text that claims as much', 'db ffffffff', /ends early/],
    ['a byte that starts nothing', 'c1', /starts no value/],
    ['a key that is no text', '81 01 01', /a key is no text/],
    ['something after the value', '01 02', /something follows/],
    ['a deep nest', '91'.repeat(50), /nested too deeply/],
  ];
  for (const [name, hex, message] of cases) {
    test(name, () => {
      assert.throws(() => decode(hex), { code: 'E_CATALOG', message });
    });
  }

  test('any bytes with an error of its own or not at all', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          return decodeMsgpack(Buffer.from(bytes), 'record') !== undefined;
        } catch (error) {
          return error instanceof EspejoError;
        }
      }),
    );
  });
});

test('reads what the builder of the tests writes', () => {
  const value = { a: ['x'.repeat(40), 200, 70_000, -5, true, undefined], b: 2n ** 63n };

  const read = decodeMsgpack(packed(value), 'record');

  const list = [Buffer.from('x'.repeat(40)), 200, 70_000, -5, true, null];
  assert.deepEqual(
    read,
    new Map<string, MsgValue>([
      ['a', list],
      ['b', 2n ** 63n],
    ]),
  );
});
