import type { Scenario } from '../../support/oracle/scenario.ts';
import { universe } from './fixtures.ts';

/** Sections 9 and 10 of spec/cli.md. */
export const dbScenarios: readonly Scenario[] = [
  {
    name: 'db cleanup: nothing at all, nothing to remove',
    files: universe,
    steps: [
      'db cleanup',
      'db cleanup -verbose',
      'db cleanup -dry-run',
      'db cleanup -dry-run -verbose',
      'repo create r1',
      'repo add r1 a',
      'db cleanup -verbose',
      'db cleanup extra',
      { run: 'db cleanup -nope', usage: true },
    ],
  },
  {
    name: 'db cleanup: packages that nothing has',
    files: universe,
    steps: [
      'repo create r1',
      'repo add r1 a b',
      'snapshot create s1 from repo r1',
      { run: "repo remove r1 'Name (~ .)'", unordered: true },
      'db cleanup -dry-run -verbose',
      'snapshot drop s1',
      'db cleanup -dry-run',
      'db cleanup -dry-run -verbose',
      'package search',
      'db cleanup -verbose',
      'package search',
      'db cleanup',
      'repo add r1 b',
      'repo show -with-packages r1',
    ],
  },
  {
    name: 'db cleanup: what snapshots and publications of an adopted root have stays',
    files: universe,
    adopted: [
      'repo create r1',
      'repo add r1 a b',
      'snapshot create s1 from repo r1',
      'repo remove r1 lib',
      'publish repo -skip-signing -distribution=d r1',
      'repo remove r1 docs',
      'repo remove r1 tool',
      'snapshot drop s1',
    ],
    steps: [
      'db cleanup -dry-run',
      {
        run: 'db cleanup -dry-run -verbose',
        differs: '`db cleanup -verbose` names publications without the `{|}`',
      },
      'db cleanup',
      'package search',
    ],
  },
  {
    name: 'db recover: nothing to repair',
    files: universe,
    steps: [
      {
        run: 'db recover',
        spec: { exit: 0, stdout: 'Recovering database...\nChecking database integrity...\n' },
      },
      'repo create r1',
      'repo add r1 a',
      {
        run: 'db recover',
        spec: { exit: 0, stdout: 'Recovering database...\nChecking database integrity...\n' },
      },
      'repo show -with-packages r1',
      'db recover extra',
    ],
  },
  {
    name: 'graph: the file and its kind',
    files: universe,
    steps: [
      'graph -output=empty.dot',
      'repo create r1',
      'repo add r1 a',
      'snapshot create s1 from repo r1',
      'graph -output=plain.dot',
      'graph -layout=vertical -output plain.svg',
      'graph -format=svg -layout=sideways -output plain',
      'graph -format=nope -output=x',
      'graph extra',
    ],
  },
];
