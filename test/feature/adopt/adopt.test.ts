import assert from 'node:assert/strict';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { adoptAptly } from '../../../src/adopt/adopt.ts';
import type { Entry } from '../../../src/adopt/database/leveldb/entry.ts';
import type { App } from '../../../src/app/app.ts';
import { digestsOf } from '../../../src/core/digest.ts';
import { listEntry, packageEntries, packageKey, uuids } from '../../builders/aptly-records.ts';
import { put, writeLevelDb } from '../../builders/leveldb.ts';
import { packed } from '../../builders/msgpack.ts';
import { testDirectory, testJob } from '../../support/fetching.ts';
import { openTestApp } from '../../support/open-test-app.ts';
import { poolRoot } from '../../support/pool-paths.ts';

const [repoId = '', mirrorId = ''] = uuids;
const content = Buffer.from('a package of long ago');
const { size, digests } = digestsOf(content);
const oldKey = 'Pamd64 old 1.0';

test('a package of before aptly 0.6 and 1.1 gets a whole key; its file is found, hashed and remembered', async (t) => {
  const app = await appWith(t, [...oldPackage({ SHA1: '', SHA256: '' }), ...repo('r', [oldKey])]);
  const path = await legacyFile(app);

  const result = await adoptAptly(app, {}, testJob());

  const [one] = await app.catalog.objects.allPackages();
  assert.match(one?.key ?? '', /^Pamd64 old 1\.0 [0-9a-f]{8,16}$/);
  assert.deepEqual(one?.files, [{ name: 'old_1.0_amd64.deb', size, digests, poolPath: path }]);
  const { ino, mtimeMs } = await stat(join(poolRoot(app.pool), path));
  assert.deepEqual(app.catalog.ledger.recall(path), { size, inode: ino, mtimeMs, sha256: digests.sha256 });
  assert.deepEqual([result.filesFound, result.filesMissing], [1, []]);
});

test('what aptly remembers of a file is believed', async (t) => {
  const remembered = { sha1: '1'.repeat(40), sha256: '2'.repeat(64), sha512: '3'.repeat(128) };
  const app = await appWith(t, [...oldPackage({ SHA1: '', SHA256: '' }), ...repo('r', [oldKey])]);
  const path = await legacyFile(app);
  const record = {
    Size: size,
    MD5: digests.md5,
    SHA1: remembered.sha1,
    SHA256: remembered.sha256,
    SHA512: remembered.sha512,
  };
  await writeLevelDb(join(app.config.rootDir, 'db'), {
    log: [
      ...oldPackage({ SHA1: '', SHA256: '' }),
      ...repo('r', [oldKey]),
      put(9, `C${path}`, packed(record)),
    ],
  });

  await adoptAptly(app, {}, testJob());

  const [one] = await app.catalog.objects.allPackages();
  assert.deepEqual(one?.files[0]?.digests, { md5: digests.md5, ...remembered });
  assert.equal(app.catalog.ledger.recall(path), undefined);
});

test('a file of another size, or none, is a warning; the package comes all the same', async (t) => {
  const keys = ['aa', 'bb'].map((name) => packageKey({ name }));
  const entries = [...packageEntries({ name: 'aa' }), ...packageEntries({ name: 'bb' }), ...repo('r', keys)];
  const app = await appWith(t, entries);
  const path = `bb/bb/${'b'.repeat(28)}_aa_1.0_amd64.deb`;
  await mkdir(join(poolRoot(app.pool), 'bb/bb'), { recursive: true });
  await writeFile(join(poolRoot(app.pool), path), 'four');
  const job = testJob();

  const result = await adoptAptly(app, {}, job);

  assert.equal(result.packages, 2);
  const places = [path, path.replace('_aa_', '_bb_')].map((one) => join(poolRoot(app.pool), one));
  assert.deepEqual(result.filesMissing, places);
  const warnings = job.events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
  assert.deepEqual(
    warnings,
    places.map((one) => `${one}: is not in the pool, or not in its size`),
  );
});

test('packages that nothing refers to come too, so that they are searched; their files are not missed', async (t) => {
  const app = await appWith(t, packageEntries({ name: 'aa' }));

  const result = await adoptAptly(app, {}, testJob());

  assert.deepEqual(
    (await app.catalog.objects.allPackages()).map(({ name }) => name),
    ['aa'],
  );
  assert.deepEqual(result.filesMissing, []);
});

test('objects of one name get different ones; an update that has not ended is told', async (t) => {
  const twin = { UUID: mirrorId, Name: 'r' };
  const mirror = { UUID: mirrorId, Name: 'm', Status: 1, WorkerPID: 99_999_999 };
  const entries = [
    ...repo('r', []),
    put(5, `L${mirrorId}`, packed(twin)),
    put(6, `R${mirrorId}`, packed(mirror)),
  ];
  const app = await appWith(t, entries);
  const job = testJob();

  await adoptAptly(app, {}, job);

  const names = (await app.catalog.objects.all('repo')).map(({ name }) => name);
  assert.deepEqual(names, ['r', 'r-22222222']);
  const adopted = await app.catalog.objects.find('mirror', 'm');
  assert.ok(adopted !== undefined && !('workerPid' in adopted));
  assert.ok(job.events.some((event) => event.type === 'warning' && event.message.includes('99999999')));
});

