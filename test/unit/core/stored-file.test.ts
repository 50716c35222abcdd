import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { localFile } from '../../../src/core/stored-file.ts';
import { collect } from '../../support/collect.ts';
import { temporaryFiles } from '../../support/files.ts';

const { directory, put } = temporaryFiles();

test('a file is read whole, as often as it is asked for', async () => {
  const content = 'x'.repeat(600_000);
  const file = localFile(put('whole', content), { isImmutable: true });

  for (let times = 0; times < 2; times += 1)
    assert.equal(Buffer.concat(await collect(file.read())).toString(), content);
});

test('a pipe and a directory are refused without waiting, a file that is not there by name', async () => {
  const pipe = join(directory, 'pipe');
  spawnSync('mkfifo', [pipe]);
  await mkdir(join(directory, 'below'));
  const read = (name: string): Promise<unknown> =>
    collect(localFile(join(directory, name), { isImmutable: false }).read());

  await assert.rejects(read('pipe'), { code: 'E_UNSAFE_PATH' });
  await assert.rejects(read('below'), { code: 'E_UNSAFE_PATH' });
  await assert.rejects(read('none'), { code: 'E_IO', message: /none/ });
});
