import assert from 'node:assert/strict';
import { chmodSync, cpSync, mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { runCli } from '../support/run-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const source = resolve(import.meta.dirname, '../../bin/up');

/** A checkout of nothing but bin/up, where npm and espejo only say how they were called. */
function makeCheckout() {
  const root = temporaryDirectory('up');
  const log = join(root, 'log');
  mkdirSync(join(root, 'bin'));
  mkdirSync(join(root, 'path'));
  cpSync(source, join(root, 'bin/up'));
  writeFileSync(join(root, 'package-lock.json'), '{}');
  for (const [path, name] of [
    ['bin/espejo', 'espejo'],
    ['path/npm', 'npm'],
  ] as const) {
    writeFileSync(join(root, path), `#!/bin/sh\necho "${name} $*" >>${log}\n`);
    chmodSync(join(root, path), 0o755);
  }
  writeFileSync(join(root, 'path/node'), '#!/bin/sh\necho 20\n');
  chmodSync(join(root, 'path/node'), 0o755);
  writeFileSync(log, '');
  return {
    root,
    async up(...args: readonly string[]) {
      const run = await runCli(args, {
        cwd: root,
        program: join(root, 'bin/up'),
        env: { PATH: `${join(root, 'path')}:${process.env['PATH']}` },
      });
      assert.equal(run.exit, 0, run.stderr);
      return readFileSync(log, 'utf8').trim().split('\n');
    },
    installed(age: 'older' | 'younger') {
      mkdirSync(join(root, 'node_modules'), { recursive: true });
      const record = join(root, 'node_modules/.package-lock.json');
      writeFileSync(record, '{}');
      const seconds = Date.now() / 1000 + (age === 'older' ? -1000 : 1000);
      utimesSync(record, seconds, seconds);
    },
  };
}

describe('bin/up', () => {
  it('installs when nothing is installed, and runs the demo', async () => {
    const checkout = makeCheckout();

    const calls = await checkout.up();

    assert.deepEqual(calls, ['npm ci --omit=dev --no-audit --no-fund --loglevel=error', 'espejo demo']);
  });

  it('installs again when the lock file is younger than the installation', async () => {
    const checkout = makeCheckout();
    checkout.installed('older');

    assert.deepEqual(await checkout.up(), [
      'npm ci --omit=dev --no-audit --no-fund --loglevel=error',
      'espejo demo',
    ]);
  });

  it('keeps the packages of a developer', async () => {
    const checkout = makeCheckout();
    checkout.installed('older');
    mkdirSync(join(checkout.root, 'node_modules/typescript'));

    assert.deepEqual(await checkout.up(), ['npm ci --no-audit --no-fund --loglevel=error', 'espejo demo']);
  });

  it('installs nothing when all is there', async () => {
    const checkout = makeCheckout();
    checkout.installed('younger');

    assert.deepEqual(await checkout.up('-listen=:0'), ['espejo demo -listen=:0']);
  });

  it('never lets npm empty the node_modules of another checkout', async () => {
    const checkout = makeCheckout();
    const elsewhere = temporaryDirectory('elsewhere');
    symlinkSync(elsewhere, join(checkout.root, 'node_modules'));

    assert.deepEqual(await checkout.up(), ['espejo demo']);
  });

  it('makes the key and runs the daemon of a configuration', async () => {
    const checkout = makeCheckout();
    checkout.installed('younger');

    const calls = await checkout.up('my.yaml', '-listen=:0');

    assert.deepEqual(calls, [
      'espejo key generate -config=my.yaml',
      'espejo daemon -config=my.yaml -listen=:0',
    ]);
  });
});
