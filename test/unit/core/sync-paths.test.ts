import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { syncPaths } from '../../../src/core/sync-paths.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const signal = new AbortController().signal;
const machinesPath = process.env['PATH'];

function paths(count: number): readonly string[] {
  const directory = temporaryDirectory('sync');
  return Array.from({ length: count }, (_, at) => {
    const path = join(directory, String(at));
    writeFileSync(path, 'x');
    return path;
  });
}

/** Puts programs of the test alone on the path. */
function onlyPrograms(t: TestContext, programs: Readonly<Record<string, string>>): void {
  const directory = temporaryDirectory('bin');
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(directory, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(directory, name), 0o755);
  }
  process.env['PATH'] = directory;
  t.after(() => {
    process.env['PATH'] = machinesPath;
  });
}

test('few and many files and directories are synced', async () => {
  const directory = join(temporaryDirectory('sync'), 'd');
  mkdirSync(directory);

  await syncPaths([], signal);
  await syncPaths([...paths(3), directory], signal);
  await syncPaths([...paths(300), directory], signal);
});

test('what is gone needs nothing', async () => {
  await syncPaths(['/nonexistent/espejo'], signal);
  await syncPaths([...paths(100), '/nonexistent/espejo'], signal);
});

test('without the program, or when it fails, each file is synced by itself', async (t) => {
  onlyPrograms(t, {});
  await syncPaths(paths(100), signal);
  onlyPrograms(t, { sync: 'exit 1' });
  await syncPaths(paths(100), signal);

  await assert.rejects(syncPaths([...paths(100), join(paths(1)[0] ?? '', 'below')], signal), {
    code: 'ENOTDIR',
  });
});

test('the signal stops it', async () => {
  await assert.rejects(syncPaths(paths(100), AbortSignal.abort()), { code: 'E_ABORTED' });
  await assert.rejects(syncPaths(paths(3), AbortSignal.abort()), { code: 'E_ABORTED' });
});
