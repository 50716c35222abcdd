import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { skipWithoutAptly } from '../support/aptly.ts';
import type { Ran } from '../support/oracle/shell.ts';
import { aptlySide, espejoSide, type Side } from '../support/oracle/side.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/**
 * spec/cli.md 1 beside the real aptly: exit status, which streams are used, the `ERROR:` line. Usage texts are espejo's own
 * words, so of them the usage line and the flags of the command are compared. `publish` alone is a command of espejo.
 */
const lines: readonly string[] = [
  '',
  'mirror',
  'repo',
  'snapshot',
  'package',
  'db',
  'task',
  'config',
  'foo',
  'mirror foo',
  'publish foo',
  'mirror list extra',
  'mirror create',
  'mirror create a',
  'mirror create a b',
  'repo create r from',
  'repo create r from repo x',
  'repo add r',
  'snapshot create s from nothing x',
  'snapshot create s',
  'snapshot diff a',
  'snapshot pull a b c',
  'publish snapshot',
  'publish switch d',
  'publish switch d . s t',
  'publish repo -component=main,contrib a',
  'mirror show foo -json',
  'publish repo a -skip-signing b',
  'mirror -h',
  'mirror list -h',
  'mirror -help list',
  '-nope',
  '-nope mirror list',
  'mirror -nope list',
  'mirror list -nope',
  '-raw version',
  'mirror list -force',
  'mirror list -json false',
  'mirror list -config',
  '-config',
  '-db-open-attempts=0x2 repo list',
  'repo list -json=T',
  'repo list --raw',
  '--raw repo list',
  'repo -raw list',
  'repo list -- -raw',
  'repo list -raw -raw=false',
  'help',
  'help mirror',
  'help mirror list',
  'mirror help',
  'mirror help list',
  'mirror list help',
  'repo list -json help',
  'help nope',
  'help mirror nope',
  'mirror help nope',
  'mirror list help nope',
  'help mirror list nope',
  'help help',
  'help -json',
  'help -h',
  '-nope help',
  '-raw help',
  '-- help',
  'help repo',
  'help snapshot',
  'help db',
  'help task run',
  'help serve',
  'help version',
  'help publish repo',
  'publish repo help',
  'repo show help',
];

describe('the command line beside the real aptly', { skip: skipWithoutAptly }, () => {
  const directory = temporaryDirectory('command-line');
  let aptly: Side;
  let espejo: Side;
  before(async () => {
    const place = (name: string) => ({ cwd: `${directory}/${name}`, files: {}, config: {} });
    aptly = await aptlySide(place('a'));
    espejo = await espejoSide(place('e'));
  });

  after(() => {
    for (const side of [aptly, espejo]) side.close();
  });

  for (const line of lines) {
    it(line || 'no words', async () => {
      const words = line.split(' ').filter((word) => word !== '');
      const [found, wanted] = await Promise.all([espejo.run(words), aptly.run(words)]);

      const text = found.stdout + found.stderr;
      const isRoot = /^Usage: espejo \[flags\]/.test(text) || /\(see: espejo help\)\n/.test(text);
      assert.deepEqual(comparable(found, isRoot), comparable(wanted, isRoot));
    });
  }
});

/** @param isRoot the usage of the program as a whole, which has espejo's commands too, is laid out otherwise, or left out after a wrong word */
function comparable({ exit, stdout, stderr }: Ran, isRoot: boolean): unknown {
  return {
    exit,
    streams: [stdout.trim() !== '', stderr.trim() !== ''],
    error: errorLines(stderr),
    flags: isRoot ? [] : [...flagsIn(stdout), ...flagsIn(stderr)],
    stdout: isRoot || stdout.includes('Options:') || exit !== 0 ? '' : stdout.replaceAll('aptly', 'espejo'),
  };
}

/** The topic after `Run` is a command that works in espejo (`espejo help mirror`), and none in aptly (`mirror help`). */
function errorLines(stderr: string): readonly string[] {
  return stderr
    .split('\n')
    .filter((line) => line.startsWith('ERROR: '))
    .map((line) => line.replace(/ {2}Run '.*'\.$/, ''));
}

/** Names and defaults of flags in a usage, without those that 1.6 has more than 1.5 or otherwise, and espejo's own. */
function flagsIn(text: string): readonly string[] {
  const names = Array.from(text.matchAll(/^ {2}(-[\w-]+(?:=(?:"[^"]*"|\d*))?):/gm), ([, flag]) => flag ?? '');
  return names.filter((flag) => !notIn15.test(flag)).toSorted();
}

const notIn15 =
  /^-(debug|quiet|lock-wait=""|with-appstream|latest|signed-by=""|version=""|codename=""|multi-dist|gpg-key=(?:"")?)$/;
