import assert from 'node:assert/strict';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { incomingFiles, writeFiles } from '../builders/incoming.ts';
import { type AptlyRoot, makeAptlyRoot, skipWithoutAptly } from '../support/aptly.ts';
import { type CommandRoot, makeCommandRoot, type Ran } from '../support/aptly-commands.ts';

/** The commands in their order; what they print is compared with what aptly prints. */
const script: readonly (readonly string[])[] = [
  ['repo', 'list'],
  ['repo', 'list', '-raw'],
  ['repo', 'list', '-json'],
  ['repo', 'create', '-comment=a <b>', '-uploaders-file=uploaders.json', 'r1'],
  ['repo', 'create', 'r1'],
  ['repo', 'create', '-uploaders-file=nope.json', 'r2'],
  ['repo', 'create', '-distribution=sid', '-component=contrib', 'r2'],
  ['repo', 'create', 'odd/name'],
  ['repo', 'create', 'r3', 'from', 'snapshot', 'nope'],
  ['repo', 'add', 'nope', 'in'],
  ['repo', 'add', 'r1', 'in'],
  ['repo', 'add', 'r1', './in'],
  ['repo', 'show', '-with-packages', 'r1'],
  ['repo', 'add', 'r1', 'odd', 'nofile', 'odd/README', 'in/a.buildinfo', 'in/beta_1.0_all.deb'],
  ['repo', 'show', '-with-packages', 'r1'],
  ['repo', 'search', '-format={{.Package}} {{.Key}} {{.SHA256}}', 'r1', '$PackageType (!= source)'],
  ['repo', 'search', '-format={{.Package}} {{.Key}}', 'r1'],
  ['repo', 'add', '-force-replace', 'r1', 'odd/alpha_1.0_amd64.deb', 'odd/omega_1_all.deb'],
  ['repo', 'search', '-format={{.Package}} {{.Key}}', 'r1'],
  ['repo', 'show', 'r1'],
  ['repo', 'show', '-json', 'r1'],
  ['repo', 'show', '-json', '-with-packages', 'r1'],
  ['repo', 'show', 'nope'],
  ['repo', 'list'],
  ['repo', 'search', 'r1'],
  ['repo', 'search', 'r1', 'Name (~ ^a)'],
  ['repo', 'search', 'r1', 'zzz'],
  ['repo', 'search', 'r1', 'Name (('],
  ['repo', 'search', 'nope', 'alpha'],
  ['repo', 'search', '-with-deps', 'r1', 'alpha'],
  ['repo', 'search', 'r2'],
  ['repo', 'copy', 'r1', 'r2', 'alpha'],
  ['repo', 'copy', 'r1', 'r1', 'alpha'],
  ['repo', 'copy', 'r1', 'nope', 'alpha'],
  ['repo', 'copy', 'nope', 'r2', 'alpha'],
  ['repo', 'copy', '-with-deps', 'r1', 'odd/name', 'alpha'],
  ['repo', 'copy', 'r1', 'r2', 'zzz'],
  ['repo', 'move', '-dry-run', 'r1', 'r2', 'gamma'],
  ['repo', 'move', 'r1', 'r2', 'gamma', 'src'],
  ['repo', 'show', '-with-packages', 'r1'],
  ['repo', 'show', '-with-packages', 'r2'],
  ['repo', 'remove', '-dry-run', 'r2', 'gamma'],
  ['repo', 'remove', 'r2', 'gamma'],
  ['repo', 'remove', 'r2', 'zzz'],
  ['repo', 'remove', 'nope', 'zzz'],
  ['repo', 'show', '-with-packages', 'r2'],
  ['repo', 'create', 'c1'],
  ['repo', 'add', 'c1', 'odd/alpha_1.0_amd64.deb'],
  ['repo', 'create', 'c2'],
  ['repo', 'add', 'c2', 'in/alpha_1.0_amd64.deb'],
  ['repo', 'copy', 'c1', 'c2', 'alpha'],
  ['repo', 'move', 'c1', 'c2', 'alpha'],
  ['repo', 'copy', '-dry-run', 'c1', 'c2', 'alpha'],
  ['repo', 'show', '-with-packages', 'c1'],
  ['repo', 'copy', '-with-deps', '-dry-run', 'r1', 'c1', 'alpha'],
  ['-architectures=amd64', 'repo', 'copy', '-with-deps', 'r1', 'c1', 'alpha'],
  ['repo', 'show', '-with-packages', 'c1'],
  ['repo', 'import', 'nope', 'r2', 'alpha'],
  ['repo', 'import', 'nope', 'nowhere', 'alpha'],
  ['repo', 'edit', '-comment=new', '-distribution=d', '-component=x', '-uploaders-file=', 'r1'],
  ['repo', 'show', 'r1'],
  ['repo', 'edit', 'r1'],
  ['repo', 'edit', 'nope'],
  ['repo', 'edit', '-uploaders-file=nope.json', 'r1'],
  ['repo', 'edit', '-comment=', '-uploaders-file=uploaders.json', 'r1'],
  ['repo', 'show', 'r1'],
  ['repo', 'rename', 'r1', 'r2'],
  ['repo', 'rename', 'nope', 'r9'],
  ['repo', 'rename', 'r1', 'r9'],
  ['snapshot', 'create', 's1', 'from', 'repo', 'r9'],
  ['snapshot', 'create', 's2', 'from', 'repo', 'r2'],
  ['repo', 'create', '-distribution=x', 'from1', 'from', 'snapshot', 's1'],
  ['repo', 'show', '-with-packages', 'from1'],
  ['repo', 'drop', 'r9'],
  ['repo', 'drop', '-force', 'r9'],
  ['repo', 'drop', 'nope'],
  ['repo', 'drop', 'c1'],
  ['repo', 'list'],
  ['repo', 'list', '-json'],
  ['repo', 'list', '-raw'],
];

