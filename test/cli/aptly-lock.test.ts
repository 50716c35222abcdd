import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { lockRoot } from '../../src/catalog/root-lock.ts';
import { testDirectory } from '../support/fetching.ts';
import { runCli, startCli } from '../support/run-cli.ts';

test("aptly's commands wait for another process, and read beside it", async (context) => {
  const directory = await testDirectory(context);
  await writeFile(join(directory, 'aptly.conf'), JSON.stringify({ rootDir: join(directory, 'root') }));
  const espejo = (...words: readonly string[]): ReturnType<typeof runCli> =>
    runCli([...words, '-config=aptly.conf'], { cwd: directory });
  const create = (...flags: readonly string[]): ReturnType<typeof runCli> =>
    runCli(['repo', 'create', '-config=aptly.conf', ...flags, 'r1'], { cwd: directory });
  const { signal } = new AbortController();
  await espejo('repo', 'list');
  const lock = await lockRoot(join(directory, 'root/db'), { purpose: 'mirror update m1', waitMs: 0, signal });

  const reading = await espejo('repo', 'list');
  const refused = await create('-db-open-attempts=0');
  const bounded = await create('-lock-wait=1s');
  const waiting = startCli(['repo', 'create', '-config=aptly.conf', '-db-open-attempts=6', 'r1'], {
    cwd: directory,
  });
  const said = await waiting.said('stderr', /attempts left/);
  lock.release();
  const waited = await waiting.ended;

  assert.equal(reading.exit, 0);
  assert.equal(refused.exit, 1);
  assert.match(
    refused.stderr,
    /^ERROR: .*unable to reopen the DB, maximum number of retries reached: \S+ is in use by process \d+ on \S+ \(mirror update m1, since \S+Z\)\n$/,
  );
  assert.match(bounded.stderr, /^Unable to open database, sleeping 1s, attempts left 1\.\.\.\nERROR: /);
  assert.equal(said, 'Unable to open database, sleeping 10s, attempts left 6...\n');
  assert.equal(waited.exit, 0, waited.stderr);
});
