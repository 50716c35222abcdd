import { after, describe, it } from 'node:test';
import { skipWithoutAptly } from '../aptly.ts';
import { runScenario, type Verdict } from './run-scenario.ts';
import type { Scenario } from './scenario.ts';

/** Runs each scenario through aptly and espejo as a test of its own, and tells how many were the same. */
export function comparePrograms(scenarios: readonly Scenario[]): void {
  describe('the same scripts through aptly and espejo', { skip: skipWithoutAptly, concurrency: 2 }, () => {
    const verdicts: (Verdict | 'failed')[] = [];

    for (const scenario of scenarios) {
      it(scenario.name, async (t) => {
        const at = verdicts.push('failed') - 1;
        verdicts[at] = await runScenario(scenario, t);
      });
    }

    after(() => {
      const count = (wanted: string): number => verdicts.filter((verdict) => verdict === wanted).length;
      process.stderr.write(
        `oracle: ${verdicts.length} scenarios, ${count('same')} the same, ${count('differs by decision')} differ by decision, ${count('failed')} failed\n`,
      );
    });
  });
}
