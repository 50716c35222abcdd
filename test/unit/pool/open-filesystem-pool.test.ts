import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { digestsOf } from '../../../src/core/digest.ts';
import { openFilesystemPool } from '../../../src/pool/filesystem/open-filesystem-pool.ts';
import type { Pool } from '../../../src/pool/pool.ts';
import { collect } from '../../support/collect.ts';
import { testDirectory } from '../../support/fetching.ts';
import { memoryLedger } from '../../support/memory-ledger.ts';
import { inPool, poolRoot } from '../../support/pool-paths.ts';

const signal = new AbortController().signal;
const bytes = Buffer.from('package bytes');
const file = { name: 'a_1_all.deb', facts: digestsOf(bytes) };

type Opened = { readonly pool: Pool; readonly directory: string; readonly damages: string[] };

async function opened(t: TestContext, rename?: (from: string, to: string) => Promise<void>): Promise<Opened> {
  const directory = await testDirectory(t);
  const damages: string[] = [];
  const pool = await openFilesystemPool({
    root: join(directory, 'pool'),
    temporary: join(directory, 'tmp'),
    ledger: memoryLedger(),
    onDamaged: ({ movedTo }) => damages.push(movedTo),
    ...(rename === undefined ? {} : { rename }),
  });
  return { pool, directory, damages };
}

async function plant(pool: Pool, content: string | Buffer = bytes): Promise<string> {
  const path = inPool(pool, pool.path(file));
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return path;
}

async function crossDevice(): Promise<void> {
  throw Object.assign(new Error('EXDEV'), { code: 'EXDEV' });
}

test('makes its directories', async (t) => {
  const { pool, directory } = await opened(t);

  assert.ok((await stat(poolRoot(pool))).isDirectory());
  assert.ok((await stat(join(directory, 'tmp'))).isDirectory());
});

test('a directory that cannot be made is a clear error', async (t) => {
  const directory = await testDirectory(t);
  await writeFile(join(directory, 'file'), '');

  const opening = openFilesystemPool({
    root: join(directory, 'file', 'pool'),
    temporary: directory,
    ledger: memoryLedger(),
  });

  await assert.rejects(opening, { code: 'E_IO' });
});

test('a pool that aptly filled is adopted in place', async (t) => {
  const { pool } = await opened(t);
  await plant(pool);

  assert.equal(await pool.check(file, signal), 'present');
});

test('a damaged file is moved to the temporary directory with its bytes', async (t) => {
  const { pool, damages, directory } = await opened(t);
  await plant(pool, 'damaged bytes');

  await pool.check(file, signal);

  const movedTo = damages[0] ?? '';
  assert.ok(movedTo.startsWith(join(directory, 'tmp', 'damaged-')) && movedTo.endsWith('-a_1_all.deb'));
  assert.equal(await readFile(movedTo, 'utf8'), 'damaged bytes');
});

test('on another file system a damaged file is hidden where it is', async (t) => {
  const { pool, damages } = await opened(t, crossDevice);
  const path = await plant(pool, 'damaged bytes');

  await pool.check(file, signal);

  assert.equal(dirname(damages[0] ?? ''), dirname(path));
  assert.deepEqual(await collect(pool.list()), []);
});

test('a copy from another file system is verified on the way and leaves nothing when wrong', async (t) => {
  const { pool } = await opened(t, crossDevice);
  await writeFile(pool.stage(file).localPath, bytes.toReversed());

  const admitting = pool.admit(pool.stage(file), file);

  await assert.rejects(admitting, { code: 'E_DIGEST_MISMATCH' });
  assert.deepEqual(await readdir(dirname(inPool(pool, pool.path(file)))), []);
});

test('a symbolic link in the place of a file is not followed, but set aside', async (t) => {
  const { pool, directory, damages } = await opened(t);
  await writeFile(join(directory, 'outside'), bytes);
  const path = inPool(pool, pool.path(file));
  await mkdir(dirname(path), { recursive: true });
  await symlink(join(directory, 'outside'), path);

  const found = await pool.check(file, signal);

  assert.equal(found, 'absent');
  assert.equal(damages.length, 1);
  assert.deepEqual(await readFile(join(directory, 'outside')), bytes);
});

