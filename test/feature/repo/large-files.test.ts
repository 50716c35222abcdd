import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { findObject } from '../../../src/catalog/find-object.ts';
import { digestsOf } from '../../../src/core/digest.ts';
import { buildDeb } from '../../../src/deb/build-deb.ts';
import { packageOfDeb, packageOfDebBytes } from '../../../src/deb/package-of-deb.ts';
import { writeFiles } from '../../builders/incoming.ts';
import { makeCommandRoot } from '../../support/aptly-commands.ts';
import { inPool } from '../../support/pool-paths.ts';

const signal = new AbortController().signal;

async function deb(name: string, bytes: number, compression: 'gz' | 'xz' = 'gz'): Promise<Buffer> {
  const control = {
    Package: name,
    Version: '1',
    Architecture: 'all',
    Maintainer: 'M <m@example.org>',
    Description: name,
  };
  return await buildDeb({ control, files: { 'usr/share/x': randomBytes(bytes) }, compression });
}

test('files of every size come into the pool as they are, also through links', async () => {
  const root = await makeCommandRoot();
  const files = {
    'in/small_1_all.deb': await deb('small', 10),
    'in/large_1_all.deb': await deb('large', 600_000),
    'in/packed_1_all.deb': await deb('packed', 10, 'xz'),
  };
  await writeFiles(root.directory, { ...files, 'elsewhere/linked.deb': await deb('linked', 20) });
  await symlink('../elsewhere/linked.deb', join(root.directory, 'in/linked_1_all.deb'));

  await root.output('repo', 'create', 'r');
  const output = await root.output('repo', 'add', 'r', 'in');

  assert.equal(output.match(/ added$/gm)?.length, 4);
  await root.withApp(async (app) => {
    for (const record of await app.catalog.packages((await findObject(app, 'repo', 'r')).list)) {
      const [file] = record.files;
      assert.ok(file);
      const kept = await readFile(inPool(app.pool, file.poolPath));
      assert.deepEqual(digestsOf(kept).digests, file.digests);
      assert.ok(app.catalog.ledger.recall(file.poolPath), 'the ledger vouches for it');
    }
  });
});

test('a file whose bytes were read is the same package as the file on disk', async () => {
  const root = await makeCommandRoot();
  for (const [name, bytes] of Object.entries({
    'a_1_all.deb': await deb('a', 10),
    'b_1_all.udeb': await deb('b', 10, 'xz'),
  })) {
    await writeFiles(root.directory, { [name]: bytes });
    const path = join(root.directory, name);

    const [ofDisk, ofBytes] = [
      await packageOfDeb(path, { signal }),
      await packageOfDebBytes(bytes, path, { signal }),
    ];

    assert.deepEqual(ofBytes.stanza.raw, ofDisk.stanza.raw);
    assert.equal(ofBytes.key, ofDisk.key);
  }
});
