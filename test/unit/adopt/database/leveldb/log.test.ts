import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { readLog } from '../../../../../src/adopt/database/leveldb/log.ts';
import { logOf } from '../../../../builders/leveldb.ts';

function readAll(log: Buffer): { readonly records: readonly Buffer[]; readonly ignoredBytes: number } {
  const records: Buffer[] = [];
  const reading = readLog(log, 'log');
  for (;;) {
    const { done, value } = reading.next();
    if (done) return { records, ignoredBytes: value.ignoredBytes };
    records.push(value);
  }
}

const three = [100, 40_000, 70_000].map((length, at) => Buffer.alloc(length, at + 1));

describe('readLog', () => {
  test('gives back records of all sizes, over the ends of blocks', () => {
    const sizes = fc.array(fc.oneof(fc.nat(300), fc.integer({ min: 32_740, max: 32_770 }), fc.nat(100_000)), {
      maxLength: 6,
    });

    fc.assert(
      fc.property(sizes, (lengths) => {
        const records = lengths.map((length, at) => Buffer.alloc(length, at + 1));

        const read = readAll(logOf(records));

        assert.deepEqual(read.records, records);
        assert.equal(read.ignoredBytes, 0);
      }),
      { numRuns: 30 },
    );
  });

  test('ignores a record that was not completely written', () => {
    const log = logOf(three);

    const read = readAll(log.subarray(0, log.length - 1));

    assert.deepEqual(read.records, three.slice(0, 2));
    assert.ok(read.ignoredBytes > 69_000);
  });

  test('ignores zeros at the end, which a file system leaves after a crash', () => {
    const read = readAll(Buffer.concat([logOf(three.slice(0, 1)), Buffer.alloc(500)]));

    assert.deepEqual(read.records, three.slice(0, 1));
    assert.equal(read.ignoredBytes, 500);
  });

  test('refuses damage that sound blocks follow', () => {
    const log = logOf(three);
    log.writeUInt8(0xee, 50);

    assert.throws(() => readAll(log), { code: 'E_CATALOG', message: /damaged at byte 0/ });
  });
});