test('a symbolic link in the place of a directory is refused', async (t) => {
  const { pool, directory } = await opened(t);
  await mkdir(join(directory, 'outside'));
  await symlink(join(directory, 'outside'), join(poolRoot(pool), pool.path(file).slice(0, 2)));
  await writeFile(pool.stage(file).localPath, bytes);

  await assert.rejects(pool.check(file, signal), { code: 'E_UNSAFE_PATH' });
  await assert.rejects(pool.admit(pool.stage(file), file), { code: 'E_UNSAFE_PATH' });
  assert.deepEqual(await pool.remove([pool.path(file)], signal), [pool.path(file)]);
  assert.deepEqual(await readdir(join(directory, 'outside')), []);
});

test('a partial file that is a symbolic link is not admitted', async (t) => {
  const { pool, directory } = await opened(t);
  await writeFile(join(directory, 'outside'), bytes);
  await symlink(join(directory, 'outside'), pool.stage(file).localPath);

  await assert.rejects(pool.admit(pool.stage(file), file), { code: 'E_UNSAFE_PATH' });
});

test('a directory in the place of a file is set aside', async (t) => {
  const { pool, damages } = await opened(t);
  await mkdir(inPool(pool, pool.path(file)), { recursive: true });

  assert.equal(await pool.check(file, signal), 'absent');
  assert.equal(damages.length, 1);
});

test('lists files of the layout only, in order', async (t) => {
  const { pool, directory } = await opened(t);
  const hex = '0'.repeat(28);
  for (const path of [
    `ff/00/${hex}_z`,
    `00/11/${hex}_b`,
    `00/11/${hex}_a`,
    '00/11/.tmp',
    '00/x',
    'legacy/a/b',
  ]) {
    await mkdir(dirname(join(poolRoot(pool), path)), { recursive: true });
    await writeFile(join(poolRoot(pool), path), '');
  }
  await symlink(directory, join(poolRoot(pool), 'aa'));
  await symlink(join(poolRoot(pool), '00/x'), join(poolRoot(pool), `00/11/${hex}_link`));

  const listed = await collect(pool.list());

  assert.deepEqual(listed, [`00/11/${hex}_a`, `00/11/${hex}_b`, `ff/00/${hex}_z`]);
});

test('a full disk is named so', async (t) => {
  const { pool } = await opened(t, async () => {
    throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
  });
  await writeFile(pool.stage(file).localPath, bytes);

  await assert.rejects(pool.admit(pool.stage(file), file), { code: 'E_DISK_FULL' });
  assert.deepEqual(await readFile(pool.stage(file).localPath), bytes);
});

test('a small file is kept under its name or not at all', async (t) => {
  const { pool, directory } = await opened(t);
  const target = inPool(pool, pool.path(file));
  await mkdir(dirname(dirname(target)), { recursive: true });
  await writeFile(dirname(target), 'in the way');

  await assert.rejects(pool.keep(bytes, file, signal), { code: 'E_UNSAFE_PATH' });

  assert.deepEqual(await readdir(join(directory, 'tmp')), []);
});

test('a small file is kept although the temporary directory is on another file system', {
  skip: [undefined, await deviceOf(tmpdir())].includes(await deviceOf('/dev/shm'))
    ? 'there is one file system only'
    : false,
}, async (t) => {
  const directory = await testDirectory(t);
  const temporary = await mkdtemp('/dev/shm/espejo-pool-');
  t.after(() => rm(temporary, { recursive: true }));
  const pool = await openFilesystemPool({ root: join(directory, 'pool'), temporary, ledger: memoryLedger() });

  await pool.keep(bytes, file, signal);

  assert.deepEqual(await readFile(inPool(pool, pool.path(file))), bytes);
  assert.deepEqual(await readdir(dirname(inPool(pool, pool.path(file)))), [pool.path(file).slice(6)]);
  assert.deepEqual(await readdir(temporary), []);
});

test('a sweep takes damaged files once they were set aside long enough, and names them', async (t) => {
  const { pool, damages } = await opened(t);
  await plant(pool, 'damaged');
  await pool.check(file, signal, { thorough: true });
  const damagedBefore = (damaged: number): Promise<readonly object[]> =>
    pool.sweepTemporary({ partials: new Date(0), damaged: new Date(damaged) });

  const young = await damagedBefore(Date.now() - 3_600_000);
  const old = await damagedBefore(Date.now() + 3_600_000);

  assert.deepEqual([young, old], [[], [{ name: damages[0], size: 7 }]]);
  await assert.rejects(stat(damages[0] ?? ''), { code: 'ENOENT' });
});

/** Undefined when there is no such directory. */
async function deviceOf(path: string): Promise<number | undefined> {
  return await stat(path).then(
    ({ dev }) => dev,
    () => undefined,
  );
}
