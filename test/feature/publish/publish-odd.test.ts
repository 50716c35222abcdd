import assert from 'node:assert/strict';
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, it } from 'node:test';
import { writeDeb } from '../../builders/library-packages.ts';
import { type CommandRoot, makeCommandRoot } from '../../support/aptly-commands.ts';
import { listFiles } from '../../support/publishing.ts';

const unsigned = '-skip-signing';

describe('publish of odd packages', () => {
  let root: CommandRoot;
  const pool = (): Promise<readonly string[]> => listFiles(join(root.directory, 'root/public/pool/main'));
  const filenames = async (): Promise<readonly string[]> => {
    const path = join(root.directory, 'root/public/dists/stable/main/binary-amd64/Packages');
    return Array.from(
      (await readFile(path, 'utf8')).matchAll(/^Filename: pool\/main\/(.*)$/gm),
      ([, one = '']) => one,
    );
  };

  /** Adds a package whose file has another name. */
  async function add(
    label: string,
    name: string,
    fields: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const path = await writeDeb(join(root.directory, 'debs', label), label, fields);
    const renamed = join(path, '..', name);
    await rename(path, renamed);
    await root.output('repo', 'add', 'r', renamed);
  }

  beforeEach(async () => {
    root = await makeCommandRoot();
    await root.output('repo', 'create', '-distribution=stable', 'r');
  });

  it('two versions from files of one name have names of their own, also when the second comes later', async () => {
    await add('web_1.0-1_amd64', 'web.deb');
    await root.output('publish', 'repo', unsigned, '-architectures=amd64', 'r');
    const first = await filenames();
    await add('web_1.1-1_amd64', 'web.deb');

    await root.output('publish', 'update', unsigned, 'stable');

    assert.deepEqual(first, ['w/web/web_1.0-1_amd64.deb']);
    assert.deepEqual(await filenames(), ['w/web/web_1.1-1_amd64.deb', 'w/web/web_1.0-1_amd64.deb']);
    assert.deepEqual((await pool()).toSorted(), ['w/web/web_1.0-1_amd64.deb', 'w/web/web_1.1-1_amd64.deb']);
  });

  it('different packages under one name of a file lie apart, and stay where they are', async () => {
    await add('tool_1_amd64', 'release-1.deb', { Source: 'release' });
    await add('extra_1_amd64', 'release-1.deb', { Source: 'release' });
    await root.output('publish', 'repo', unsigned, 'r');
    const both = await filenames();
    await root.output('repo', 'remove', 'r', 'tool');

    await root.output('publish', 'update', unsigned, 'stable');

    for (const path of both) assert.match(path, /^r\/release\/[0-9a-f]{16}\/release-1\.deb$/);
    assert.equal(new Set(both).size, 2);
    assert.deepEqual(await pool(), await filenames());
  });

  it('names that URLs cut or servers hide are published under another', async () => {
    await add('a_1_amd64', 'a#b_1_amd64.deb');
    await add('b_1_amd64', 'b_1?x.deb');
    await add('c_1_all', '.c_1_all.deb');
    await add('d_1_amd64', "d%23~+:'_1 @.deb");

    await root.output('publish', 'repo', unsigned, 'r');

    assert.deepEqual(await filenames(), [
      'a/a/a_1_amd64.deb',
      'b/b/b_1_amd64.deb',
      'c/c/c_1_all.deb',
      "d/d/d%23~+:'_1 @.deb",
    ]);
    assert.deepEqual(await pool(), await filenames());
  });

  it('warns of packages whose architecture is not published', async () => {
    await add('a_1_amd64', 'a_1_amd64.deb');
    await root.output('publish', 'repo', unsigned, 'r');
    await add('arm-only_1_armhf', 'arm-only_1_armhf.deb');
    await root.output('snapshot', 'create', 's', 'from', 'repo', 'r');

    await root.output('publish', 'update', unsigned, 'stable');
    await root.output('publish', 'snapshot', unsigned, '-architectures=armhf', '-distribution=x', 's');

    assert.deepEqual(root.warnings(), [
      './stable: main: 1 package left out, as not of a published architecture (armhf): arm-only_1_armhf',
      './x: main: 1 package left out, as not of a published architecture (amd64): a_1_amd64',
    ]);
    const counted = '1 warning; left out: 1 package (architecture not published 1)';
    assert.deepEqual(root.said(), [counted, counted]);
  });
});
