import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  assertVersion,
  compareVersions,
  satisfiesVersion,
  type VersionOperator,
} from '../../../src/deb/version.ts';

const ordered: readonly (readonly [smaller: string, larger: string])[] = [
  ['1.0~rc1', '1.0'],
  ['1.0~~', '1.0~'],
  ['1.0~~a', '1.0~'],
  ['1.0', '1.0a'],
  ['1.0a', '1.0+'],
  ['1.0-1~bpo1', '1.0-1'],
  ['2', '1:1'],
  ['9', '10'],
  ['1.9', '1.10'],
  ['1-10', '1-2-3'],
  ['2.0+1', '2.0-rc-1'],
  ['2.0-alpha-9', '2.0-beta-1'],
  ['1.2', '1.2.0'],
  ['1.0A', '1.0a'],
  ['99999999999999999998', '99999999999999999999'],
  ['229-4ubuntu11', '229-4ubuntu12'],
  ['2:1.0', '10:1.0'],
  ['1.0-1', '1.0-1.1'],
  ['0~', '0'],
];

for (const [smaller, larger] of ordered) {
  test(`${smaller} is before ${larger}`, () => {
    const orders = [compareVersions(smaller, larger), compareVersions(larger, smaller)];

    assert.deepEqual(orders, [-1, 1]);
  });
}

const equal: readonly (readonly [string, string])[] = [
  ['1.0', '1.0'],
  ['1.0', '1.00'],
  ['1.0-0', '1.0'],
  ['1.0-', '1.0'],
  ['0:1.0', '1.0'],
  ['1.01a', '1.1a'],
  ['', '0'],
  ['00:1', '1'],
  ['1.0-00', '1.0-0'],
];

for (const [a, b] of equal) {
  test(`"${a}" and "${b}" are equal`, () => {
    const orders = [compareVersions(a, b), compareVersions(b, a)];

    assert.deepEqual(orders, [0, 0]);
  });
}

test('orders what is no version by the same rules', () => {
  const orders = [compareVersions('a:1', '1'), compareVersions('x y', 'x'), compareVersions('é', 'z')];

  assert.deepEqual(orders, [1, 1, 1]);
});

const operators: readonly (readonly [VersionOperator, readonly [boolean, boolean, boolean]])[] = [
  ['<<', [true, false, false]],
  ['<=', [true, true, false]],
  ['=', [false, true, false]],
  ['>=', [false, true, true]],
  ['>>', [false, false, true]],
];

for (const [operator, expected] of operators) {
  test(`operator ${operator} against a smaller, an equal and a larger version`, () => {
    const results = ['1.0', '2.00', '3'].map((version) => satisfiesVersion(version, operator, '2.0'));

    assert.deepEqual(results, expected);
  });
}

for (const version of [
  '1',
  '1.0-1',
  '2:1.0~rc1+dfsg-3ubuntu4.1',
  '1-2-3',
  '0',
  '1:a:b-1',
  'r13',
  '2147483647:1',
]) {
  test(`accepts the version ${version}`, () => {
    assert.doesNotThrow(() => assertVersion(version, 'test'));
  });
}

for (const version of [
  '',
  '-1',
  '1-',
  ':1',
  'a:1',
  '1:',
  '1 0',
  '1_0',
  '1.0-a:b',
  '1é',
  '2147483648:1',
  '1:-1',
]) {
  test(`refuses the version "${version}"`, () => {
    assert.throws(() => assertVersion(version, 'test'), { code: 'E_VERSION_SYNTAX', message: /^test: / });
  });
}
