import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { filesHash } from '../../src/deb/files-hash.ts';

test('is FNV-1a of 64 bits as BigInt computes it', () => {
  const file = fc.record({
    name: fc.string({ unit: 'binary', maxLength: 20 }),
    facts: fc.record({
      size: fc.maxSafeNat(),
      digests: fc.record({ md5: fc.string(), sha1: fc.string(), sha256: fc.string() }, { requiredKeys: [] }),
    }),
  });
  fc.assert(
    fc.property(file, ({ name, facts }) => {
      const size = Buffer.alloc(8);
      size.writeBigUInt64BE(BigInt(facts.size));
      const { md5 = '', sha1 = '', sha256 = '' } = facts.digests;
      const bytes = Buffer.concat([Buffer.from(name), size, Buffer.from(md5 + sha1 + sha256)]);

      assert.equal(filesHash([{ name, facts }]), fnv1a(bytes).toString(16).padStart(8, '0'));
    }),
    { numRuns: 500 },
  );
});

function fnv1a(bytes: Buffer): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}
