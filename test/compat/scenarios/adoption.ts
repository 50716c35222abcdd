import type { Scenario } from '../../support/oracle/scenario.ts';
import { firstState, secondState, trusted } from './archives.ts';
import { incoming, threeSnapshots, universe } from './fixtures.ts';

/** Everything that lists and shows what is there. */
const looks = [
  'mirror list -json',
  'repo list -json',
  'snapshot list -json',
  'mirror list -raw',
  'repo list -raw',
  'snapshot list -raw',
  "package search -format='{{.Package}} {{.Version}} {{.Architecture}} {{.Key}}'",
] as const;

/** aptly's root directory taken over by espejo: the same questions before (aptly) and after (espejo). */
export const adoptionScenarios: readonly Scenario[] = [
  { name: 'adoption of an empty root', adopted: ['repo list'], steps: [...looks] },
  {
    name: 'adoption of repositories and sources',
    files: incoming,
    adopted: [
      'repo create -comment=one -uploaders-file=uploaders.json r1',
      'repo create -distribution=sid -component=contrib r2',
      'repo add r1 in',
      'repo add r2 odd/omega_1_all.deb odd/alpha_1.0_amd64.deb',
    ],
    steps: [
      ...looks.slice(0, -1),
      'repo show r1',
      'repo show -json -with-packages r1',
      "repo search -format='{{.Package}} {{.Key}}' r1",
      "repo search -format='{{.Package}} {{.Key}}' r2",
      'package show src',
      'package show -with-files omega',
      'repo add r2 in/beta_1.0_all.deb',
      'repo remove r1 alpha',
      'repo edit -comment=two r1',
    ],
  },
  {
    name: 'adoption of snapshots of every kind',
    files: universe,
    adopted: [
      ...threeSnapshots,
      'snapshot merge m s1 s2',
      "snapshot filter s1 f 'lib | app'",
      'snapshot pull -architectures=amd64 s1 s2 p app',
      'snapshot create e empty',
      'repo rename r2 other',
      'snapshot rename s2 second',
    ],
    steps: [
      ...looks.slice(0, -1),
      'snapshot show -json m',
      'snapshot show -with-packages f',
      'snapshot show p',
      'snapshot diff s1 second',
      'snapshot merge n m f',
      { run: 'snapshot drop s1', unordered: true },
      'repo drop other',
    ],
  },
  {
    name: 'adoption of mirrors, with snapshots of two states',
    files: trusted,
    upstream: firstState,
    adopted: [
      'mirror create all {url} xenial',
      'mirror update all',
      'snapshot create s1 from mirror all',
      'mirror create -architectures=i386 never {url} xenial main',
    ],
    steps: [
      ...looks,
      'mirror show all',
      'mirror show -json -with-packages all',
      'mirror show never',
      'snapshot show -json s1',
      'snapshot create s2 from mirror all',
      'snapshot diff s1 s2',
      'mirror drop never',
    ],
  },
  {
    name: 'adoption after objects were dropped',
    files: { ...universe, ...trusted },
    upstream: secondState,
    adopted: [
      ...threeSnapshots,
      'mirror create all {url} xenial',
      'mirror update all',
      'mirror drop all',
      'snapshot drop s3',
      'repo drop r3',
      'repo remove r1 lib',
    ],
    steps: [
      ...looks.slice(0, -1),
      'package search lib_1.1_amd64',
      'repo show -with-packages r1',
      'snapshot show -with-packages s1',
    ],
  },
];
