import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maskedCrc32c } from '../../../../../src/adopt/database/leveldb/crc32c.ts';

function unmasked(crc: number): number {
  const rotated = (crc - 0xa282ead8) >>> 0;
  return ((rotated >>> 17) | (rotated << 15)) >>> 0;
}

test('is CRC-32C (check value and the vectors of RFC 3720)', () => {
  const ascending = Buffer.from(Array.from({ length: 32 }, (_, at) => at));

  const values = [Buffer.from('123456789'), Buffer.alloc(32), Buffer.alloc(32, 0xff), ascending].map(
    (bytes) => unmasked(maskedCrc32c(bytes)),
  );

  assert.deepEqual(values, [0xe3069283, 0x8a9136aa, 0x62a8ab43, 0x46dd794e]);
});

test('of parts is that of the whole', () => {
  const whole = Buffer.from('a text that is longer than eight bytes');

  const parts = maskedCrc32c(whole.subarray(0, 11), whole.subarray(11));

  assert.equal(parts, maskedCrc32c(whole));
});
