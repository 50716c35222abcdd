import assert from 'node:assert/strict';
import { stat, utimes, writeFile } from 'node:fs/promises';
import { describe, type TestContext, test } from 'node:test';
import { digestsOf } from '../../src/core/digest.ts';
import type { Pool, PoolFile, PoolLedger } from '../../src/pool/pool.ts';
import { collect } from '../support/collect.ts';
import { streamed } from './endpoint-under-test.ts';

export type PoolUnderTest = {
  readonly pool: Pool;
  readonly ledger: PoolLedger;
  /** Gives a path of the pool other bytes behind its back; with a time it looks as if it had that one. */
  readonly put: (path: string, content: Buffer, seconds?: number) => Promise<void>;
  /** Opens the same pool again with an empty ledger. */
  readonly reopen: () => Promise<Pool>;
};

const signal = new AbortController().signal;
const bytes = Buffer.from('the bytes of a package');
export const sampleFile: PoolFile = { name: 'hello_2.10-1_amd64.deb', facts: digestsOf(bytes) };

/** Every pool keeps these promises. */
export function poolSuite(what: string, open: (context: TestContext) => Promise<PoolUnderTest>): void {
  describe(what, () => {
    test('a file has its place by SHA-256, as with aptly', async (t) => {
      const { pool } = await open(t);
      const hex = sampleFile.facts.digests.sha256 ?? '';

      const path = pool.path(sampleFile);

      assert.equal(path, `${hex.slice(0, 2)}/${hex.slice(2, 4)}/${hex.slice(4, 32)}_hello_2.10-1_amd64.deb`);
    });

    test('a file of an older layout is checked where it is', async (t) => {
      const { pool, ledger, put } = await open(t);
      const path = 'ab/cd/hello_2.10-1_amd64.deb';
      await put(path, bytes);

      assert.equal(await pool.check({ ...sampleFile, legacyPath: path }, signal), 'present');
      assert.equal(await pool.check(sampleFile, signal), 'absent');
      assert.equal(ledger.recall(path)?.sha256, sampleFile.facts.digests.sha256);
      await assert.rejects(pool.check({ ...sampleFile, legacyPath: '../x' }, signal), {
        code: 'E_UNSAFE_PATH',
      });
    });

    test('an empty pool has nothing', async (t) => {
      const { pool } = await open(t);

      assert.equal(await pool.check(sampleFile, signal), 'absent');
      assert.deepEqual(await collect(pool.list()), []);
    });

    test('an admitted file is present and listed, remembered once it is durable; its partial is gone', async (t) => {
      const { pool, ledger } = await open(t);
      const staged = pool.stage(sampleFile);
      await writeFile(staged.localPath, bytes);

      const { path } = await pool.admit(staged, sampleFile);
      const before = ledger.recall(path);
      await pool.flush(signal);

      assert.equal(before, undefined, 'the ledger vouches for nothing that a power failure may take');
      assert.equal(path, pool.path(sampleFile));
      assert.equal(await pool.check(sampleFile, signal), 'present');
      assert.deepEqual(await collect(pool.list()), [path]);
      assert.deepEqual(await bytesOf(pool, path), bytes);
      assert.equal(ledger.recall(path)?.sha256, sampleFile.facts.digests.sha256);
      await assert.rejects(stat(staged.localPath), { code: 'ENOENT' });
    });

    test('a thorough check hashes what the ledger knows', async (t) => {
      const { pool, put } = await open(t);
      const { path } = await admitted(pool);
      await put(path, bytes, 1000);
      await pool.check(sampleFile, signal);
      await put(path, bytes.toReversed() as Buffer, 1000);

      assert.equal(await pool.check(sampleFile, signal), 'present');
      assert.equal(await pool.check(sampleFile, signal, { thorough: true }), 'absent');
    });

    test('a sweep takes old partial files and leaves young ones and the pool alone', async (t) => {
      const { pool } = await open(t);
      const { path } = await admitted(pool);
      const old = pool.stage({ ...sampleFile, facts: digestsOf(Buffer.from('old')) }).localPath;
      const young = pool.stage({ ...sampleFile, facts: digestsOf(Buffer.from('young')) }).localPath;
      await writeFile(old, 'ol');
      await writeFile(young, 'yo');
      await utimes(old, 1000, 1000);

      await pool.sweepTemporary({ partials: new Date(2_000_000), damaged: new Date(0) });

      await assert.rejects(stat(old), { code: 'ENOENT' });
      assert.equal((await stat(young)).size, 2);
      assert.deepEqual(await collect(pool.list()), [path]);
    });

    test('a file that stays where it is is copied, proved on the way, and remembered once it is durable', async (t) => {
      const { pool, ledger } = await open(t);

      await pool.copy(streamed(bytes), sampleFile, signal);
      await pool.copy(streamed(bytes), sampleFile, signal);

      assert.deepEqual(await bytesOf(pool, pool.path(sampleFile)), bytes);
      assert.equal(ledger.recall(pool.path(sampleFile)), undefined);
      await pool.flush(signal);
      assert.equal(ledger.recall(pool.path(sampleFile))?.sha256, sampleFile.facts.digests.sha256);
    });

    test('a copy of other bytes is not let in, and leaves nothing', async (t) => {
      const { pool } = await open(t);
      const copies = [
        [bytes.subarray(1), 'E_SIZE_MISMATCH'],
        [bytes.toReversed() as Buffer, 'E_DIGEST_MISMATCH'],
      ] as const;

      for (const [wrong, code] of copies)
        await assert.rejects(pool.copy(streamed(wrong), sampleFile, signal), { code });
      await assert.rejects(pool.copy(streamed(bytes), sampleFile, AbortSignal.abort()), {
        code: 'E_ABORTED',
      });

      assert.deepEqual(await collect(pool.listAll(signal)), []);
      await assert.rejects(stat(pool.stage(sampleFile).localPath), { code: 'ENOENT' });
    });

    test('what is measured is remembered until something touches the file', async (t) => {
      const { pool, put } = await open(t);
      const path = 'ab/cd/hello_2.10-1_amd64.deb';
      const { facts } = sampleFile;
      await put(path, bytes);

      const before = await pool.isUnchanged(path, facts);
      const measured = await pool.measure(path, signal);
      const after = await pool.isUnchanged(path, facts);
      await put(path, bytes, 1000);

      assert.deepEqual([before, after, await pool.isUnchanged(path, facts)], [false, true, false]);
      assert.deepEqual(measured, facts);
      assert.equal(await pool.size(path), bytes.length);
    });

    test('nothing is known of a file that is not there', async (t) => {
      const { pool } = await open(t);

      assert.equal(await pool.size('ab/cd/none'), undefined);
      assert.equal(await pool.measure('ab/cd/none', signal), undefined);
      assert.equal(await pool.isUnchanged('ab/cd/none', sampleFile.facts), false);
    });

    test('a flush leaves admitted files where they are', async (t) => {
      const { pool, reopen } = await open(t);
      const { path } = await admitted(pool);

      await pool.flush(signal);

      assert.deepEqual(await collect((await reopen()).list()), [path]);
    });

    test('a file that the ledger knows is not hashed again', async (t) => {
      const { pool, put } = await open(t);
      const { path } = await admitted(pool);
      await put(path, bytes, 1000);
      await pool.check(sampleFile, signal);
      await put(path, bytes.toReversed() as Buffer, 1000);

      const found = await pool.check(sampleFile, signal);

      assert.equal(found, 'present', 'same inode, size and time: believed');
    });

    test('without the ledger a file is hashed, and then remembered', async (t) => {
      const { pool, reopen } = await open(t);
      await admitted(pool);

      const again = await reopen();

      assert.equal(await again.check(sampleFile, signal), 'present');
    });

    test('a file with a new time and wrong bytes is absent, and kept aside', async (t) => {
      const { pool, ledger, put } = await open(t);
      const { path } = await admitted(pool);
      await put(path, bytes.toReversed() as Buffer, 1);

      const found = await pool.check(sampleFile, signal);

      assert.equal(found, 'absent');
      assert.equal(ledger.recall(path), undefined);
      assert.deepEqual(await collect(pool.list()), []);
    });

    test('a truncated file is absent and can be admitted again', async (t) => {
      const { pool, put } = await open(t);
      const { path } = await admitted(pool);
      await put(path, bytes.subarray(0, 5));

      assert.equal(await pool.check(sampleFile, signal), 'absent');
      await admitted(pool);

      assert.equal(await pool.check(sampleFile, signal), 'present');
    });

    test('a damaged file is found without the ledger, too', async (t) => {
      const { pool, reopen, put } = await open(t);
      const { path } = await admitted(pool);
      await put(path, bytes.toReversed() as Buffer);

      const again = await reopen();

      assert.equal(await again.check(sampleFile, signal), 'absent');
    });

    test('a second admission of the same file keeps the first', async (t) => {
      const { pool } = await open(t);
      await admitted(pool);
      const before = await collect(pool.listAll(signal));

      await admitted(pool);

      assert.deepEqual(await collect(pool.listAll(signal)), before);
      await assert.rejects(stat(pool.stage(sampleFile).localPath), { code: 'ENOENT' });
    });

    test('a different file in the place of another is a conflict and stays', async (t) => {
      const { pool, put } = await open(t);
      const { path } = await admitted(pool);
      await put(path, Buffer.from('somebody else'));
      await writeFile(pool.stage(sampleFile).localPath, bytes);

      const admitting = pool.admit(pool.stage(sampleFile), sampleFile);

      await assert.rejects(admitting, { code: 'E_POOL_CONFLICT' });
      assert.equal(String(await bytesOf(pool, path)), 'somebody else');
    });

    test('a file that is kept is present at once, but the ledger learns of it when it is durable', async (t) => {
      const { pool, ledger, reopen } = await open(t);

      await pool.keep(bytes, sampleFile, signal);

      const path = pool.path(sampleFile);
      assert.equal(await pool.check(sampleFile, signal), 'present');
      assert.equal(ledger.recall(path), undefined);
      await pool.flush(signal);
      assert.equal(ledger.recall(path)?.sha256, sampleFile.facts.digests.sha256);
      assert.deepEqual(await bytesOf(pool, path), bytes);
      assert.deepEqual(await collect((await reopen()).list()), [path]);
      await assert.rejects(stat(pool.stage(sampleFile).localPath), { code: 'ENOENT' });
    });

    test('a file that is kept again stays, a damaged one is set aside and kept anew', async (t) => {
      const { pool, put } = await open(t);
      await pool.keep(bytes, sampleFile, signal);
      const path = pool.path(sampleFile);
      const before = await collect(pool.listAll(signal));

      await pool.keep(bytes, sampleFile, signal);
      assert.deepEqual(await collect(pool.listAll(signal)), before);
      await put(path, Buffer.from('somebody else'));
      await pool.keep(bytes, sampleFile, signal);

      assert.deepEqual(await bytesOf(pool, path), bytes);
      assert.equal(await pool.check(sampleFile, signal), 'present');
    });

    test('hundreds of files are made durable together', async (t) => {
      const { pool, ledger } = await open(t);
      const files = Array.from({ length: 200 }, (_, at) => {
        const content = Buffer.from(`file ${at}`);
        return { content, file: { name: `f${at}.deb`, facts: digestsOf(content) } };
      });

      for (const { content, file } of files) await pool.keep(content, file, signal);
      await pool.flush(signal);

      const known = files.filter(({ file }) => ledger.recall(pool.path(file)) !== undefined);
      assert.equal(known.length, 200);
    });

    test('a flush that is stopped vouches for nothing', async (t) => {
      const { pool, ledger } = await open(t);
      await pool.keep(bytes, sampleFile, signal);

      await assert.rejects(pool.flush(AbortSignal.abort()), { code: 'E_ABORTED' });

      assert.equal(ledger.recall(pool.path(sampleFile)), undefined);
      await pool.flush(signal);
      assert.ok(ledger.recall(pool.path(sampleFile)));
    });

    test('an incomplete file is not let in', async (t) => {
      const { pool } = await open(t);
      await writeFile(pool.stage(sampleFile).localPath, bytes.subarray(1));

      const admitting = pool.admit(pool.stage(sampleFile), sampleFile);

      await assert.rejects(admitting, { code: 'E_SIZE_MISMATCH' });
      assert.equal(await pool.check(sampleFile, signal), 'absent');
    });

    test('a file that is not there cannot be admitted', async (t) => {
      const { pool } = await open(t);

      const admitting = pool.admit(pool.stage(sampleFile), sampleFile);

      await assert.rejects(admitting, { code: 'E_IO' });
    });

    test('a removed file is absent; removing it again is fine', async (t) => {
      const { pool, ledger } = await open(t);
      const { path } = await admitted(pool);

      const left = [await pool.remove([path], signal), await pool.remove([path], signal)];

      assert.deepEqual(left, [[], []]);
      assert.equal(await pool.check(sampleFile, signal), 'absent');
      assert.equal(ledger.recall(path), undefined);
    });

    test('names that are no base names are refused', async (t) => {
      const { pool } = await open(t);
      const names = ['../x', 'a/b', '/x', '.', '..', '', 'a\0b', 'a\nb', ' a', 'a ', 'a\tb', 'x'.repeat(256)];

      for (const name of names) {
        const file = { name, facts: sampleFile.facts };
        assert.throws(() => pool.path(file), { code: 'E_UNSAFE_PATH' }, name);
        await assert.rejects(pool.check(file, signal), { code: 'E_UNSAFE_PATH' }, name);
      }
    });

    test('a file without a proper SHA-256 is refused', async (t) => {
      const { pool } = await open(t);

      for (const sha256 of [undefined, '', 'ab', '../'.repeat(22).slice(0, 64), 'A'.repeat(64)]) {
        const digests = sha256 === undefined ? { md5: 'x' } : { sha256 };
        const file = { name: 'a', facts: { size: 1, digests } };
        assert.throws(() => pool.stage(file), { code: 'E_UNSAFE_PATH' });
      }
    });

    test('relative paths do not leave the pool', async (t) => {
      const { pool } = await open(t);

      assert.throws(() => pool.stored('../etc/passwd'), { code: 'E_UNSAFE_PATH' });
      await assert.rejects(pool.size('../etc/passwd'), { code: 'E_UNSAFE_PATH' });
      await assert.rejects(pool.measure('/etc/passwd', signal), { code: 'E_UNSAFE_PATH' });
      assert.deepEqual(await pool.remove(['../../etc/passwd'], signal), ['../../etc/passwd']);
    });

    test('hashing stops when asked to', async (t) => {
      const { pool, reopen } = await open(t);
      await admitted(pool);
      const again = await reopen();

      const checking = again.check(sampleFile, AbortSignal.abort());

      await assert.rejects(checking, { code: 'E_ABORTED' });
      assert.equal(await again.check(sampleFile, signal), 'present');
    });

    test('the same bytes grow in the same place under any name', async (t) => {
      const { pool } = await open(t);

      const renamed = pool.stage({ ...sampleFile, name: 'other.deb' });

      assert.deepEqual(renamed, pool.stage(sampleFile));
    });
  });
}

/** Puts the sample into the pool. */
async function admitted(pool: Pool): Promise<{ readonly path: string }> {
  await writeFile(pool.stage(sampleFile).localPath, bytes);
  return await pool.admit(pool.stage(sampleFile), sampleFile);
}

async function bytesOf(pool: Pool, path: string): Promise<Buffer> {
  return Buffer.concat(await collect(pool.stored(path).read()));
}
