import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { lockRoot } from '../../src/catalog/root-lock.ts';
import { makeDebSpec, makeUpstreamArchive } from '../builders/upstream-archive.ts';
import { testDirectory } from '../support/fetching.ts';
import { testSigner, testSync } from '../support/syncing.ts';

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

type Ended = { readonly code: number | string | null | undefined; readonly stderr: string };

function espejo(words: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...words], (error, _stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, stderr });
    });
  });
}

test('a second process on one root fails, or waits for the first', async (context) => {
  const root = await testDirectory(context);
  const bench = await testSync(context);
  const signer = await testSigner();
  const suites = { xenial: { main: [makeDebSpec('alpha', '1.0')] } };
  bench.serve(await makeUpstreamArchive({ suites, date: new Date('2024-06-01') }, signer));
  const key = join(root, 'archive.asc');
  const config = join(root, 'espejo.yaml');
  await writeFile(key, signer.publicKey.armored);
  await writeFile(
    config,
    JSON.stringify({
      root_dir: join(root, 'data'),
      mirrors: {
        test: {
          url: bench.url,
          suites: ['xenial'],
          components: ['main'],
          architectures: ['amd64'],
          keyring: key,
          packages: ['alpha'],
        },
      },
    }),
  );
  const { signal } = new AbortController();
  const lock = await lockRoot(join(root, 'data', 'db'), { purpose: 'test', waitMs: 0, signal });

  const refused = await espejo(['sync', `-config=${config}`, '-lock-wait=0s']);
  const waiting = espejo(['sync', `-config=${config}`, '-lock-wait=60s']);
  lock.release();
  const waited = await waiting;

  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /is in use by process \d+ on \S+ \(test, since \S+Z\).*\[E_LOCKED\]/);
  assert.deepEqual([waited.code, waited.stderr.includes('ERROR')], [0, false], waited.stderr);
});
