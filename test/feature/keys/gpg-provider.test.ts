import assert from 'node:assert/strict';
import { test } from 'node:test';
import { debFile, writeFiles } from '../../builders/incoming.ts';
import { makeCommandRoot } from '../../support/aptly-commands.ts';

const mirror = ['m', 'http://127.0.0.1:9/', 'sid'] as const;
const unknown = 'unknown gpg provider: pgp';

test('an unknown provider is an error where something is to be verified, and nowhere else', async () => {
  const root = await makeCommandRoot();
  await writeFiles(root.directory, { 'in/a_1_all.deb': await debFile('a_1_all') });
  const given = '-gpg-provider=pgp';

  assert.equal((await root.run(given, 'mirror', 'create', ...mirror)).error, unknown);
  assert.equal((await root.run(given, 'repo', 'include', 'in')).error, unknown);
  assert.equal((await root.run(given, 'repo', 'create', 'r')).error, undefined);
  assert.equal((await root.run(given, 'repo', 'add', 'r', 'in')).error, undefined);
  assert.equal((await root.run(given, 'repo', 'include', '-ignore-signatures', 'in')).error, undefined);
});
