import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareVersions } from '../../src/deb/version.ts';
import { version } from '../support/arbitraries.ts';

const anyText = fc.oneof(version, fc.string({ maxLength: 12 }));

test('the order is antisymmetric', () => {
  fc.assert(
    fc.property(anyText, anyText, (a, b) => {
      assert.equal(compareVersions(a, b) + compareVersions(b, a), 0);
    }),
    { numRuns: 2000 },
  );
});

test('the order is transitive', () => {
  fc.assert(
    fc.property(anyText, anyText, anyText, (...texts) => {
      const [a, b, c] = texts.sort(compareVersions);

      assert.ok(compareVersions(a ?? '', c ?? '') <= 0);
      assert.ok(compareVersions(a ?? '', b ?? '') <= 0 && compareVersions(b ?? '', c ?? '') <= 0);
    }),
    { numRuns: 2000 },
  );
});

test('zeros before a number and an epoch of zero do not count', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(), fc.integer({ min: 0, max: 5 }), (major, minor, zeros) => {
      const padding = '0'.repeat(zeros);

      assert.equal(compareVersions(`0:${padding}${major}.${padding}${minor}`, `${major}.${minor}-0`), 0);
    }),
  );
});

test('numbers of any length are ordered as numbers', () => {
  const number = fc.bigInt({ min: 0n, max: 10n ** 60n });
  fc.assert(
    fc.property(number, number, (a, b) => {
      assert.equal(compareVersions(`1.${a}`, `1.${b}`), a < b ? -1 : Number(a > b));
    }),
  );
});
