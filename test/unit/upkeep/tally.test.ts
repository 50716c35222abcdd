import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Tally } from '../../../src/upkeep/tally.ts';

const file = (ino: number, size: number) => ({ identity: `1 ${ino}`, size });

test('bytes are alone where one holder has them, shared where several have; two names are one file', () => {
  const tally = new Tally();

  tally.add(file(1, 10), 'x', [0]);
  tally.add(file(2, 20), 'x', [0, 1]);
  tally.add(file(3, 40), 'x', [0]);
  tally.add(file(3, 40), 'x', [1]);
  tally.add(file(1, 10), 'x', []);

  assert.deepEqual(tally.shares(3), [
    { files: 3, alone: 10, shared: 60 },
    { files: 2, alone: 0, shared: 60 },
    { files: 0, alone: 0, shared: 0 },
  ]);
  assert.deepEqual([...tally.rests()], []);
  assert.deepEqual(tally.total(), { files: 3, bytes: 70 });
});

test('what nobody holds is told by what it was first called; the same number on another device is another file', () => {
  const tally = new Tally();

  tally.add(file(1, 10), 'first', []);
  tally.add(file(1, 10), 'second', []);
  tally.add({ identity: '2 1', size: 5 }, 'first', []);
  tally.add(file(2, 1), 'held later', []);
  tally.add(file(2, 1), 'x', [0]);

  assert.deepEqual([...tally.rests()], [['first', { files: 2, bytes: 15 }]]);
  assert.equal(tally.total().bytes, 16);
});
