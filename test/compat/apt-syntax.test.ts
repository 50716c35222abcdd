import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { mapConcurrently } from '../../src/core/concurrency.ts';
import { aptProblem } from '../../src/deb/apt-syntax.ts';
import { Stanza } from '../../src/deb/control.ts';
import type { PackageSpec } from '../builders/packages.ts';
import { makeAptClient } from '../support/apt-client.ts';
import { skipWithout } from '../support/programs.ts';
import { makeWorkshop } from '../support/publishing.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** Texts of a relation field, sensible and not. */
const relations: readonly string[] = [
  ...[
    '',
    ' ',
    'a',
    'a,',
    'a, ',
    ',a',
    'a,,b',
    'a, ,b',
    'a|b',
    'a|',
    '|a',
    'a | | b',
    'a|,b',
    'a b',
    'a   ,b',
    'a @ b',
  ],
  ...[
    'a:any',
    'a:',
    ':any',
    'a :any',
    'a:amd64 (>= 1)',
    'a::b',
    'a:any:any',
    'a_b',
    'A',
    '-a',
    '.a',
    'a/b',
    'a#b',
    'a*',
  ],
  ...[
    'a{amd64}',
    'a {amd64}',
    'a=1',
    'a>=1',
    'a >= 1',
    '!a',
    'a!',
    '%',
    '\u00e4',
    'a\u00a0b',
    '$' + '{shlibs:Depends}',
  ],
  ...[
    '(',
    ')',
    '(a)',
    '(>= 1)',
    'a,(>= 1)',
    'a|(',
    'a(',
    'a (',
    'a ( ',
    'a )',
    'a (>',
    'a (>=',
    'a (>= 1',
    'a ()',
    'a (), b',
  ],
  ...[
    'a (>= 1)',
    'a(>=1)',
    'a ( >= 1 )',
    'a\t(>=\t1)',
    'a (>= 1) | b',
    'a (>= 1)|b',
    'a (>= 1),b',
    'a (>= 1) |',
    'a (>= 1)b',
  ],
  ...[
    'a (>= 1) (<= 2)',
    'a (>= 1))',
    'a (>= 1, b (>= 2)',
    'a, b (>= 2',
    'a (>= 1 2)',
    'a (>= 1_0)',
    'a (>= 1|2)',
    'a (>= \u00e4)',
  ],
  ...[
    'a (=1)',
    'a (=1) ',
    'a (=1),',
    'a (=1) | b',
    'a (=1), b',
    'a (1)',
    'a (1), b',
    'a (12)',
    'a (123)',
    'a( =1)',
    'a (>1)',
    'a (<1)',
  ],
  ...[
    'a (= 1)',
    'a (== 1)',
    'a (=> 1)',
    'a (>== 1)',
    'a (<> 1)',
    'a (! 1)',
    'a (!= 1)',
    'a (ge 1)',
    'a (<< 1)',
    'a (>> 1)',
  ],
  ...[
    'a (=)',
    'a (=), b',
    'a (==)',
    'a (==), b',
    'a (>=)',
    'a (>= )',
    'a (>= ),b',
    'a (>>), b',
    'a (=>), b',
    'a (<>), b',
    'a (!=), b',
  ],
  ...[
    'a [amd64]',
    'a [',
    'a []',
    'a ]',
    'a [amd64',
    'a (>= 1) [amd64]',
    'a [amd64] (>= 1)',
    'a <nocheck>',
    'a <',
    'a >',
    'a<b',
  ],
  ...[
    'a (>= 1) <x>',
    'a\x0bb',
    'a,\x0c,b',
    'a,\n b',
    'a,\n ,b',
    'a\n (>=\n 1)',
    'a (>=1)\n ,b',
    `a (= ${'1'.repeat(65_534)})`,
  ],
  'x'.repeat(65_534),
];

/** What else is in a paragraph. */
const others: readonly string[] = [
  ...['', 'no', 'Same', 'sometimes'].map((value) => `Multi-Arch: ${value}`),
  ...['', 'maybe'].map((value) => `Essential: ${value}`),
  ...['x', '-1', '1.5', '99999999999999999999'].map((value) => `Size: ${value}`),
  ...['0'.repeat(31), '0'.repeat(32), 'G'.repeat(32), ''].map((value) => `Description-md5: ${value}`),
  ...['a (', '@s/a', 'x'.repeat(65_534)].map((value) => `Source: ${value}`),
  ...['x'.repeat(65_534), 'a b'].map((value) => `Section: ${value}`),
  ...[
    'SHA256: zz',
    'Priority: none',
    'Built-Using: a (',
    'Obsoletes: (',
    'Task:',
    'Filename: ../../x',
    `X: ${'x'.repeat(2 ** 20 + 4096)}`,
  ],
];

const paragraphs: readonly string[] = [
  ...['Depends', 'Provides'].flatMap((field) => relations.map((text) => `${field}: ${text}`)),
  ...['Pre-Depends', 'Recommends', 'Suggests', 'Conflicts', 'Breaks', 'Replaces', 'Enhances'].flatMap(
    (field) => ['', 'a | b', 'a,,b', 'a ('].map((text) => `${field}: ${text}`),
  ),
  ...others,
];

