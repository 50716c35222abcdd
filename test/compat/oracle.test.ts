import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { skipWithoutAptly } from '../support/aptly.ts';
import { untouched } from '../support/oracle/coverage.ts';
import { runScenario, type Verdict } from '../support/oracle/run-scenario.ts';
import { adoptionScenarios } from './scenarios/adoption.ts';
import { badPackageScenarios } from './scenarios/bad-packages.ts';
import { commandLineScenarios } from './scenarios/command-line.ts';
import { dbScenarios } from './scenarios/db.ts';
import { grammarScenarios } from './scenarios/grammar.ts';
import { mirrorScenarios } from './scenarios/mirror.ts';
import { mirrorCreateScenarios } from './scenarios/mirror-create.ts';
import { mirrorUpdateScenarios } from './scenarios/mirror-update.ts';
import { otherScenarios } from './scenarios/other.ts';
import { packageScenarios } from './scenarios/package.ts';
import { publishScenarios } from './scenarios/publish.ts';
import { publishChangeScenarios } from './scenarios/publish-change.ts';
import { publishEndpointScenarios } from './scenarios/publish-endpoints.ts';
import { relationScenarios } from './scenarios/relations.ts';
import { repoScenarios } from './scenarios/repo.ts';
import { repoInUseScenarios } from './scenarios/repo-in-use.ts';
import { repoIncludeScenarios, uploadersScenarios } from './scenarios/repo-include.ts';
import { repoPackageScenarios } from './scenarios/repo-packages.ts';
import { snapshotScenarios } from './scenarios/snapshot.ts';
import { snapshotAlgebraScenarios } from './scenarios/snapshot-algebra.ts';

const scenarios = [
  ...commandLineScenarios,
  ...adoptionScenarios,
  ...badPackageScenarios,
  ...dbScenarios,
  ...grammarScenarios,
  ...mirrorCreateScenarios,
  ...mirrorScenarios,
  ...mirrorUpdateScenarios,
  ...otherScenarios,
  ...packageScenarios,
  ...relationScenarios,
  ...publishScenarios,
  ...publishChangeScenarios,
  ...publishEndpointScenarios,
  ...repoScenarios,
  ...repoIncludeScenarios,
  ...repoInUseScenarios,
  ...repoPackageScenarios,
  ...uploadersScenarios,
  ...snapshotScenarios,
  ...snapshotAlgebraScenarios,
];

describe('the same scripts through aptly and espejo', { skip: skipWithoutAptly, concurrency: 2 }, () => {
  const verdicts: (Verdict | 'failed')[] = [];

  for (const scenario of scenarios) {
    it(scenario.name, async (t) => {
      const at = verdicts.push('failed') - 1;
      verdicts[at] = await runScenario(scenario, t);
    });
  }

  after(() => {
    const count = (one: string): number => verdicts.filter((verdict) => verdict === one).length;
    process.stderr.write(
      `oracle: ${verdicts.length} scenarios, ${count('same')} the same, ${count('differs by decision')} differ by decision, ${count('failed')} failed\n`,
    );
  });
});

describe('the scenarios', () => {
  it('touch every command and flag, but those of `api serve`', () => {
    const missing = untouched(scenarios).filter((item) => !item.startsWith('api serve'));

    assert.deepEqual(missing, []);
  });

  it('have names of their own', () => {
    const names = scenarios.map(({ name }) => name);

    assert.deepEqual(names, [...new Set(names)]);
  });
});
