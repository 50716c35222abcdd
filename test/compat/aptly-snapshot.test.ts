import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { addRepoOf, writeDeb } from '../builders/library-packages.ts';
import { type AptlyRoot, makeAptlyRoot, skipWithoutAptly } from '../support/aptly.ts';
import { type CommandRoot, makeCommandRoot, type Ran } from '../support/aptly-commands.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** The commands in their order; what they print is compared with what aptly prints. */
const script: readonly (readonly string[])[] = [
  ['snapshot', 'list'],
  ['snapshot', 'list', '-raw'],
  ['snapshot', 'list', '-json'],
  ['snapshot', 'create', 's1', 'from', 'repo', 'r1'],
  ['snapshot', 'create', 's1', 'from', 'repo', 'r1'],
  ['snapshot', 'create', 's2', 'from', 'repo', 'r2'],
  ['snapshot', 'create', 's3', 'from', 'repo', 'r3'],
  ['snapshot', 'create', 's0', 'empty'],
  ['snapshot', 'create', 'x', 'from', 'repo', 'nope'],
  ['snapshot', 'create', 'x', 'from', 'mirror', 'nope'],
  ['snapshot', 'list'],
  ['snapshot', 'list', '-sort=time'],
  ['snapshot', 'list', '-sort=Time', '-raw'],
  ['snapshot', 'list', '-raw'],
  ['snapshot', 'list', '-json'],
  ['snapshot', 'show', 's1'],
  ['snapshot', 'show', '-with-packages', 's2'],
  ['snapshot', 'show', '-json', 's1'],
  ['snapshot', 'show', '-json', '-with-packages', 's2'],
  ['snapshot', 'show', '-json', '-with-packages', 's0'],
  ['snapshot', 'show', '-with-packages', 's0'],
  ['snapshot', 'show', 'nope'],
  ['snapshot', 'verify', 's1'],
  ['snapshot', 'verify', 's1', 's2'],
  ['snapshot', 'verify', 's1', 's2', 'nope'],
  ['snapshot', 'verify', 'nope'],
  ['snapshot', 'verify', 's0'],
  ['-architectures=amd64', 'snapshot', 'verify', 's3', 's1'],
  ['snapshot', 'verify', 's2'],
  ['-architectures=amd64', 'snapshot', 'verify', 's2'],
  ['-architectures=amd64', '-dep-follow-recommends', 'snapshot', 'verify', 's3'],
  ['-architectures=amd64', '-dep-follow-suggests', 'snapshot', 'verify', 's1'],
  ['-architectures=amd64', '-dep-follow-source', 'snapshot', 'verify', 's2'],
  ['-dep-follow-all-variants', 'snapshot', 'verify', 's1'],
  ['-dep-verbose-resolve', 'snapshot', 'verify', 's1'],
  ['snapshot', 'pull', 's1', 's2', 'p1', 'alpha'],
  ['snapshot', 'pull', 's1', 's2', 'p1', 'alpha'],
  ['snapshot', 'pull', '-dry-run', 's1', 's2', 'p2', 'alpha'],
  ['snapshot', 'pull', '-no-deps', 's1', 's2', 'p3', 'alpha', 'delta'],
  ['snapshot', 'pull', '-no-remove', '-all-matches', 's1', 's2', 'p4', 'Name (~ .*)'],
  ['snapshot', 'pull', '-all-matches', 's1', 's2', 'p5', 'Name (~ .*)'],
  ['snapshot', 'pull', 's1', 's3', 'p6', 'gamma'],
  ['snapshot', 'pull', 's0', 's3', 'p7', 'gamma'],
  ['-architectures=amd64', 'snapshot', 'pull', 's0', 's2', 'p8', 'alpha'],
  ['-architectures=i386,amd64', 'snapshot', 'pull', 's0', 's2', 'p9', 'alpha'],
  ['snapshot', 'pull', 'nope', 's3', 'x', 'gamma'],
  ['snapshot', 'pull', 's1', 'nope', 'x', 'gamma'],
  ['snapshot', 'pull', 's1', 's2', 'x', 'alpha ('],
  ['snapshot', 'pull', 's1', 's1', 'p10', 'zzz'],
  ['snapshot', 'pull', 's1', 's2', 's1', 'alpha'],
  ['snapshot', 'show', 'p1'],
  ['snapshot', 'show', '-json', '-with-packages', 'p1'],
  ['snapshot', 'show', '-with-packages', 'p4'],
  ['snapshot', 'show', '-with-packages', 'p5'],
  ['snapshot', 'show', '-with-packages', 'p9'],
  ['snapshot', 'diff', 's1', 's3'],
  ['snapshot', 'diff', 's1', 'p3'],
  ['snapshot', 'diff', '-only-matching', 's1', 'p3'],
  ['snapshot', 'diff', 's1', 's1'],
  ['snapshot', 'diff', '-only-matching', 's0', 's1'],
  ['snapshot', 'diff', 's1', 'nope'],
  ['snapshot', 'diff', 'nope', 's1'],
  ['snapshot', 'merge', 'm1', 's1', 's2'],
  ['snapshot', 'merge', 'm1', 's1', 's2'],
  ['snapshot', 'merge', '-latest', 'm2', 's1', 's2', 's3'],
  ['snapshot', 'merge', '-no-remove', 'm3', 's1', 's2'],
  ['snapshot', 'merge', '-no-remove', '-latest', 'm4', 's1', 's2'],
  ['snapshot', 'merge', 'm5', 's1'],
  ['snapshot', 'merge', 'm6', 's1', 'nope'],
  ['snapshot', 'show', '-with-packages', 'm1'],
  ['snapshot', 'show', '-with-packages', 'm2'],
  ['snapshot', 'show', '-json', '-with-packages', 'm3'],
  ['snapshot', 'filter', 's1', 'f1', 'alpha', 'Section (web)'],
  ['snapshot', 'filter', '-with-deps', 'm3', 'f2', 'alpha'],
  ['snapshot', 'filter', 'nope', 'x', 'alpha'],
  ['snapshot', 'filter', 's1', 'x', 'alpha ('],
  ['snapshot', 'filter', 's1', 'f1', 'alpha'],
  ['snapshot', 'filter', 's1', 'f3', 'zzz'],
  ['snapshot', 'filter', '-with-deps', 's0', 'x', 'zzz'],
  ['snapshot', 'show', '-with-packages', 'f2'],
  ['snapshot', 'show', '-with-packages', 'f1'],
  ['snapshot', 'search', 's1'],
  ['snapshot', 'search', 'm3', 'alpha'],
  ['snapshot', 'search', 's0'],
  ['snapshot', 'search', 's1', 'zzz'],
  ['snapshot', 'search', 'nope', 'alpha'],
  ['snapshot', 'search', 's1', 'alpha ('],
  ['snapshot', 'search', '-with-deps', 'm3', 'alpha (= 1.0)'],
  ['snapshot', 'search', '-with-deps', 's0', 'alpha'],
  ['-architectures=amd64', 'snapshot', 'search', '-with-deps', 'm3', 'alpha (= 1.0)'],
  ['-dep-verbose-resolve', 'snapshot', 'search', '-with-deps', 'm3', 'alpha (= 1.1)'],
  ['snapshot', 'search', '-format={{.Package}} {{.Nope}} {{index . "Installed-Size"}} {{.Key}}', 'm3'],
  ['snapshot', 'search', '-format={{.ShortKey}}|{{.FilesHash}}|{{.Filename}}', 'm3', '$Architecture (amd64)'],
  ['package', 'search'],
  ['package', 'search', 'alpha'],
  ['package', 'search', 'alpha_1.0_i386'],
  ['package', 'search', 'zzz'],
  ['package', 'search', 'alpha ('],
  ['package', 'search', '-format={{.Package}}={{.SHA512}}', '!gamma'],
  ['package', 'show', 'alpha (= 1.0) {amd64}'],
  ['package', 'show', 'Name (delta)'],
  ['package', 'show', 'zzz'],
  ['package', 'show', 'alpha ('],
  ['snapshot', 'rename', 's3', 's3b'],
  ['snapshot', 'rename', 's3b', 's1'],
  ['snapshot', 'rename', 's3b', 's3b'],
  ['snapshot', 'rename', 'nope', 's9'],
  ['snapshot', 'show', 'p6'],
  ['snapshot', 'drop', 'nope'],
  ['snapshot', 'drop', '-force', 's1'],
  ['snapshot', 'show', 'm1'],
  ['snapshot', 'show', '-json', 'm1'],
  ['snapshot', 'drop', 'm1'],
  ['snapshot', 'drop', 'm1'],
  ['snapshot', 'list', '-raw'],
];