const skip = skipWithout('apt-cache', '--version');

describe('what apt refuses in a paragraph', { skip }, () => {
  const directory = temporaryDirectory('apt-syntax');

  /** Whether the real apt reads some paragraphs, each of a package of its own, as those of a list. */
  async function isRead(name: string, texts: readonly string[]): Promise<boolean> {
    const file = join(directory, name);
    const stanzas = texts.map(
      (text, at) => `Package: odd${at}\nVersion: 1\nArchitecture: amd64\n${text}\n\n`,
    );
    await writeFile(file, stanzas.join(''));
    const { status, stdout } = await aptCache(directory, file);
    return (
      status === 0 &&
      stdout
        .trim()
        .split('\n')
        .filter((one) => one.startsWith('odd')).length === texts.length
    );
  }

  const isRefused = (text: string): boolean =>
    aptProblem(new Stanza(Buffer.from(`Package: odd0\nVersion: 1\nArchitecture: amd64\n${text}`))) !==
    undefined;

  test('what espejo reads apt reads, all of it in one list', async () => {
    const read = paragraphs.filter((text) => !isRefused(text));

    assert.ok(read.length > 100, `${read.length} paragraphs`);
    assert.ok(await isRead('read', read));
  });

  test('what espejo refuses apt refuses, each alone', async () => {
    const refused = paragraphs.filter(isRefused);
    const { signal } = new AbortController();
    const wrong: string[] = [];

    await mapConcurrently([...refused.entries()], { width: 4, signal }, async ([at, text]) => {
      if (await isRead(`refused${at}`, [text])) wrong.push(text.slice(0, 80));
    });

    assert.ok(refused.length > 100, `${refused.length} paragraphs`);
    assert.deepEqual(wrong, []);
  });
});

describe('a tree of two hundred odd packages', { skip }, () => {
  const odd = paragraphs.filter((text) => text.length < 1000 && !text.includes('\n') && !/: *$/.test(text));
  const specs: readonly PackageSpec[] = odd.slice(0, 199).map((text, at) => {
    const colon = text.indexOf(':');
    return { name: `odd${at}`, fields: { [text.slice(0, colon)]: text.slice(colon + 1).trim() } };
  });

  test('what is published apt reads to the last package, and verify says so', async (t) => {
    const workshop = await makeWorkshop(t);
    await workshop.stock({ main: [...specs, { name: 'good' }] });

    const { packages, leftOut: left } = await workshop.publish();

    const leftOut = left.packages;
    const { total, verified } = { total: packages + leftOut, verified: await workshop.verify() };
    const client = await clientOf(t, workshop);
    const update = await client.apt('update');
    const names = (await client.available()).filter((one) => one.startsWith('Package: '));
    assert.equal(total, 200);
    assert.ok(leftOut > 50, `${leftOut} are left out`);
    assert.deepEqual([update.status, update.stderr.includes('E: ')], [0, false]);
    assert.equal(names.length, packages);
    assert.equal(verified.packages, packages);
    t.diagnostic(
      `200 packages: ${leftOut} left out; apt-cache reads ${names.length}, verify ${verified.packages}`,
    );
  });

  test('published all the same, apt reads nothing and verify fails', async (t) => {
    const workshop = await makeWorkshop(t);
    await workshop.stock({ main: [...specs, { name: 'good' }] });
    await workshop.publish({ deps: { unparseable: true } });

    const client = await clientOf(t, workshop);
    const update = await client.apt('update');

    assert.equal(update.status, 100);
    assert.match(update.stderr, /Problem parsing/);
    await assert.rejects(workshop.verify(), { code: 'E_VERIFY_FAILED', message: /: column \d+: / });
  });
});

async function clientOf(
  t: Parameters<typeof makeAptClient>[0],
  workshop: Awaited<ReturnType<typeof makeWorkshop>>,
) {
  return await makeAptClient(t, {
    sources: [`deb [arch=amd64] copy:${workshop.at('ubuntu')} xenial main`],
    key: workshop.signer.publicKey.binary,
  });
}

/** An apt that reads one file as the status of dpkg, with the parser of its lists, and keeps nothing. */
async function aptCache(
  directory: string,
  status: string,
): Promise<{ readonly status: number | null; readonly stdout: string }> {
  const state = join(directory, 'state');
  await mkdir(join(state, 'lists/partial'), { recursive: true });
  const options = {
    'Dir::State': state,
    'Dir::State::status': status,
    'Dir::Etc': join(directory, 'etc'),
    'Dir::Cache': join(directory, 'cache'),
    'Dir::Cache::pkgcache': '',
    'Dir::Cache::srcpkgcache': '',
    'APT::Architecture': 'amd64',
    'APT::Architectures::': 'amd64',
  };
  const words = Object.entries(options).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
  return await new Promise((resolve) => {
    const env = { LC_ALL: 'C', PATH: process.env['PATH'] ?? '', APT_CONFIG: '/dev/null' };
    const child = execFile('apt-cache', [...words, 'pkgnames'], { env, maxBuffer: 2 ** 24 }, (_, stdout) =>
      resolve({ status: child.exitCode, stdout }),
    );
  });
}
