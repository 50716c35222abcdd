import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EspejoError } from '../../src/core/errors.ts';
import { archiveOf } from '../../src/deb/ar.ts';
import { readBytes, StreamSource } from '../../src/deb/byte-source.ts';
import { readAr } from '../../src/deb/read-ar.ts';
import { inChunks } from '../support/chunks.ts';

type Member = { readonly name: string; readonly content: Uint8Array };

const member = fc.record({
  name: fc.stringMatching(/^[a-z_][a-z0-9._-]{0,15}$/),
  content: fc.uint8Array({ maxLength: 200 }),
});

async function read(archive: Buffer, size: number): Promise<readonly Member[]> {
  const members: Member[] = [];
  for await (const entry of readAr(new StreamSource(inChunks(archive, size)), { what: 'x' })) {
    members.push({ name: entry.name, content: Uint8Array.from(await readBytes(entry.content, entry.size)) });
  }
  return members;
}

test('what is written is read', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(member, { maxLength: 5 }),
      fc.integer({ min: 1, max: 100 }),
      async (members, size) => {
        assert.deepEqual(
          await read(archiveOf(members), size),
          members.map(({ name, content }) => ({ name, content: Uint8Array.from(content) })),
        );
      },
    ),
    { numRuns: 100 },
  );
});

test('a changed byte gives other members or E_DEB_FORMAT, and nothing else', async () => {
  const change = fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(member, { minLength: 1, maxLength: 3 }),
      change,
      async (members, { at, byte }) => {
        const archive = archiveOf(members);
        archive[at % archive.length] = byte;

        const outcome: unknown = await read(archive, 64).catch((error: unknown) => error);

        if (Array.isArray(outcome)) assert.ok(outcome.length <= members.length * 5);
        else assert.ok(outcome instanceof EspejoError && outcome.code === 'E_DEB_FORMAT');
      },
    ),
    { numRuns: 200 },
  );
});

test('no archive that is cut short is read to its end as if it were whole', async () => {
  await fc.assert(
    fc.asyncProperty(member, fc.nat(), async (one, cut) => {
      const archive = archiveOf([one, one]);
      const end = cut % (archive.length - (one.content.length % 2));

      const outcome: unknown = await read(archive.subarray(0, end), 64).catch((error: unknown) => error);

      if (Array.isArray(outcome)) assert.ok(outcome.length < 2);
      else assert.ok(outcome instanceof EspejoError && outcome.code === 'E_DEB_FORMAT');
    }),
    { numRuns: 100 },
  );
});
