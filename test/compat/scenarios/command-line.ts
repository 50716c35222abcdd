import type { Scenario } from '../../support/oracle/scenario.ts';
import { universe } from './fixtures.ts';

const blankLines = '`task run` passes over blank lines';

/** Sections 2, 3, 11 and 13 of spec/cli.md: what works on no object, and several commands at once. */
export const commandLineScenarios: readonly Scenario[] = [
  {
    name: 'version',
    steps: [
      { run: 'version', differs: '`version` prints `espejo version: <version>`' },
      'version more',
      'version -json',
    ],
  },
  {
    name: 'config show',
    steps: [
      { run: 'config show', spec: { exit: 0 } },
      { run: 'config show -yaml', spec: { exit: 0 } },
      { run: 'config show extra', spec: { exit: 0 } },
      { run: 'config show -config=nope.conf', errorBegins: '' },
    ],
  },
  { name: 'serve: nothing is published', steps: ['serve', 'serve -listen=127.0.0.1:0', 'serve more'] },
  {
    name: 'task run: words',
    steps: [
      'task run repo create r1, repo create -comment=two r2, repo list, repo list -raw',
      'task run repo list -raw, repo show nope, repo create r3, repo list',
      'task run repo list -nope, repo list',
      'task run repo list -raw, repo list -json, task run repo list -raw',
      'task run repo list -raw,, repo list -raw,',
      'task run -- repo list -raw',
      'task run -nope repo list',
    ],
  },
  {
    name: 'task run: a lone comma',
    steps: [{ run: 'task run repo list -raw , repo list -raw', differs: '`task run` takes a lone comma' }],
  },
  {
    name: 'task run: a file',
    files: {
      commands: 'repo create \'r 1\'\n  repo create "r 2", repo list -raw\nrepo show r\\ 1',
      failing: 'repo show nope\nrepo create r9\nrepo list',
      gaps: 'repo list -raw\n\nrepo list -raw\n',
      empty: '',
    },
    steps: [
      'task run -filename=commands',
      'task run -filename=commands',
      'task run -filename=failing',
      'task run -filename=empty',
      'task run -filename=nope',
      'task run -filename=.',
      { run: 'task run -filename=gaps', differs: blankLines },
    ],
  },
  {
    name: 'task run: standard input',
    steps: [
      { run: 'task run', stdin: 'repo create r1\nrepo list -raw\n\nrepo create r2\n' },
      { run: 'task run', stdin: '\n' },
      { run: 'task run', stdin: 'repo show nope\nrepo list\n\n' },
    ],
  },
  {
    name: 'task run: global flags of the outer command line',
    files: universe,
    steps: [
      'task run -architectures=amd64 repo create r1, repo add r1 a, snapshot create s1 from repo r1, snapshot verify s1',
      'task run snapshot list -raw, snapshot verify -architectures=amd64 s1',
      'task run repo list -config=nope.conf -raw',
    ],
  },
  {
    name: 'compatibility.merge_tail, compatibility.diff_tail',
    files: universe,
    config: { compatibility: { mergeTail: true, diffTail: true } },
    steps: [
      'repo create r1',
      'repo create r2',
      'repo create r3',
      'repo add r1 a',
      'repo add r2 b',
      'snapshot create s1 from repo r1',
      'snapshot create s2 from repo r2',
      'snapshot create s3 empty',
      'snapshot merge m12 s1 s2',
      'snapshot merge m21 s2 s1',
      'snapshot merge m123 s1 s2 s3 s1',
      'snapshot show -with-packages m12',
      'snapshot show -with-packages m21',
      'snapshot show -with-packages m123',
      'snapshot diff s1 s2',
      'snapshot diff s2 s1',
      'snapshot diff -only-matching s1 s2',
      'snapshot diff s1 m12',
    ],
  },
];
