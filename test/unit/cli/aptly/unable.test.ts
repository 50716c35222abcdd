import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unable } from '../../../../src/cli/aptly/unable.ts';
import { EspejoError, inStage } from '../../../../src/core/errors.ts';

const words = { find: 'unable to load snapshot', save: 'unable to create snapshot' };

test('an error is worded by the stage that it says, the innermost one', async () => {
  const work = inStage('save', () => inStage('find', () => fail()));

  await assert.rejects(
    unable(words, () => work),
    { message: 'unable to load snapshot: no such thing', code: 'E_OBJECT_NOT_FOUND', stage: 'find' },
  );
});

test('an error of another stage, or of none, is told as it is', async () => {
  await assert.rejects(
    unable(words, () => inStage('sign', fail)),
    { message: 'no such thing' },
  );
  await assert.rejects(unable(words, fail), { message: 'no such thing' });
});

test('one wording is for all stages', async () => {
  await assert.rejects(
    unable('unable to drop', () => inStage('sign', fail)),
    { message: 'unable to drop: no such thing', context: { name: 'x' } },
  );
});

function fail(): never {
  throw new EspejoError('E_OBJECT_NOT_FOUND', 'no such thing', { context: { name: 'x' } });
}
