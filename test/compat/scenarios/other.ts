import type { Scenario } from '../../support/oracle/scenario.ts';
import { firstState, otherKey, secondState, trusted } from './archives.ts';
import { incoming, twoSnapshots, universe } from './fixtures.ts';

/** Sections 9 and 10 of cli.md, help, and the flags of `mirror update`. */
export const otherScenarios: readonly Scenario[] = [
  {
    name: 'db cleanup: nothing to do, dry, verbose',
    files: universe,
    steps: [
      'db cleanup',
      ...twoSnapshots,
      'db cleanup',
      'db cleanup -dry-run',
      { run: 'db cleanup -verbose -dry-run', unordered: true },
      'db cleanup extra',
    ],
  },
  {
    name: 'db cleanup: packages that nothing refers to',
    files: universe,
    steps: [
      ...twoSnapshots,
      'snapshot drop s2',
      'repo drop r2',
      'repo remove r1 tool',
      'db cleanup -dry-run',
      { run: 'db cleanup -dry-run -verbose', unordered: true },
      'package search tool',
      'snapshot drop s1',
      'db cleanup',
      'package search tool',
      'repo show -with-packages r1',
      'db cleanup',
    ],
  },
  {
    name: 'db cleanup -verbose: what is removed',
    files: incoming,
    steps: [
      'repo create r1',
      'repo add r1 in',
      { run: 'repo remove r1 src beta', unordered: true },
      { run: 'db cleanup -verbose', unordered: true },
      'package search',
      'repo drop r1',
      'db cleanup',
      'package search',
    ],
  },
  {
    name: 'db cleanup: packages of a mirror that was dropped',
    files: trusted,
    upstream: firstState,
    adopted: ['mirror create all {url} xenial', 'mirror update all', 'snapshot create s1 from mirror all'],
    steps: ['mirror drop -force all', 'db cleanup', 'snapshot search s1', 'snapshot drop s1', 'db cleanup'],
  },
  {
    name: 'graph: into a file',
    files: universe,
    steps: [
      ...twoSnapshots,
      'snapshot merge m s1 s2',
      'graph -output=out.svg',
      'graph -output=out.png -layout=vertical',
      'graph -format=svg -output=plain',
      'graph -layout=sideways -format=svg -output=other.svg',
      { run: 'graph -format=nope -output=x', errorBegins: '' },
      'graph extra',
    ],
  },
  {
    name: 'help: of everything that has a text',
    steps: [
      ...[
        'mirror create',
        'repo add',
        'repo include',
        'snapshot pull',
        'publish repo',
        'publish switch',
        'package show',
        'db cleanup',
        'graph',
        'task run',
        'serve',
      ].map((command) => ({ run: `help ${command}`, usage: true as const })),
      { run: 'help mirror update', usage: true, differs: '`mirror update -missing=warn`' },
      { run: 'mirror help create', usage: true },
      { run: 'help nope', usage: true },
      { run: 'help mirror nope', spec: { exit: 1 } },
    ],
  },
  {
    name: 'mirror update: its flags',
    files: { ...trusted, ...otherKey },
    upstream: firstState,
    steps: [
      'mirror create m {url} xenial main',
      { run: 'mirror update -keyring={cwd}/other.gpg m', errorBegins: 'unable to update: ' },
      {
        run: 'mirror update -keyring={cwd}/home/.gnupg/trustedkeys.gpg -download-limit=1000 m',
        unordered: true,
      },
      { upstream: secondState },
      { run: 'mirror update -downloader=default -force -max-tries=2 m', unordered: true },
      { run: 'mirror update -downloader=nope m', unordered: true },
      { run: 'mirror update -ignore-checksums -skip-existing-packages m', unordered: true },
      { run: 'mirror update -download-limit=x m' },
      { run: 'mirror update -latest m', spec: { exit: 0 } },
      'mirror show -with-packages m',
    ],
  },
];
