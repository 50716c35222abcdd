import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { closest, didYouMean } from '../../../src/core/closest.ts';

test('finds the nearest first', () => {
  const found = closest('ngnix', ['nginx-full', 'apache2', 'nginx', 'unix'], 3);

  assert.deepEqual(found, ['nginx']);
});

test('returns no more than asked for, and the nearest of them', () => {
  const found = closest('component', ['componentz', 'components', 'component', 'compnent'], 2);

  assert.deepEqual(found, ['component', 'componentz']);
});

test('does not mind letter case', () => {
  const found = closest('ROOTDIR', ['rootDir']);

  assert.deepEqual(found, ['rootDir']);
});

test('finds nothing when nothing is near', () => {
  const found = closest('zebra', ['apple', 'nginx', '']);

  assert.deepEqual(found, []);
});

test('makes a clause for a message, or none', () => {
  const clauses = [didYouMean('sutes', ['suites']), didYouMean('x', ['abc'])];

  assert.deepEqual(clauses, [' (did you mean "suites"?)', '']);
});

test('is quick over 100,000 candidates', () => {
  const candidates = Array.from({ length: 100_000 }, (_, index) => `lib${index.toString(36)}-perl`);
  const start = performance.now();

  const found = closest('libzz9-perll', candidates, 3);

  const elapsed = performance.now() - start;
  assert.equal(found.length, 3);
  assert.ok(elapsed < 1_000, `${elapsed} ms`);
});

test('agrees with the plain algorithm', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 9 });
  fc.assert(
    fc.property(word, word, (one, other) => {
      const limit = Math.max(1, Math.floor(one.length / 3));

      const found = closest(one, [other]);

      assert.equal(found.length === 1, plainDistance(one, other) <= limit);
    }),
    { numRuns: 2_000 },
  );
});

function plainDistance(a: string, b: string): number {
  const table = Array.from({ length: a.length + 1 }, (_, row) =>
    Array.from({ length: b.length + 1 }, (_, column) => (row === 0 ? column : column === 0 ? row : 0)),
  );
  const at = (row: number, column: number): number => table[row]?.[column] ?? Number.NaN;
  for (let row = 1; row <= a.length; row += 1) {
    for (let column = 1; column <= b.length; column += 1) {
      const cost = a[row - 1] === b[column - 1] ? 0 : 1;
      let best = Math.min(at(row - 1, column) + 1, at(row, column - 1) + 1, at(row - 1, column - 1) + cost);
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        best = Math.min(best, at(row - 2, column - 2) + 1);
      }
      const line = table[row];
      if (line !== undefined) line[column] = best;
    }
  }
  return at(a.length, b.length);
}
