import assert from 'node:assert/strict';
import { posix } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { isEspejoError } from '../../src/core/errors.ts';
import { assertSafePath } from '../../src/deb/paths.ts';

test('every accepted path stays below its root and is written in one way only', () => {
  const path = fc.oneof(
    fc.string({ unit: fc.constantFrom('.', '/', 'a', '~', '\\', ' ', '\0', 'é'), maxLength: 12 }),
    fc.string({ unit: 'binary', maxLength: 12 }),
  );
  fc.assert(
    fc.property(path, (text) => {
      try {
        assertSafePath(text, 'test');
      } catch (error) {
        assert.ok(isEspejoError(error, 'E_UNSAFE_PATH'), String(error));
        return;
      }

      const resolved = posix.resolve('/root', text);
      assert.equal(resolved, `/root/${text}`);
      assert.equal(Buffer.from(text).toString(), text);
    }),
    { numRuns: 5000 },
  );
});