/** Commands of which aptly prints lines in the order of random ids. */
const unordered: readonly (readonly string[])[] = [
  ['snapshot', 'drop', 's2'],
  ['snapshot', 'drop', 's3b'],
  ['package', 'show', 'alpha'],
  ['package', 'show', '-with-references', 'delta'],
  ['package', 'show', '-with-references', 'beta'],
];

describe('snapshot and package commands beside the real aptly', { skip: skipWithoutAptly }, () => {
  let aptly: AptlyRoot;
  let espejo: CommandRoot;

  before(async () => {
    const debs = await writeAll();
    aptly = await makeAptlyRoot();
    espejo = await makeCommandRoot('aptly');
    for (const { repo, comment, paths } of debs) {
      await aptly.run('repo', 'create', `-comment=${comment}`, repo);
      await aptly.run('repo', 'add', repo, ...paths);
      await espejo.withApp((app) => addRepoOf(app, { name: repo, comment }, paths));
    }
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

  it('prints the same lines where aptly has no order', async () => {
    await aptly.run('snapshot', 'merge', 'again', 's2', 'p4');
    await espejo.output('snapshot', 'merge', 'again', 's2', 'p4');

    for (const words of unordered) {
      const wanted = comparable(await runAptly(aptly, words));
      const found = comparable(await espejo.run(...words));

      assert.deepEqual(sortedLines(found), sortedLines(wanted), words.join(' '));
    }
  });

  it('finds the files of packages at the same place of the pool', async () => {
    const words = ['package', 'show', '-with-files', 'gamma'];

    const found = await espejo.output(...words);

    const pool = join(espejo.directory, 'root', 'pool');
    const wanted = (await aptly.run(...words)).replaceAll(join(aptly.directory, 'pool'), pool);
    assert.deepEqual(found.split('\n').toSorted(), wanted.split('\n').toSorted());
  });
});

async function writeAll(): Promise<
  readonly { readonly repo: string; readonly comment: string; readonly paths: readonly string[] }[]
> {
  const directory = temporaryDirectory('debs');
  const deb = (label: string, fields: Readonly<Record<string, string>> = {}): Promise<string> =>
    writeDeb(directory, label, fields);
  return [
    {
      repo: 'r1',
      comment: '',
      paths: [
        await deb('alpha_1.0_amd64', {
          Depends: 'beta (>= 2), gamma | delta, missing-one',
          Section: 'web',
          Suggests: 'epsilon',
          Description: 'first\n second\n .\n third',
        }),
        await deb('beta_1.0_amd64', { Source: 'beta-source' }),
        await deb('gamma_1:3-1_all', { Recommends: 'alpha' }),
      ],
    },
    {
      repo: 'r2',
      comment: 'with <comment>',
      paths: [
        await deb('alpha_1.1_amd64', { Depends: 'beta (>= 2)' }),
        await deb('alpha_1.2_amd64', { Depends: 'virtual' }),
        await deb('alpha_1.0_i386', { Depends: 'beta (>= 9)' }),
        await deb('beta_2.0_amd64', { Source: 'beta-source (1.5)', Provides: 'virtual' }),
        await deb('delta_0.1~rc1_all', {
          'Installed-Size': '10',
          'Multi-Arch': 'foreign',
          Homepage: 'http://x/?a=<b>',
        }),
        await deb('omega_1_amd64'),
      ],
    },
    {
      repo: 'r3',
      comment: '',
      paths: [await writeDeb(join(directory, 'other'), 'gamma_1:3-1_all', { Description: 'different' })],
    },
  ];
}

async function runAptly(aptly: AptlyRoot, words: readonly string[]): Promise<Ran> {
  try {
    return { stdout: await aptly.run(...words), error: undefined, code: undefined };
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string };
    return { stdout, error: stderr.replace(/^ERROR: /, '').trimEnd(), code: undefined };
  }
}

/** Without times, the details of syntax errors and what helps beyond aptly's words. */
function comparable({ stdout, error }: Ran): Pick<Ran, 'stdout' | 'error'> {
  return {
    stdout: stdout
      .replaceAll(/^Created At: .*$/gm, 'Created At: T')
      .replaceAll(/"CreatedAt": ".*"/g, '"CreatedAt": "T"'),
    error: error?.replace(/(parsing failed): .*/s, '$1').replace(', please specify explicitly', ''),
  };
}

function sortedLines({ stdout, error }: Pick<Ran, 'stdout' | 'error'>): unknown {
  return { lines: stdout.split('\n').toSorted(), error };
}
