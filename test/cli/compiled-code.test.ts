import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { runCli } from '../support/run-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

describe('compiled code is kept', () => {
  for (const [title, env, place] of [
    ["in the user's cache directory", { XDG_CACHE_HOME: '{cwd}/caches' }, 'caches/espejo/compiled'],
    ['below the home without one', { XDG_CACHE_HOME: '', HOME: '{cwd}/home' }, 'home/.cache/espejo/compiled'],
    ['below the home with a relative one', { XDG_CACHE_HOME: 'x' }, '.cache/espejo/compiled'],
    ['where Node is told to', { NODE_COMPILE_CACHE: '{cwd}/node' }, 'node'],
  ] as const) {
    test(title, async () => {
      const cwd = temporaryDirectory('compiled');
      const given = Object.entries(env).map(([name, value]) => [name, value.replace('{cwd}', cwd)]);

      const { exit } = await runCli(['version'], { cwd, env: Object.fromEntries(given) });

      assert.equal(exit, 0);
      assert.ok(readdirSync(join(cwd, place)).length > 0);
    });
  }

  test('nowhere without an absolute directory', async () => {
    const cwd = temporaryDirectory('compiled');

    const { exit } = await runCli(['version'], { cwd, env: { XDG_CACHE_HOME: 'x', HOME: 'y' } });

    assert.deepEqual([exit, existsSync(join(cwd, 'x')), existsSync(join(cwd, 'y'))], [0, false, false]);
  });
});
