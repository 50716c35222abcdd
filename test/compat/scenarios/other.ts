import type { Scenario } from '../../support/oracle/scenario.ts';
import { firstState, trusted } from './archives.ts';
import { incoming, twoSnapshots, universe } from './fixtures.ts';

/** Sections 2, 3, 9, 10 and 13 of cli.md. */
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
    name: 'db recover',
    files: universe,
    steps: [...twoSnapshots, 'db recover', 'repo show -with-packages r1', 'db recover extra'],
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
    name: 'version',
    steps: [{ run: 'version', differs: '`version` prints' }, 'version extra'],
  },
  {
    name: 'task run: commands from the command line',
    files: universe,
    steps: [
      'task run repo create r1, repo add r1 a, repo list -raw',
      'task run repo show nope, repo list',
      'task run repo create r2, repo show nope, repo create r3',
      'repo list -raw',
      'task run repo list',
      'task run repo list, ',
      'task run nope',
      'task run repo, list',
    ],
  },
  {
    name: 'task run: commands from a file',
    files: {
      'tasks.txt': 'repo create r1\nrepo create -comment="two words" r2\nrepo list\n',
      'failing.txt': '  repo create r4  \nrepo show nope\n\nrepo create r5\n',
      'empty.txt': '',
    },
    steps: [
      'task run -filename=tasks.txt',
      'repo list',
      'task run -filename=failing.txt',
      'repo list -raw',
      'task run -filename=empty.txt',
      { run: 'task run -filename=nofile.txt', errorBegins: '' },
      'task run -filename=tasks.txt repo list',
    ],
  },
  {
    name: 'task run: commands from standard input',
    steps: [
      { run: 'task run', stdin: 'repo create r1\nrepo list -raw\n\n' },
      { run: 'task run', stdin: '\n' },
      'repo list -raw',
    ],
  },
  {
    name: 'config show',
    config: { architectures: ['amd64', 'i386'], dependencyFollowSource: true },
    steps: [
      { run: 'config show', spec: { exit: 0 } },
      { run: 'config show -yaml', spec: { exit: 0 } },
      { run: 'config show extra', spec: { exit: 0 } },
    ],
  },
  {
    name: 'help: of everything that has a text',
    steps: [
      ...[
        'mirror create',
        'mirror update',
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
      { run: 'mirror help create', usage: true },
      { run: 'help nope', usage: true },
      { run: 'help mirror nope', usage: true },
    ],
  },
  {
    name: 'serve: with nothing published',
    steps: ['serve', 'serve -listen=127.0.0.1:0', 'serve extra'],
  },
];
