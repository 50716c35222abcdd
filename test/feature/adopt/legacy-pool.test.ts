import assert from 'node:assert/strict';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { digestsOf } from '../../../src/core/digest.ts';
import { buildDeb } from '../../../src/deb/build-deb.ts';
import { listEntry, uuids } from '../../builders/aptly-records.ts';
import { put, writeLevelDb } from '../../builders/leveldb.ts';
import { packed } from '../../builders/msgpack.ts';
import { makeDebSpec } from '../../builders/upstream-archive.ts';
import { makeCommandRoot } from '../../support/aptly-commands.ts';

test('a file where aptly before 1.1 kept it is adopted, published from there, and cleaned up', async () => {
  const root = await makeCommandRoot();
  const content = await buildDeb(makeDebSpec('old', '1.0'));
  const { size, digests } = digestsOf(content);
  const { md5 = '', sha1 = '', sha256 = '' } = digests;
  const inPool = join(root.directory, 'root/pool', md5.slice(0, 2), md5.slice(2, 4), 'old_1.0_amd64.deb');
  await mkdir(dirname(inPool), { recursive: true });
  await writeFile(inPool, content);
  const [repoId = ''] = uuids;
  const key = 'Pamd64 old 1.0';
  const file = {
    Filename: 'old_1.0_amd64.deb',
    Checksums: { Size: size, MD5: md5, SHA1: sha1, SHA256: sha256 },
    PoolPath: '',
  };
  const header = { Name: 'old', Version: '1.0', Architecture: 'amd64', V06Plus: false };
  await writeLevelDb(join(root.directory, 'root/db'), {
    log: [
      put(1, key, Buffer.concat([Buffer.from([0xc1, 0x01]), packed(header)])),
      put(1, `xF${key}`, packed([file])),
      put(1, `xD${key}`, packed({})),
      put(1, `xE${key}`, packed({ Description: ' old\n' })),
      put(2, `L${repoId}`, packed({ UUID: repoId, Name: 'r', DefaultComponent: 'main' })),
      listEntry(repoId, [key], 3),
    ],
  });

  await root.output('publish', 'repo', '-skip-signing', '-distribution=d', 'r');
  const published = join(root.directory, 'root/public/pool/main/o/old/old_1.0_amd64.deb');
  const isLinked = (await stat(published)).ino === (await stat(inPool)).ino;
  const kept = await root.output('db', 'cleanup', '-verbose');
  const isKept = (await readFile(inPool)).equals(content);
  await root.output('publish', 'drop', 'd');
  await root.output('repo', 'drop', '-force', 'r');
  const removed = await root.output('db', 'cleanup', '-verbose');

  assert.deepEqual([isLinked, isKept], [true, true]);
  assert.match(kept, /^Deleting unreferenced files \(0\)\.\.\.$/m);
  assert.match(removed, new RegExp(`^ - ${md5.slice(0, 2)}/${md5.slice(2, 4)}/old_1\\.0_amd64\\.deb$`, 'm'));
  await assert.rejects(stat(inPool), { code: 'ENOENT' });
});
