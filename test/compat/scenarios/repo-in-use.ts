import type { Scenario } from '../../support/oracle/scenario.ts';
import { universe } from './fixtures.ts';

/** What others are made from: a repository that is published, in several places, or through a snapshot. */
export const repoInUseScenarios: readonly Scenario[] = [
  {
    name: 'repo drop: published, alone and with others, then not any more',
    files: universe,
    steps: [
      'repo create -distribution=sid r1',
      'repo create -distribution=sid -component=contrib r2',
      'repo add r1 a',
      'repo add r2 b',
      { run: 'publish repo -skip-signing -skip-contents -component=main,contrib r1 r2', spec: { exit: 0 } },
      { run: 'publish repo -skip-signing -skip-contents -distribution=other r1 sub', spec: { exit: 0 } },
      { run: 'repo drop r1', unordered: true },
      { run: 'repo drop -force r1', unordered: true },
      'repo drop r2',
      'repo drop -force r2',
      'repo list',
      { run: 'publish drop sid', spec: { exit: 0 } },
      'repo drop r2',
      'repo drop r1',
      { run: 'publish drop other sub', spec: { exit: 0 } },
      'repo drop r1',
      'repo list',
    ],
  },
  {
    name: 'repo drop: published through a snapshot',
    files: universe,
    steps: [
      'repo create r1',
      'repo add r1 a',
      'snapshot create s1 from repo r1',
      { run: 'publish snapshot -skip-signing -skip-contents -distribution=sid s1', spec: { exit: 0 } },
      'repo drop r1',
      'repo drop -force r1',
      'snapshot drop s1',
      'snapshot drop -force s1',
      {
        run: 'snapshot show -with-packages s1',
        differs: '`snapshot show` ends with 0 when sources',
      },
    ],
  },
  {
    name: 'a published repository is renamed, edited, emptied',
    files: universe,
    steps: [
      'repo create -distribution=sid r1',
      'repo add r1 a',
      { run: 'publish repo -skip-signing -skip-contents r1', spec: { exit: 0 } },
      'repo rename r1 r2',
      'repo edit -distribution=bookworm -component=contrib r2',
      'publish list',
      'publish show sid',
      { run: 'repo remove r2 Name', unordered: true },
      'repo drop r2',
      'publish list -raw',
      'repo show -with-packages r2',
    ],
  },
];
