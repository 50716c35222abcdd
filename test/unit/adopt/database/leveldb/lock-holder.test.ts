import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { lockHolder, parseLocks } from '../../../../../src/adopt/database/leveldb/lock-holder.ts';
import { skipWithout } from '../../../../support/programs.ts';

const directory = await mkdtemp(join(tmpdir(), 'espejo-lock-'));
after(() => rm(directory, { recursive: true, force: true }));

test('reads the form of /proc/locks without those that wait', () => {
  const text = [
    '1: POSIX  ADVISORY  READ 1 08:01:7 0 EOF',
    '2: FLOCK  ADVISORY  WRITE 708 00:2d:131343 0 EOF',
    '2: -> FLOCK  ADVISORY  WRITE 709 00:2d:131343 0 EOF',
    '',
  ].join('\n');

  const locks = parseLocks(text);

  assert.deepEqual(locks, [
    { pid: 1, device: '08:01', inode: '7' },
    { pid: 708, device: '00:2d', inode: '131343' },
  ]);
});

test('finds who holds a flock, and nobody afterwards', {
  skip: skipWithout('flock', '--version'),
}, async () => {
  const path = join(directory, 'LOCK');
  await writeFile(path, '');
  const holder = spawn('flock', ['--no-fork', path, 'sh', '-c', 'echo held; read line'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  await once(holder.stdout, 'data');

  const during = await lockHolder(path);
  holder.stdin.end('\n');
  await once(holder, 'exit');
  const afterwards = await lockHolder(path);

  assert.equal(during, holder.pid);
  assert.equal(afterwards, undefined);
});

test('is nobody for a file that does not exist', async () => {
  const holder = await lockHolder(join(directory, 'absent'));

  assert.equal(holder, undefined);
});
