import type { Scenario } from '../../support/oracle/scenario.ts';
import { firstState, trusted } from './archives.ts';
import { universe } from './fixtures.ts';

const created = [
  'mirror create -architectures=amd64 small {url} xenial main',
  'mirror create all {url} xenial',
  "mirror create -filter='app | game' -filter-with-deps picky {url} xenial",
] as const;

const updated = [...created, 'mirror update small', 'mirror update all', 'mirror update picky'] as const;

const files = { ...universe, ...trusted };
const upstream = firstState;

/** Section 4 of spec/cli.md: mirrors that are there; aptly makes them, espejo adopts them. */
export const mirrorScenarios: readonly Scenario[] = [
  {
    name: 'mirror list: empty',
    steps: ['mirror list', 'mirror list -raw', 'mirror list -json', 'mirror list -json -raw'],
  },
  {
    name: 'mirror list: never updated and updated mirrors',
    files,
    upstream,
    adopted: [...created, 'mirror update small'],
    steps: ['mirror list', 'mirror list -raw', 'mirror list -json', 'mirror list -json -raw'],
  },
  {
    name: 'mirror show: never updated',
    files,
    upstream,
    adopted: created,
    steps: [
      'mirror show small',
      'mirror show all',
      'mirror show picky',
      'mirror show -json picky',
      'mirror show nope',
      'mirror show -json nope',
    ],
  },
  {
    name: 'mirror show: updated, with packages, in JSON',
    files,
    upstream,
    adopted: updated,
    steps: [
      'mirror show small',
      'mirror show -with-packages small',
      'mirror show -with-packages picky',
      'mirror show -json all',
      'mirror show -json -with-packages all',
    ],
  },
  {
    name: 'mirror rename: to a free name, a taken one, itself',
    files,
    upstream,
    adopted: created,
    steps: [
      'mirror rename small all',
      'mirror rename small small',
      'mirror rename nope tiny',
      'mirror rename small tiny',
      'mirror show tiny',
      'mirror show small',
      'mirror list -raw',
    ],
  },
  {
    name: 'mirror drop: free, with a snapshot, unknown',
    files,
    upstream,
    adopted: updated,
    steps: [
      'mirror drop small',
      'snapshot create s1 from mirror all',
      'snapshot show s1',
      'mirror drop all',
      'mirror drop -force all',
      'mirror drop nope',
      'mirror drop -force nope',
      'mirror list',
      'snapshot list',
    ],
  },
  {
    name: 'mirror search: all, by query, with dependencies, with a format',
    files,
    upstream,
    adopted: updated,
    steps: [
      'mirror search small',
      'mirror search all lib',
      "mirror search all 'lib (>= 1.0), $Architecture (i386)'",
      'mirror search -with-deps all game',
      'mirror search -with-deps -architectures=i386 all app',
      "mirror search -format='{{.Package}} {{.Filename}} {{.SHA256}}' small",
      'mirror search all zzz',
      'mirror search nope',
      "mirror search all 'lib (('",
    ],
  },
  {
    name: 'mirror search: never updated',
    files,
    upstream,
    adopted: created,
    steps: ['mirror search small', 'mirror search small lib', 'mirror search -with-deps small lib'],
  },
  {
    name: 'snapshot create from mirror',
    files,
    upstream,
    adopted: [...created, 'mirror update all'],
    steps: [
      'snapshot create s1 from mirror all',
      'snapshot create s2 from mirror small',
      'snapshot create s3 from mirror nope',
      'snapshot create s1 from mirror all',
      'snapshot show -with-packages s1',
      'snapshot show -json s1',
      'mirror rename all every',
      'snapshot show s1',
      'snapshot verify s1',
      'snapshot filter -with-deps s1 f game',
      'snapshot show -with-packages f',
    ],
  },
  {
    name: 'repo import: from a mirror, with dependencies, dry, never updated',
    files,
    upstream,
    adopted: [...created, 'mirror update all', 'repo create r1', 'repo create r2'],
    steps: [
      'repo import -dry-run all r1 app',
      'repo import all r1 app',
      'repo import all r1 app',
      'repo import -with-deps -architectures=amd64 all r2 game',
      'repo import all r1 zzz',
      'repo import small r1 app',
      'repo import all nope app',
      'repo import nope r1 app',
      "repo import all r1 'app (('",
      'repo import all r1',
      'repo show -with-packages r1',
      'repo show -with-packages r2',
    ],
  },
  {
    name: 'repo import: a conflict stops it and leaves everything',
    files,
    upstream,
    adopted: [...created, 'mirror update all', 'repo create r1', 'repo add r1 a/lib_1.0_amd64.deb'],
    steps: ['repo import all r1 lib', 'repo import -dry-run all r1 lib', 'repo show -with-packages r1'],
  },
];
