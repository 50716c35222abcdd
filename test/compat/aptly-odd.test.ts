import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { dataMember, debOf, tarOf } from '../builders/package-files.ts';
import { makeAptClient } from '../support/apt-client.ts';
import { type AptlyRoot, makeAptlyRoot, skipWithoutAptly } from '../support/aptly.ts';
import { skipWithout } from '../support/programs.ts';
import { type CliRun, runCli } from '../support/run-cli.ts';

/** Control files that aptly takes, by the name of the package. */
const controls: Readonly<Record<string, readonly string[]>> = {
  comment: [
    'Package: comment',
    'Version: 1',
    'Architecture: amd64',
    '#Pre-Depends: nothing',
    'Depends: plain',
  ],
  dash: ['Package: dash', 'Version: 1', 'Architecture: amd64', '-Some words: x', 'X--y: z'],
  machine: ['Package: machine', 'Version: 1', 'Architecture: x86_64'],
  score: ['Package: score', 'Version: 1.0_rc1', 'Architecture: amd64'],
  'my package': ['Package: my package', 'Version: 1', 'Architecture: amd64'],
  open: ['Package: open', 'Version: 1', 'Architecture: amd64', 'Depends: plain (>= 1', 'Provides:'],
  url: ['Package: url', 'Version: 1', 'Architecture: amd64', 'Source: https://example.org/a b'],
  returns: ['Package: returns\r', 'Version: 1\r', 'Architecture: amd64\r'],
  twice: ['Package: twice', 'Version: 1', 'Architecture: amd64', 'Section: a', 'Section: b'],
  plain: ['Package: plain', 'Version: 1', 'Architecture: amd64'],
};

const skip = skipWithoutAptly || skipWithout('apt-get', '--version');

describe('odd packages of a real aptly root', { skip }, () => {
  let root: AptlyRoot;
  let imported: CliRun;

  const espejo = (...words: string[]): Promise<CliRun> => {
    const [noun = '', verb = '', ...rest] = words;
    const options = { cwd: root.directory, env: { HOME: join(root.directory, 'home') } };
    return runCli([noun, verb, `-config=${join(root.directory, 'aptly.conf')}`, ...rest], options);
  };

  before(async () => {
    root = await makeAptlyRoot();
    const incoming = join(root.directory, 'incoming');
    await mkdir(incoming);
    for (const [name, lines] of Object.entries(controls)) {
      const control = [...lines, 'Maintainer: A <a@example.org>', 'Description: x', ''].join('\n');
      const content = gzipSync(tarOf([{ path: './control', content: control }]));
      const deb = debOf({ control: { name: 'control.tar.gz', content }, data: dataMember() });
      await writeFile(join(incoming, `${name.replace(' ', '-')}.deb`), deb);
    }
    await root.run('repo', 'create', 'odd');
    await root.run('repo', 'add', 'odd', incoming);
    await root.run('snapshot', 'create', 'shot', 'from', 'repo', 'odd');
    imported = await espejo('db', 'import-aptly');
  });

  after(() => root?.remove());

  it('come over as they are, each told by a warning, and are counted', () => {
    const odd = imported.stderr.split('\n').filter((line) => line.endsWith('; taken over as it is'));

    assert.equal(imported.exit, 0, imported.stderr);
    assert.deepEqual(
      odd.map((line) => line.replace(/^warning: package /, '').replace(/ [0-9a-f]+: /, ': ')),
      [
        'amd64 comment 1: "#pre-Depends" is not the name of a field',
        'amd64 dash 1: "-some words" is not the name of a field',
        'amd64 my package 1: "my package" is not a package name',
        'amd64 open 1: Depends: column 8: the version is not closed',
        'amd64 score 1.0_rc1: "1.0_rc1" is not a version',
        'x86_64 machine 1: "x86_64" is not an architecture',
      ].map((line) => `${line}; taken over as it is`),
    );
    assert.match(imported.stdout, /^Odd packages, taken over as they are: 6\.$/m);
  });

  const same: readonly (readonly string[])[] = [
    ['package', 'search', '-format={{.Key}}|{{.Package}}|{{.Version}}|{{.Architecture}}'],
    ['repo', 'show', '-with-packages', 'odd'],
    ['snapshot', 'show', '-with-packages', 'shot'],
    ['package', 'show', 'Name (~ .)'],
    ['package', 'show', 'Name (~ my)'],
    ['package', 'search', 'comment_1_amd64'],
    ['package', 'search', '$Architecture (x86_64)'],
    ['repo', 'search', 'odd', 'plain | score (= 1.0_rc1)'],
  ];
  for (const words of same) {
    it(`are shown as by aptly: ${words.join(' ')}`, async () => {
      const wanted = await root.run(...words);

      const { stdout, exit } = await espejo(...words);

      assert.equal(exit, 0);
      assert.deepEqual(comparable(stdout), comparable(wanted));
    });
  }

  it('are published so that apt reads all of the suite', async (t) => {
    const { exit, stderr } = await espejo(
      'publish',
      'snapshot',
      '-skip-signing',
      '-distribution=odd',
      'shot',
    );
    const verified = await espejo('verify', '.');
    const source = `deb [trusted=yes] file:${root.directory}/public odd main`;
    const client = await makeAptClient(t, { sources: [source], key: Buffer.alloc(0) });
    const update = await client.apt('update');

    const paragraphs = await client.available();

    assert.equal(exit, 0, stderr);
    assert.match(stderr, /open_1_amd64: Depends: column 8: the version is not closed \(left out/);
    assert.equal(update.status, 0, update.stderr);
    assert.deepEqual(
      paragraphs.flatMap((text) => /^Package: (.*)$/m.exec(text)?.[1] ?? []),
      ['comment', 'dash', 'my package', 'plain', 'returns', 'score', 'twice', 'url'],
    );
    assert.doesNotMatch(paragraphs.join('\n'), /^#|^-some/m);
    assert.equal((await client.apt('download', 'comment', 'dash', 'url')).status, 0);
    assert.doesNotMatch(verified.stdout + verified.stderr, /refuses/);
  });

  it('outlive cleanup and recover', async () => {
    const keys = ['package', 'search', '-format={{.Key}}'];
    const wanted = await root.run(...keys);

    const cleanup = await espejo('db', 'cleanup');
    const recover = await espejo('db', 'recover');
    const { stdout } = await espejo(...keys);

    assert.deepEqual([cleanup.exit, recover.exit], [0, 0], cleanup.stderr + recover.stderr);
    assert.equal(stdout, wanted);
  });
});

/** aptly shows packages in no order. */
function comparable(text: string): readonly string[] {
  return text.split('\n\n').toSorted();
}
