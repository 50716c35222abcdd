import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findGpgs, type GpgProvider } from '../../../src/openpgp/find-gpg.ts';
import { temporaryFiles } from '../../support/files.ts';

const { directory } = temporaryFiles();
const signal = new AbortController().signal;
let count = 0;

/** A path with programs that say they are of a version; undefined fails. */
function pathWith(versions: Readonly<Record<string, string | undefined>>): string {
  count += 1;
  const path = join(directory, String(count));
  mkdirSync(path);
  for (const [name, version] of Object.entries(versions)) {
    const body = version === undefined ? 'exit 2' : `echo '${version}'`;
    writeFileSync(join(path, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(path, name), 0o755);
  }
  return path;
}

async function found(provider: GpgProvider, versions: Readonly<Record<string, string | undefined>>) {
  return await findGpgs(provider, { env: { PATH: pathWith(versions) }, signal });
}

const [one, two, old] = ['gpg (GnuPG) 1.4.23', 'gpg (GnuPG) 2.2.40', 'gpg (GnuPG/MacGPG2) 2.0.30'];

const [gpg2, gpg1] = [
  { name: 'gpg', major: 2, hasLoopback: true },
  { name: 'gpg1', major: 1, hasLoopback: false },
] as const;

test('the first program of each family that reports the version wanted is found; gpg prefers 1.x', async () => {
  assert.deepEqual(await found('gpg', { gpg: two, gpg1: one }), [gpg1, gpg2]);
  assert.deepEqual(await found('gpg', { gpg: two }), [gpg2]);
  assert.deepEqual(await found('gpg', { gpg2: old }), [{ name: 'gpg2', major: 2, hasLoopback: false }]);
  assert.deepEqual(await found('gpg1', { gpg: one, gpg1: one }), [{ ...gpg1, name: 'gpg' }]);
  assert.deepEqual(await found('gpg1', { gpg: two, gpg1: one }), [gpg1]);
  assert.deepEqual(await found('gpg2', { gpg: one, gpg2: two }), [{ ...gpg2, name: 'gpg2' }]);
});

test('what is missing is told in the words of aptly', async () => {
  const programs = { gpg: undefined, gpg1: 'something else' };
  const start = "Couldn't find a suitable gpg executable. Make sure";

  await assert.rejects(found('gpg', programs), {
    code: 'E_TOOL_MISSING',
    message: `${start} gnupg is installed`,
  });
  await assert.rejects(found('gpg1', { ...programs, gpg2: two }), {
    message: `${start} gnupg1 is available as either gpg(v) or gpg(v)1 in $PATH`,
  });
  await assert.rejects(found('gpg2', { gpg1: one }), {
    message: `${start} gnupg2 is available as either gpg(v) or gpg(v)2 in $PATH`,
  });
});
