import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { isEspejoError } from '../../src/core/errors.ts';
import { Stanza } from '../../src/deb/control.ts';
import { dpkgProblem } from '../../src/deb/dpkg-syntax.ts';
import { packageOfDeb } from '../../src/deb/package-of-deb.ts';
import { debOf, tarOf } from '../builders/package-files.ts';
import { skipWithout } from '../support/programs.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** Texts of a relation field, sensible and not. */
const relations: readonly string[] = [
  ...[
    'a',
    'a,',
    'a,,b',
    ',a',
    'a |',
    'a||b',
    'a|b',
    'a b',
    'a\n b',
    'a\n ,b',
    'A',
    'a_b',
    '-a',
    '.a',
    '+a',
    'a.',
  ],
  ...[
    '@s/a',
    'a#b',
    'a/b',
    'ä',
    'a*',
    'a=1',
    'a >= 1',
    'a{b}',
    '!a',
    `\${shlibs:Depends}`,
    '(a)',
    'a)',
    'a; b',
  ],
  ...[
    'a:any',
    'a:',
    'a: any',
    'a :any',
    'a:AMD64',
    'a:i386 , b',
    'a:x_y',
    'a:-x',
    'a:any(>= 1)',
    'a:amd64 (>= 1)',
  ],
  ...[
    'a (>= 1)',
    'a(>=1)',
    'a ( >= 1 )',
    'a (=1)',
    'a (1)',
    'a (<1)',
    'a (>> 1)',
    'a (>=1)|b(<< 2),c',
    'a\t(>= 1)',
  ],
  ...[
    'a (',
    'a ()',
    'a (>=)',
    'a (>= 1',
    'a (>= 1))',
    'a (>= 1) b',
    'a (>= 1 2)',
    'a (>= 1(2))',
    'a (>= 1),\n b',
  ],
  ...['a (=> 1)', 'a (== 1)', 'a (>== 1)', 'a (<> 1)', 'a (! 1)', 'a [amd64]', 'a <x>', 'a (>= 1) [amd64]'],
  ...[
    'a (>= 1_0)',
    'a (>= v1)',
    'a (>= 1:v2)',
    `a (>= \${v})`,
    'a (>= :1)',
    'a (>= 1:)',
    'a (>= 1-)',
    'a (>= 1~)',
  ],
  ...['a (>= 99999999999:1)', 'a (>= 1.0+é)', 'a (= 1:2-3)'],
];

const fields: readonly string[] = [
  ...relations.map((text) => `Depends: ${text}`),
  ...[
    'Pre-Depends',
    'Recommends',
    'Suggests',
    'Enhances',
    'Provides',
    'Conflicts',
    'Breaks',
    'Replaces',
  ].flatMap((field) => ['', 'a | b', 'a (= 1)', 'a (<< 1), b', 'a ('].map((text) => `${field}: ${text}`)),
  ...['same', 'foreign', 'Allowed', 'odd', ''].map((text) => `Multi-Arch: ${text}`),
  ...['yes', 'NO', 'true', ''].map((text) => `Essential: ${text}`),
  ...[
    'Protected: maybe',
    'Priority: odd x',
    'Section: a/b c',
    'Section:',
    'Installed-Size: big',
    'Source: http://x/y',
  ],
  ...['Source: a (1_0)', 'Built-Using: a (', 'Status: install ok installed'],
  ...['X: y', 'Xy: z', 'Tag: a\n \n b', 'Tag: a\n .\n b', 'Homepage: é', '#Depends: a (', 'Tag : x'],
];

const paragraph = (field: string, { version = '1.0', end = '\n' } = {}): string =>
  `Package: odd\nVersion: ${version}\nArchitecture: all\nMaintainer: A <a@example.org>\n${field}\nDescription: x${end}`;

const controls: readonly string[] = [
  ...fields.map((field) => paragraph(field)),
  ...['1.0_rc1', 'v1.2', '0:1', '0:', '1-', '1 2', 'a', '1:2:3', '1~', '2147483648:1', '1.0(2)'].map(
    (version) => paragraph('Tag: a', { version }),
  ),
  paragraph('Tag: a', { end: '' }),
  paragraph('Tag: a', { end: '\nHomepage:\n' }),
  paragraph('Tag: a', { end: '\n\n\n' }),
];

describe('what dpkg refuses in a control file', { skip: skipWithout('dpkg', '--version') }, () => {
  const directory = temporaryDirectory('dpkg-syntax');

  test('is what espejo refuses, and nothing else', async () => {
    const paths = await Promise.all(
      controls.map(async (control, at) => await packed(directory, at, control)),
    );

    const refused = await refusedByDpkg(directory, paths);
    const wrong: string[] = [];
    for (const [at, path] of paths.entries()) {
      if ((await isRefused(path)) !== refused.has(path)) wrong.push(controls[at] ?? '');
    }

    assert.deepEqual(wrong, []);
    assert.ok(refused.size > 50 && refused.size < paths.length - 50, `${refused.size} are refused`);
  });
});

async function packed(directory: string, at: number, text: string): Promise<string> {
  const path = join(directory, `${at}.deb`);
  const control = { name: 'control.tar', content: tarOf([{ path: './control', content: text }]) };
  await writeFile(path, debOf({ control }));
  return path;
}

async function isRefused(path: string): Promise<boolean> {
  try {
    const { stanza } = await packageOfDeb(path, { signal: new AbortController().signal });
    return dpkgProblem(new Stanza(stanza.raw)) !== undefined;
  } catch (error) {
    if (isEspejoError(error, 'E_CONTROL_SYNTAX', 'E_DEB_FORMAT')) return true;
    throw error;
  }
}

/** One dpkg, with a database of its own, looks at all of them and unpacks nothing. */
async function refusedByDpkg(directory: string, paths: readonly string[]): Promise<ReadonlySet<string>> {
  const root = join(directory, 'root');
  const admin = join(root, 'var/lib/dpkg');
  for (const name of ['info', 'updates', 'triggers']) await mkdir(join(admin, name), { recursive: true });
  for (const name of ['status', 'available']) await writeFile(join(admin, name), '');
  const forced = ['not-root', 'bad-path', 'depends', 'conflicts', 'breaks'].map((name) => `--force-${name}`);
  const words = [`--root=${root}`, ...forced, '--no-act', '--abort-after=100000', '--unpack', ...paths];
  const env = { LC_ALL: 'C', PATH: process.env['PATH'] ?? '' };
  const output = await new Promise<string>((resolve) => {
    execFile('dpkg', words, { env, maxBuffer: 2 ** 26 }, (_, __, stderr) => resolve(stderr));
  });
  const list = output.split('Errors were encountered while processing:\n')[1] ?? '';
  return new Set(list.split('\n').map((line) => line.trim()));
}
