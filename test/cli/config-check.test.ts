import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, it } from 'node:test';
import { runCli } from '../support/run-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

describe('config check', () => {
  let cwd: string;

  async function check(
    text: string,
    name = 'espejo.yaml',
    flags: readonly string[] = [],
  ): ReturnType<typeof runCli> {
    await writeFile(join(cwd, name), text);
    return await runCli(['config', 'check', `-config=${name}`, ...flags], { cwd });
  }

  beforeEach(async () => {
    cwd = temporaryDirectory('config-check');
    await mkdir(join(cwd, 'root'));
  });

  it('says ok', async () => {
    const { stdout, stderr, exit } = await check('root_dir: root\n');

    assert.deepEqual([stdout, stderr, exit], [`${join(cwd, 'espejo.yaml')}: ok\n`, '', 0]);
  });

  it('tells every problem with its line, unknown keys first', async () => {
    const text =
      'download_concurrency: many\nserver:\n  titel: x\nroot_dir: root\ngpg_disable_sign: "true"\nmirors: {}\n';

    const { stdout, exit } = await check(text);

    const path = join(cwd, 'espejo.yaml');
    assert.deepEqual(stdout.split('\n').slice(0, 4), [
      `${path}:3: server.titel: unknown key (did you mean "title"?)`,
      `${path}:6: mirors: unknown key (did you mean "mirrors"?)`,
      `${path}:1: download_concurrency: must be a number, not text`,
      `${path}:5: gpg_disable_sign: must be true or false, not text`,
    ]);
    assert.equal(exit, 1);
  });

  it('tells unknown keys of a file of aptly, which its commands pass over in silence', async () => {
    const text = '{"rootDir": "root",\n"futureKey": 1}';

    const checked = await check(text, 'aptly.conf');
    const listed = await runCli(['repo', 'list', '-raw', '-config=aptly.conf'], { cwd });

    assert.deepEqual(checked.stdout.split('\n').slice(0, 2), [
      `warning: ${join(cwd, 'aptly.conf')}:2: futureKey: unknown key`,
      `${join(cwd, 'aptly.conf')}: ok`,
    ]);
    assert.equal(checked.exit, 0);
    assert.deepEqual([listed.stdout, listed.stderr, listed.exit], ['', '', 0]);
  });

  it('warns of what may be meant otherwise and of files that are not there', async () => {
    const text = `root_dir: root
mirrors:
  a:
    url: http://u:s3cret@host/
    suites: [x]
    components: [main]
    packages: [p]
    keyring: nowhere.gpg
    verify_signatures: false
publications:
  p: {mirrors: [a], sign: false}
auth_file: auth.conf
`;
    await writeFile(join(cwd, 'auth.conf'), '', { mode: 0o644 });

    const { stdout, exit } = await check(text);

    const path = join(cwd, 'espejo.yaml');
    for (const line of [
      `warning: ${path}:9: mirrors.a.verify_signatures: whoever`,
      `warning: ${path}:4: mirrors.a.url: sends a password`,
      `warning: ${path}:11: publications.p.sign: clients`,
      `warning: ${path}: mirrors.a.keyring: ${join(cwd, 'nowhere.gpg')}: is not there`,
      `warning: ${path}: auth_file: ${join(cwd, 'auth.conf')}: others than its owner may read it`,
    ])
      assert.ok(stdout.includes(line), `${line}\n${stdout}`);
    assert.doesNotMatch(stdout, /s3cret/);
    assert.equal(exit, 0);
  });

  it('is JSON on demand', async () => {
    const faulty = await check('root_dir: root\nfoo: 1\n', 'espejo.yaml', ['-json']);
    const sound = await check('root_dir: root\n', 'espejo.yaml', ['-json']);

    assert.deepEqual(JSON.parse(faulty.stdout), {
      path: join(cwd, 'espejo.yaml'),
      ok: false,
      problems: [{ line: 2, path: 'foo', message: 'unknown key' }],
      warnings: [],
    });
    assert.equal(JSON.parse(sound.stdout).ok, true);
  });

  it('ends with 1 for a file that cannot be parsed or is not there', async () => {
    const syntax = await check('{"rootDir": [', 'aptly.conf');
    const absent = await runCli(['config', 'check', '-config=nowhere'], { cwd });

    assert.match(syntax.stdout, /aptly\.conf:1:\d+: not JSON/);
    assert.match(absent.stdout, /there is no configuration file/);
    assert.deepEqual([syntax.exit, absent.exit], [1, 1]);
  });
});

it('any other command tells every problem too, unknown keys first', async () => {
  const cwd = temporaryDirectory('config-errors');
  await writeFile(join(cwd, 'espejo.yaml'), 'download_concurrency: many\nroot_dir: x\nfoo: 1\n');
  const path = join(cwd, 'espejo.yaml');

  const own = await runCli(['sync'], { cwd });
  const ofAptly = await runCli(['repo', 'list'], { cwd });

  assert.match(own.stderr, new RegExp(`^ERROR: ${path}:3: foo: unknown key \\(and 1 more problem\\)`));
  assert.ok(own.stderr.includes(`\n  ${path}:1: download_concurrency: must be a number, not text\n`));
  assert.ok(ofAptly.stderr.includes(`\n  ${path}:1: download_concurrency: must be a number, not text\n`));
  assert.deepEqual([own.exit, ofAptly.exit], [1, 1]);
});