test('a damaged record stops the import, and nothing of it is there', async (t) => {
  const keys = ['aa', 'bb'].map((name) => packageKey({ name }));
  const entries = [...packageEntries({ name: 'aa' }), ...packageEntries({ name: 'bb' }), ...repo('r', keys)];
  const app = await appWith(t, [...entries, put(9, `xF${keys[1]}`, Buffer.from([0xc1]))]);

  await assert.rejects(adoptAptly(app, {}, testJob()), { code: 'E_CATALOG', message: /^unable to import: / });

  assert.deepEqual(await app.catalog.objects.all('repo'), []);
  assert.deepEqual(await app.catalog.objects.allPackages(), []);
});

test('a mirror that took the place of another in aptly takes it here; new names may be swapped', async (t) => {
  const database = (a: string, b: string) => [
    put(1, `L${a}`, packed({ UUID: a, Name: 'one' })),
    put(2, `L${b}`, packed({ UUID: b, Name: 'two' })),
  ];
  const app = await appWith(t, database(repoId, mirrorId));
  await adoptAptly(app, {}, testJob());
  const directory = join(app.config.rootDir, 'db');

  await writeLevelDb(directory, { log: database(mirrorId, repoId) });
  await adoptAptly(app, {}, testJob());
  const swapped = await app.catalog.objects.all('repo');
  await writeLevelDb(directory, { log: database(uuids[2] ?? '', repoId) });
  await adoptAptly(app, {}, testJob());
  const replaced = await app.catalog.objects.all('repo');

  assert.deepEqual(
    swapped.map(({ uuid }) => uuid),
    [mirrorId, repoId],
  );
  assert.deepEqual(
    replaced.map(({ uuid }) => uuid),
    [uuids[2], repoId],
  );
});

test('AppStream files that are not in the pool are missed', async (t) => {
  const paths = { 'main/dep11/a.gz': 'aa/bb/here_a.gz', 'main/dep11/b.gz': 'aa/bb/gone_b.gz' };
  const mirror = { UUID: mirrorId, Name: 'm', AppStreamFiles: paths };
  const app = await appWith(t, [put(6, `R${mirrorId}`, packed(mirror))]);
  await mkdir(join(poolRoot(app.pool), 'aa/bb'), { recursive: true });
  await writeFile(join(poolRoot(app.pool), 'aa/bb/here_a.gz'), 'here');

  const result = await adoptAptly(app, {}, testJob());

  assert.deepEqual(result.filesMissing, [join(poolRoot(app.pool), 'aa/bb/gone_b.gz')]);
  assert.deepEqual((await app.catalog.objects.find('mirror', 'm'))?.appStreamFiles, paths);
});

test('an AppStream file outside of the pool stops the import', async (t) => {
  const mirror = { UUID: mirrorId, Name: 'm', AppStreamFiles: { 'main/dep11/a.gz': '../../a.gz' } };
  const app = await appWith(t, [put(6, `R${mirrorId}`, packed(mirror))]);

  await assert.rejects(adoptAptly(app, {}, testJob()), { code: 'E_UNSAFE_PATH' });
});

test('an etcd database is refused', async (t) => {
  const app = await appWith(t, [], { databaseBackend: { type: 'etcd', url: '127.0.0.1:2379' } });

  await assert.rejects(adoptAptly(app, {}, testJob()), { code: 'E_CONFIG_INVALID' });
});

async function appWith(t: TestContext, log: readonly Entry[], config: object = {}): Promise<App> {
  const rootDir = await testDirectory(t);
  await writeLevelDb(join(rootDir, 'db'), { log });
  const app = await openTestApp(join(rootDir, 'espejo.json'), { rootDir, ...config });
  t.after(() => app.close());
  return app;
}

function repo(name: string, keys: readonly string[]): readonly Entry[] {
  return [put(2, `L${repoId}`, packed({ UUID: repoId, Name: name })), listEntry(repoId, keys, 3)];
}

/** As aptly before 0.6 wrote it: without hash in the key, without path in the pool. */
function oldPackage(known: Readonly<Record<string, string>>): readonly Entry[] {
  const header = { Name: 'old', Version: '1.0', Architecture: 'amd64', V06Plus: false };
  const file = {
    Filename: 'old_1.0_amd64.deb',
    Checksums: { Size: size, MD5: digests.md5, ...known },
    PoolPath: '',
  };
  return [
    put(1, oldKey, Buffer.concat([Buffer.from([0xc1, 0x01]), packed(header)])),
    put(1, `xF${oldKey}`, packed([file])),
    put(1, `xD${oldKey}`, packed({})),
    put(1, `xE${oldKey}`, packed({ Description: ' old\n' })),
  ];
}

/** Puts the file where aptly before 1.1 kept it; gives its path in the pool. */
async function legacyFile({ pool }: App): Promise<string> {
  const hex = digests.md5 ?? '';
  const directory = `${hex.slice(0, 2)}/${hex.slice(2, 4)}`;
  await mkdir(join(poolRoot(pool), directory), { recursive: true });
  await writeFile(join(poolRoot(pool), directory, 'old_1.0_amd64.deb'), content);
  return `${directory}/old_1.0_amd64.deb`;
}
