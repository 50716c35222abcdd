import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { skipWithout } from '../support/programs.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const root = resolve(import.meta.dirname, '../..');
const directory = temporaryDirectory('completion');
writeFileSync(
  join(directory, 'espejo'),
  `#!/bin/sh
case "$*" in
  *'mirror list -raw') printf '%s\\n' debian debian-security 'ubuntu:xenial' ;;
  *'repo list -raw') printf '%s\\n' local '$(touch expanded)' ;;
  '-config=mine.conf snapshot list -raw') echo mine ;;
  *'snapshot list -raw') printf '%s\\n' s1 s2 'with blank' ;;
  *'publish list -raw') printf '%s\\n' '. bookworm' 'ppa bookworm' 'ppa sid' ;;
esac
`,
);
chmodSync(join(directory, 'espejo'), 0o755);
writeFileSync(join(directory, 'package_1.deb'), '');

describe('completion in bash', { skip: skipWithout('bash', '--version') }, () => {
  const completed: readonly (readonly [line: string, replies: readonly string[]])[] = [
    ['espejo mir', ['mirror']],
    ['espejo help mir', ['mirror']],
    ['espejo -config=x snapshot me', ['merge']],
    ['espejo publish sw', ['switch']],
    ['espejo publish source re', ['remove', 'replace']],
    ['espejo mirror show ', ['debian', 'debian-security', 'ubuntu:xenial']],
    ['espejo mirror show debian-', ['debian-security']],
    ['espejo mirror show ubuntu:x', ['xenial']],
    ['espejo -json mirror show -with-packages debian-', ['debian-security']],
    ['espejo mirror rename debian ', []],
    ['espejo repo drop ', ['local', '\\$\\(touch\\ expanded\\)']],
    ['espejo repo import debian lo', ['local']],
    ['espejo repo add local pack', ['package_1.deb']],
    ['espejo snapshot create x ', ['from', 'empty']],
    ['espejo snapshot create x from mirror deb', ['debian', 'debian-security']],
    ['espejo snapshot merge x s1 ', ['s1', 's2', 'with\\ blank']],
    ['espejo -config=mine.conf snapshot show ', ['mine']],
    ['espejo -config mine.conf snapshot show ', ['mine']],
    ['espejo publish show ', ['bookworm', 'sid']],
    ['espejo publish update bookworm p', ['ppa']],
    ['espejo mirror edit -with-', ['-with-appstream', '-with-installer', '-with-sources', '-with-udebs']],
    ['espejo snapshot list -so', ['-sort=']],
    ['espejo snapshot list -sort=t', ['time']],
    ['espejo snapshot list --sort n', ['name']],
    ['espejo -config=pack', ['package_1.deb']],
    ['espejo key ex', ['export']],
    ['espejo nothing ', []],
  ];
  for (const [line, replies] of completed) {
    it(line, () => {
      assert.deepEqual(completeInBash(line), replies);
    });
  }
});

it('a name is never run', { skip: skipWithout('bash', '--version') }, () => {
  completeInBash('espejo repo drop ');

  assert.equal(existsSync(join(directory, 'expanded')), false);
});

it('the completion of zsh is no wrong program', { skip: skipWithout('zsh', '--version') }, () => {
  execFileSync('zsh', ['-n', join(root, 'data/completion/_espejo')]);
});

it('the man page is shown without a warning', { skip: skipWithout('groff', '--version') }, () => {
  const { stdout, stderr } = spawnSync('groff', [
    '-man',
    '-Tutf8',
    '-ww',
    '-rLL=100n',
    join(root, 'data/espejo.1'),
  ]);

  assert.equal(String(stderr), '');
  assert.match(String(stdout), /mirror create/);
});

function completeInBash(line: string): readonly string[] {
  const script = `source "$1"; COMP_LINE=$2 COMP_POINT=\${#2}; _espejo; ((\${#COMPREPLY[@]})) && printf '%s\\n' "\${COMPREPLY[@]}"; true`;
  const output = execFileSync(
    'bash',
    ['--norc', '-c', script, 'bash', join(root, 'data/completion/espejo.bash'), line],
    {
      cwd: directory,
      env: { PATH: `${directory}:${process.env['PATH']}` },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  ).toString();
  return output.split('\n').filter((reply) => reply !== '');
}
