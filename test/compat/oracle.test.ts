import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { comparePrograms } from '../support/oracle/compare-programs.ts';
import { untouched } from '../support/oracle/coverage.ts';
import { scenarios } from './scenarios/all.ts';

comparePrograms(scenarios.unpublished);

describe('the scenarios', () => {
  const all = Object.values(scenarios).flat();

  it('touch every command and flag, but those of `api serve`', () => {
    const missing = untouched(all).filter((item) => !item.startsWith('api serve'));

    assert.deepEqual(missing, []);
  });

  it('have names of their own', () => {
    const names = all.map(({ name }) => name);

    assert.deepEqual(names, [...new Set(names)]);
  });
});
