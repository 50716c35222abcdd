import assert from 'node:assert/strict';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { writeDeb } from '../../builders/library-packages.ts';
import { makeCommandRoot } from '../../support/aptly-commands.ts';

const apart = 'apt would refuse every package of a suite that has it';

describe('repo add of odd packages', () => {
  it('refuses a relation that apt cannot parse, with field and column, and takes the others', async () => {
    const root = await makeCommandRoot();
    const at = join(root.directory, 'debs');
    const good = await writeDeb(at, 'good_1_amd64');
    const bad = await writeDeb(at, 'bad_1_amd64', { Breaks: 'a, libc6 (>= 2.31' });
    await root.output('repo', 'create', 'r');

    const { stdout, code } = await root.run('repo', 'add', 'r', good, bad);

    assert.notEqual(code, undefined);
    assert.match(
      stdout,
      new RegExp(
        `Unable to add file ${bad}: bad_1_amd64: Breaks: column 11: the version is not closed; ${apart}`,
      ),
    );
    assert.match(await root.output('repo', 'show', '-with-packages', 'r'), /Packages:\n {2}good_1_amd64\n$/);
  });

  it('takes it with a warning where the configuration says so', async () => {
    const root = await makeCommandRoot('espejo', {
      config: { compatibility: { unparseablePackages: true } },
    });
    const bad = await writeDeb(join(root.directory, 'debs'), 'bad_1_amd64', { Provides: 'a (>= )' });
    await root.output('repo', 'create', 'r');

    await root.output('repo', 'add', 'r', bad);

    assert.match(await root.output('repo', 'show', '-with-packages', 'r'), /bad_1_amd64/);
    assert.deepEqual(root.warnings(), [
      `${bad}: bad_1_amd64: Provides: column 7: the version is missing; ${apart}`,
    ]);
  });

  it('takes what dpkg installs: empty fields, odd sources, short names, a byte behind the data', async () => {
    const root = await makeCommandRoot();
    const at = join(root.directory, 'debs');
    const paths = [
      await writeDeb(at, 'o_1_amd64'),
      await writeDeb(at, 'empty_1_amd64', { Depends: '', Provides: '', Homepage: 'x' }),
      await writeDeb(at, 'source_1_amd64', { Source: '@scope/app ../x' }),
      await writeDeb(at, 'short_1_amd64', { Depends: 'a (=1)' }),
    ];
    const newline = await writeDeb(at, 'newline_1_amd64');
    await appendFile(newline, '\n');
    await root.output('repo', 'create', 'r');

    await root.output('repo', 'add', 'r', ...paths, newline);

    assert.match(
      await root.output('repo', 'show', '-with-packages', 'r'),
      /Packages:\n {2}empty_1_amd64\n {2}newline_1_amd64\n {2}o_1_amd64\n {2}short_1_amd64\n {2}source_1_amd64\n$/,
    );
    assert.deepEqual(root.warnings().length, 1);
    assert.match(root.warnings()[0] ?? '', /newline_1_amd64\.deb: what follows its data archive/);
  });

  it('refuses what dpkg refuses, and drops a comment that looks like a field', async () => {
    const root = await makeCommandRoot();
    const at = join(root.directory, 'debs');
    await root.output('repo', 'create', 'r');
    const good = await writeDeb(at, 'comment_1_amd64', { '#Depends': 'a (', Homepage: 'x' });
    const bad = [
      await writeDeb(at, 'bar_1_amd64', { Depends: 'a |', Homepage: 'x' }),
      await writeDeb(at, 'variable_1_amd64', { Depends: '$' + '{misc:Depends}', Homepage: 'x' }),
      await writeDeb(at, 'end_1_amd64', { Provides: '' }),
    ];

    const { stdout, code } = await root.run('repo', 'add', 'r', good, ...bad);

    assert.notEqual(code, undefined);
    assert.match(
      await root.output('repo', 'show', '-with-packages', 'r'),
      /Packages:\n {2}comment_1_amd64\n$/,
    );
    assert.match(stdout, /bar_1_amd64: Depends: column 4: a package name is missing; dpkg would refuse/);
    assert.match(stdout, /variable_1_amd64: Depends: column 1: /);
    assert.match(stdout, /end_1_amd64\.deb: control ends within its last field/);
    assert.match(
      root.warnings().join(),
      /comment_1_amd64\.deb: control: "#Depends" is no field and left out/,
    );
  });
});
