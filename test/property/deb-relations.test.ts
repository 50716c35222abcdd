import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isEspejoError } from '../../src/core/errors.ts';
import { parseRelations, printGroup, type Relation } from '../../src/deb/relations.ts';
import { packageName, version } from '../support/arbitraries.ts';

const list = fc.array(
  fc.tuple(fc.constantFrom('', '!'), packageName).map((parts) => parts.join('')),
  { minLength: 1, maxLength: 3 },
);

const relation: fc.Arbitrary<Relation> = fc.record(
  {
    name: packageName,
    qualifier: fc.constantFrom('any', 'native', 'amd64'),
    constraint: fc.record(
      { operator: fc.constantFrom('<<', '<=', '=', '>=', '>>'), version },
      { noNullPrototype: true },
    ),
    architectures: list,
    profiles: fc.array(list, { minLength: 1, maxLength: 2 }),
  },
  { requiredKeys: ['name'], noNullPrototype: true },
);

const groups = fc.array(fc.array(relation, { minLength: 1, maxLength: 3 }), { maxLength: 4 });

test('what is printed is read back', () => {
  fc.assert(
    fc.property(groups, (written) => {
      const text = written.map(printGroup).join(', ');

      assert.deepEqual(parseRelations(text, 'Depends'), written);
    }),
    { numRuns: 500 },
  );
});

test('any text is read or refused with E_RELATION_SYNTAX', () => {
  const text = fc.string({ unit: fc.constantFrom(...'ab1 ,|()[]<>!:=~.+-\n'), maxLength: 30 });
  fc.assert(
    fc.property(text, (input) => {
      try {
        const read = parseRelations(input, 'Depends');

        assert.deepEqual(parseRelations(read.map(printGroup).join(', '), 'Depends'), read);
      } catch (error) {
        assert.ok(isEspejoError(error, 'E_RELATION_SYNTAX'), String(error));
      }
    }),
    { numRuns: 3000 },
  );
});
