import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EspejoError } from '../../src/core/errors.ts';
import { buildDeb } from '../../src/deb/build-deb.ts';
import { packageOfDeb } from '../../src/deb/package-of-deb.ts';
import { readDebContents } from '../../src/deb/read-contents.ts';
import { dataMember, debOf } from '../builders/package-files.ts';
import { temporaryFiles } from '../support/files.ts';

const { put } = temporaryFiles();
const signal = new AbortController().signal;
const codes = ['E_DEB_FORMAT', 'E_CONTROL_SYNTAX', 'E_UNSAFE_PATH', 'E_SIZE_LIMIT'];

test('what is built is listed', async () => {
  const part = fc.stringMatching(/^[a-z]{1,3}$/);
  const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => `${parts.join('/')}/file`);
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(path, { maxLength: 6 }), async (paths) => {
      const files = Object.fromEntries(paths.map((one) => [one, 'x']));
      const control = { Package: 'foo', Version: '1', Architecture: 'all' };
      const deb = put('built.deb', await buildDeb({ control, files }));

      assert.deepEqual(await readDebContents(deb, { signal }), paths.toSorted());
    }),
    { numRuns: 25 },
  );
});

const base = debOf({
  data: dataMember([
    { path: './usr/', type: '5' },
    { path: './usr/a', content: 'hello' },
  ]),
});
const built = await buildDeb({
  control: { Package: 'foo', Version: '1', Architecture: 'all' },
  files: { a: 'a' },
  compression: 'xz',
});

for (const [name, deb] of [
  ['plain', base],
  ['xz', built],
] as const) {
  test(`a damaged package is read or refused with a code that says so: ${name}`, async () => {
    const change = fc.record({ at: fc.nat({ max: deb.length - 1 }), byte: fc.nat({ max: 255 }) });
    const changes = fc.array(change, { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(changes, fc.nat({ max: deb.length }), async (bytes, end) => {
        const damaged = Buffer.from(deb);
        for (const { at, byte } of bytes) damaged[at] = byte;
        const path = put('damaged.deb', end % 3 === 0 ? damaged.subarray(0, end) : damaged);

        for (const outcome of await Promise.allSettled([
          packageOfDeb(path, { signal }),
          readDebContents(path, { signal }),
        ])) {
          if (outcome.status === 'fulfilled') continue;
          const { reason } = outcome;
          assert.ok(reason instanceof EspejoError && codes.includes(reason.code), String(reason));
        }
      }),
      { numRuns: 150 },
    );
  });
}
