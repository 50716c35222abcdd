import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isEspejoError } from '../../src/core/errors.ts';
import { parseControl, parseStanza, Stanza } from '../../src/deb/control.ts';
import { readParagraphs } from '../../src/deb/index-reader.ts';
import { inChunks } from '../support/chunks.ts';

const line = fc.string({ unit: fc.constantFrom(...'ab:# é.'), maxLength: 8 }).map((text) => text.trimEnd());
const value = fc.tuple(line, fc.array(line, { maxLength: 3 })).map(([first, others]) => {
  return [first.trim(), ...others.map((text) => `x${text}`)].join('\n');
});
const fieldName = fc
  .string({ unit: fc.constantFrom(...'aBc-1'), minLength: 1, maxLength: 6 })
  .map((text) => `X${text}`);
const fields = fc.uniqueArray(fc.record({ name: fieldName, value }, { noNullPrototype: true }), {
  selector: ({ name }) => name.toLowerCase(),
  minLength: 1,
  maxLength: 6,
});

test('a stanza gives the fields that were written', () => {
  fc.assert(
    fc.property(fields, (written) => {
      const text = written.map((field) => `${field.name}: ${field.value.replaceAll('\n', '\n ')}\n`).join('');

      const stanza = parseStanza(text, 'test');

      assert.deepEqual(stanza.fields, written);
      for (const field of written) assert.equal(stanza.get(field.name.toUpperCase()), field.value);
    }),
    { numRuns: 500 },
  );
});

test('any bytes are a stanza or refused with E_CONTROL_SYNTAX', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.string({ unit: fc.constantFrom(...'Ab: \n\t#-\r'), maxLength: 30 }).map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(bytes, (raw) => {
      try {
        assert.ok(Array.isArray(new Stanza(raw).fields));
      } catch (error) {
        assert.ok(isEspejoError(error, 'E_CONTROL_SYNTAX'), String(error));
      }
    }),
    { numRuns: 3000 },
  );
});

test('paragraphs do not depend on how the bytes are cut, and are those of parseControl', async () => {
  const text = fc.string({ unit: fc.constantFrom('A: 1', '\n', '\n', '\n\n', ' x'), maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(text, fc.integer({ min: 1, max: 9 }), async (bytes, size) => {
      const cut = await paragraphs(bytes, size);

      assert.deepEqual(cut, await paragraphs(bytes, 1000));
      for (const paragraph of cut) assert.doesNotMatch(paragraph, /^\n|\n\n|\n$|^$/);
    }),
    { numRuns: 1000 },
  );
  const file = '\nA: 1\n\n\nB: 2\n x\n\nC: 3';

  const whole = parseControl(file, 'test').map(({ raw }) => raw.toString());

  assert.deepEqual(await paragraphs(file, 4), whole);
});

async function paragraphs(text: string, size: number): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const batch of readParagraphs(inChunks(text, size), { what: 'test' })) {
    found.push(...batch.map(String));
  }
  return found;
}
