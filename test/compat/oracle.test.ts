import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { skipWithoutAptly } from '../support/aptly.ts';
import { untouched } from '../support/oracle/coverage.ts';
import { runScenario, type Verdict } from '../support/oracle/run-scenario.ts';
import { repoScenarios } from './scenarios/repo.ts';
import { repoIncludeScenarios, uploadersScenarios } from './scenarios/repo-include.ts';
import { repoPackageScenarios } from './scenarios/repo-packages.ts';

const scenarios = [...repoScenarios, ...repoPackageScenarios, ...repoIncludeScenarios, ...uploadersScenarios];

/** Beginnings of commands and flags that wait for their scenarios; empty in the end. */
const waiting: readonly string[] = [
  'config show',
  'db ',
  'graph',
  'mirror ',
  'package ',
  'publish ',
  'serve',
  'snapshot ',
  'task run',
  'version',
  '-',
];

describe('the same scripts through aptly and espejo', { skip: skipWithoutAptly, concurrency: 2 }, () => {
  const verdicts: Verdict[] = [];

  for (const scenario of scenarios) {
    it(scenario.name, async () => {
      verdicts.push(await runScenario(scenario));
    });
  }

  after(() => {
    const decided = verdicts.filter((verdict) => verdict === 'differs by decision').length;
    const failed = scenarios.length - verdicts.length;
    process.stderr.write(
      `oracle: ${scenarios.length} scenarios, ${verdicts.length - decided} the same, ${decided} differ by decision, ${failed} failed\n`,
    );
  });
});

describe('the scenarios', () => {
  it('touch every command and flag but those that wait', () => {
    const missing = untouched(scenarios).filter((item) => !item.startsWith('api serve'));
    const unexpected = missing.filter((item) => !waiting.some((start) => item.startsWith(start)));
    const stale = waiting.filter((start) => !missing.some((item) => item.startsWith(start)));

    assert.deepEqual({ unexpected, stale }, { unexpected: [], stale: [] });
  });

  it('have names of their own', () => {
    const names = scenarios.map(({ name }) => name);

    assert.deepEqual(names, [...new Set(names)]);
  });
});
