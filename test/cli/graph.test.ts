import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { skipWithout } from '../support/programs.ts';
import { type CliRun, compiledCode, runCli } from '../support/run-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const withDot = { skip: skipWithout('dot', '-V') };

describe('espejo graph', () => {
  it('writes the text of the graph without Graphviz; the extension decides', async () => {
    const { directory, graph } = await makePlace();

    const { stdout, stderr, exit } = await graph('-format=png', '-output=out.dot');

    assert.deepEqual([stdout, stderr, exit], ['Generating graph...\nOutput saved to out.dot\n', '', 0]);
    assert.match(
      await readFile(join(directory, 'out.dot'), 'utf8'),
      /^digraph aptly \{\n\t"[0-9a-f-]{36}" .*\{Repo r\|/,
    );
  });

  it('prints the text with -format=text', async () => {
    const { graph } = await makePlace();

    const { stdout, exit } = await graph('-format', 'text', '-layout', 'vertical');

    assert.equal(exit, 0);
    assert.match(stdout, /^digraph aptly \{\n\trankdir=LR;\n.*"Repo r\|comment: |pkgs: 0"\];\n\}\n$/);
  });

  it('draws with Graphviz, a PNG unless told otherwise', withDot, async () => {
    const { directory, graph } = await makePlace({ path: process.env['PATH'] ?? '' });

    const runs = [await graph('-output=plain'), await graph('-output', 'out.svg')];

    assert.deepEqual(
      runs.map(({ exit }) => exit),
      [0, 0],
    );
    assert.equal((await readFile(join(directory, 'plain'))).toString('latin1', 1, 4), 'PNG');
    assert.match(await readFile(join(directory, 'out.svg'), 'utf8'), /<svg /);
  });

  it('says which package is missing without Graphviz, and leaves nothing', async () => {
    const { directory, graph } = await makePlace();

    const { stdout, stderr, exit } = await graph('-output=out.png');

    assert.equal(exit, 1);
    assert.equal(stdout, 'Generating graph...\n');
    assert.match(stderr, /^ERROR: unable to execute dot: .*\(is graphviz package installed\?\)\n$/);
    await assert.rejects(readFile(join(directory, 'out.png')), { code: 'ENOENT' });
  });

  it('says what Graphviz says of a format that it does not know', withDot, async () => {
    const { directory, graph } = await makePlace({ path: process.env['PATH'] ?? '' });

    const { stderr, exit } = await graph('-format=nope', '-output=x');

    assert.equal(exit, 1);
    assert.match(stderr, /"nope" not recognized[\s\S]*\nERROR: exit status 1\n$/);
    await assert.rejects(readFile(join(directory, 'x')), { code: 'ENOENT' });
  });

  it('fails when the place cannot be written', async () => {
    const { graph } = await makePlace();

    const { stderr, exit } = await graph('-output=no/such/x.dot');

    assert.equal(exit, 1);
    assert.match(stderr, /^ERROR: cannot write .*x\.dot: ENOENT\n$/);
  });

  it('opens a viewer without -output', async () => {
    const { graph, programs } = await makePlace();
    await writeFile(join(programs, 'xdg-open'), '#!/bin/sh\n', { mode: 0o755 });

    const { stdout, exit } = await graph('-format=dot');
    const path = /trying to open it with: xdg-open (.*)\.\.\.\n$/.exec(stdout)?.[1] ?? '';
    const text = await readFile(path, 'utf8');
    await rm(path);

    assert.equal(exit, 0);
    assert.match(text, /^digraph aptly/);
  });

  it('says where the drawing is when there is no viewer', async () => {
    const { graph } = await makePlace();

    const { stdout, exit } = await graph('-format=gv');
    const path = /\nOutput saved to (.*)\n$/.exec(stdout)?.[1] ?? '';
    const text = await readFile(path, 'utf8');
    await rm(path);

    assert.equal(exit, 0);
    assert.match(path, /\.gv$/);
    assert.match(text, /^digraph aptly/);
  });
});

const main = join(import.meta.dirname, '../../src/cli/main.ts');

/** A root with a repository, and a PATH with no program unless another is given. */
async function makePlace({ path }: { readonly path?: string } = {}): Promise<{
  readonly directory: string;
  readonly programs: string;
  graph(...flags: readonly string[]): Promise<CliRun>;
}> {
  const directory = temporaryDirectory('graph');
  const programs = join(directory, 'programs');
  await mkdir(programs);
  await writeFile(join(directory, 'espejo.json'), JSON.stringify({ rootDir: join(directory, 'root') }));
  const run = (...words: readonly string[]) =>
    runCli([main, '-config=espejo.json', ...words], {
      cwd: directory,
      program: process.execPath,
      env: { PATH: path ?? programs, NODE_COMPILE_CACHE: compiledCode },
    });
  await run('repo', 'create', 'r');
  return { directory, programs, graph: (...flags) => run('graph', ...flags) };
}
