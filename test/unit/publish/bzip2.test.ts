import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { compressBzip2 } from '../../../src/publish/bzip2.ts';
import { skipWithout } from '../../support/programs.ts';

const signal = new AbortController().signal;

describe('compressBzip2', { skip: skipWithout('bzip2', '--help') }, () => {
  test('writes what bzip2 reads, the same for the same bytes', async () => {
    const bytes = Buffer.from('Package: a\n'.repeat(300_000));

    const once = await compressBzip2([bytes], signal);
    const twice = await compressBzip2([bytes], signal);

    assert.deepEqual(once, twice);
    const { stdout } = spawnSync('bzip2', ['-dc'], { input: once, maxBuffer: 2 ** 30 });
    assert.ok(stdout.equals(bytes));
  });

  test('makes of nothing what bzip2 makes of it', async () => {
    const { stdout } = spawnSync('bzip2', ['-c', '-9'], { input: '' });

    assert.deepEqual(await compressBzip2([], signal), stdout);
    assert.deepEqual(await compressBzip2([Buffer.alloc(0)], signal), stdout);
  });

  test('stops with the signal', async () => {
    const controller = new AbortController();
    const running = compressBzip2([Buffer.alloc(200_000_000)], controller.signal);
    controller.abort();

    await assert.rejects(running, { code: 'E_ABORTED' });
    await assert.rejects(compressBzip2([Buffer.alloc(1)], controller.signal), { code: 'E_ABORTED' });
  });
});

test('a machine without bzip2 is told what to do', async (t) => {
  const path = process.env['PATH'];
  t.after(() => {
    process.env['PATH'] = path;
  });
  process.env['PATH'] = '/nonexistent';

  await assert.rejects(compressBzip2([Buffer.from('x')], signal), {
    code: 'E_TOOL_MISSING',
    message: 'bzip2 is not on this machine',
    hint: /-skip-bz2/,
  });
});
