import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { type CliRun, runCli } from '../support/run-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

describe("aptly's commands through bin/espejo, with an aptly.conf", () => {
  const directory = temporaryDirectory('aptly-cli');
  const run = (...words: readonly string[]): Promise<CliRun> => runCli(words, { cwd: directory });
  before(() => {
    writeFileSync(join(directory, '.aptly.conf'), `{ "rootDir": "${directory}/root", /* theirs */ }`);
  });

  it('prints what aptly prints', async () => {
    const created = await run('repo', 'create', '-comment=ours', 'stable');
    const listed = await run('-raw', 'repo', 'list');

    assert.equal(created.exit, 0);
    assert.match(created.stdout, /^\nLocal repo \[stable\]: ours successfully added\.\n/);
    assert.equal(listed.stdout, 'stable\n');
  });

  it("prints JSON in aptly's form", async () => {
    const { stdout } = await run('repo', '-json', 'list');

    assert.equal(
      stdout,
      '[\n  {\n    "Name": "stable",\n    "Comment": "ours",\n    "DefaultDistribution": "",\n    "DefaultComponent": "main"\n  }\n]\n',
    );
  });

  it('tells an error in a bare sentence and ends with 1', async () => {
    const { stderr, exit } = await run('snapshot', 'show', 'none');

    assert.equal(stderr, 'ERROR: unable to show: snapshot with name none not found\n');
    assert.equal(exit, 1);
  });

  it('ends with 2 and the usage for a wrong command line', async () => {
    const arity = await run('repo', 'show');
    const flag = await run('repo', 'show', '-nope', 'stable');

    assert.match(arity.stderr, /^Usage: espejo repo show <name>\n[\s\S]*\nERROR: unable to parse command\n$/);
    assert.match(flag.stderr, /^Usage: [\s\S]*\nunknown flag -nope[^\n]*\nERROR: unable to parse flags\n$/);
    assert.deepEqual([arity.exit, flag.exit], [2, 2]);
  });

  it('tells progress as JSON with log_format json, and nothing else so', async () => {
    writeFileSync(
      join(directory, 'json.conf'),
      `root_dir: ${directory}/root\nlog_format: json\narchitectures: [amd64]\n`,
    );

    const { stdout } = await run('-config=json.conf', 'task', 'run', 'repo', 'list', '-raw,', 'version');

    const lines = stdout.trimEnd().split('\n');
    const told = lines.flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
    assert.deepEqual(
      told.map(({ level, message }) => `${level} ${message}`),
      [
        'info 1) [Running]: repo list -raw',
        'info Begin command output: ----------------------------',
        'info End command output: ------------------------------',
        'info 2) [Running]: version',
        'info Begin command output: ----------------------------',
        'info End command output: ------------------------------',
      ],
    );
    assert.ok(lines.includes('stable'), stdout);
  });
});
