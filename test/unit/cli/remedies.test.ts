import assert from 'node:assert/strict';
import { test } from 'node:test';
import { remedyOf } from '../../../src/cli/remedies.ts';
import { together } from '../../../src/cli/run-each.ts';
import { type ErrorCode, errorCodes } from '../../../src/core/error-codes.ts';
import { EspejoError } from '../../../src/core/errors.ts';
import { statusError } from '../../../src/fetch/failures.ts';

const codes = Object.keys(errorCodes) as ErrorCode[];

test('only what may pass by itself is to be tried again later', () => {
  const again = codes.filter((code) => /again later/.test(remedyOf(code) ?? ''));

  assert.deepEqual(again, ['E_FETCH_TIMEOUT', 'E_FETCH_STATUS']);
});

test('a refusal of the upstream is not to be tried again, its trouble is', () => {
  const hints = [400, 401, 429, 451, 503].map((status) => statusError(status, 'http://h/', undefined).hint);

  assert.match(hints[0] ?? '', /does not help/);
  assert.match(hints[1] ?? '', /password/);
  assert.match(hints[3] ?? '', /does not help/);
  assert.deepEqual([hints[2], hints[4]], [undefined, undefined]);
});

test('no remedy sends a catalog away', () => {
  assert.ok(codes.every((code) => !/move it away/.test(remedyOf(code) ?? '')));
});

test('unknown packages of all mirrors are one error, other faults stay', () => {
  const unknown = (...problems: string[]): EspejoError =>
    new EspejoError('E_PACKAGE_UNKNOWN', problems.join('; '), { context: { problems }, hint: 'correct it' });
  const other = new EspejoError('E_FETCH_NETWORK', 'x');

  const faults = together([
    unknown('a exists nowhere', 'b exists nowhere'),
    other,
    unknown('c exists nowhere'),
  ]);

  assert.deepEqual(
    faults.map(({ code, details }) => [code, details]),
    [
      ['E_PACKAGE_UNKNOWN', ['a exists nowhere', 'b exists nowhere', 'c exists nowhere']],
      ['E_FETCH_NETWORK', []],
    ],
  );
  assert.deepEqual(together([other]), [other]);
});