describe('repo commands beside the real aptly', { skip: skipWithoutAptly }, () => {
  let aptly: AptlyRoot;
  let espejo: CommandRoot;

  before(async () => {
    aptly = await makeAptlyRoot();
    espejo = await makeCommandRoot('aptly');
    const files = await incomingFiles();
    for (const { directory } of [aptly, espejo]) await writeFiles(directory, files);
  });

  after(() => aptly.remove());

  it('prints the same and fails alike', async () => {
    const wanted: unknown[] = [];
    const found: unknown[] = [];

    for (const words of script) {
      wanted.push([words.join(' '), comparable(await runAptly(aptly, words))]);
      found.push([words.join(' '), comparable(await espejo.run(...words))]);
    }

    assert.deepEqual(found, wanted);
  });

  it('removes the same files', async () => {
    const files = Object.keys(await incomingFiles());
    for (const root of [aptly, espejo]) await root.run('repo', 'create', 'removing');
    const words = ['repo', 'add', '-remove-files', 'removing', 'in', 'odd'];

    await runAptly(aptly, words);
    await espejo.run(...words);

    const left = await Promise.all([aptly, espejo].map(({ directory }) => present(directory, files)));
    assert.deepEqual(left[1], left[0]);
    assert.ok((left[1] ?? []).length < files.length);
  });
});

async function runAptly(aptly: AptlyRoot, words: readonly string[]): Promise<Ran> {
  try {
    return { stdout: await aptly.run(...words), error: undefined, code: undefined };
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string };
    return { stdout, error: stderr.replace(/^ERROR: /, '').trimEnd(), code: undefined };
  }
}

/** With the words of 1.6 for conflicts, and without the reasons for which a file cannot be read. */
function comparable({ stdout, error }: Ran): { readonly lines: readonly string[]; readonly error: unknown } {
  const lines = inWordsOfNow(stdout)
    .replaceAll(/^\[!\] Unable to (read|import) file .*$/gm, '[!] Unable to take a file')
    .split('\n');
  return {
    lines: lines.some((line) => line.startsWith('[o] ')) ? lines.toSorted() : lines,
    error:
      error === undefined
        ? undefined
        : inWordsOfNow(error)
            .replace(/(parsing failed): .*/s, '$1')
            .replace(/(open ).*\/(?=nope)/, '$1')
            .replace(', please specify explicitly', ''),
  };
}

function inWordsOfNow(text: string): string {
  return text.replaceAll('conflict in package', 'package already exists and is different:');
}

async function present(directory: string, paths: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(
    paths.map((path) =>
      access(join(directory, path)).then(
        () => [path],
        () => [],
      ),
    ),
  );
  return found.flat();
}
