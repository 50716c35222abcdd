import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readQueries } from '../../../src/packages/queries.ts';

test('queries are read in their order', async () => {
  assert.deepEqual(await readQueries(['a', 'b']), [
    { kind: 'name', name: 'a' },
    { kind: 'name', name: 'b' },
  ]);
});

test('what could not be parsed is said, and that reading failed', async () => {
  const message = /^parsing failed: package query, column 4: /;

  await assert.rejects(readQueries(['a', 'a (']), { code: 'E_QUERY_SYNTAX', stage: 'read', message });
});
