import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { readAptlyDatabase } from '../../src/aptly/read-database.ts';
import { isEspejoError } from '../../src/core/errors.ts';
import { listEntry, packageEntries, packageKey, uuids } from '../builders/aptly-records.ts';
import { put, writeLevelDb } from '../builders/leveldb.ts';
import { packed } from '../builders/msgpack.ts';
import { testJob } from '../support/fetching.ts';

const directory = await mkdtemp(join(tmpdir(), 'espejo-hostile-aptly-'));
after(() => rm(directory, { recursive: true, force: true }));

const [repoId = ''] = uuids;
const key = packageKey({ name: 'aa' });
await writeLevelDb(directory, {
  tables: [packageEntries({ name: 'aa' })],
  log: [put(2, `L${repoId}`, packed({ UUID: repoId, Name: 'r' })), listEntry(repoId, [key], 3)],
});

/** All that the database tells, or the code of the error. */
async function outcome(): Promise<string> {
  try {
    const database = await readAptlyDatabase(directory, testJob());
    try {
      let stanzas = '';
      for await (const batch of database.packages())
        for (const { stanza } of batch) stanzas += stanza.toString();
      return JSON.stringify([database.repos, Array.from(database.lists), stanzas]);
    } finally {
      await database.close();
    }
  } catch (error) {
    if (isEspejoError(error)) return error.code;
    throw error;
  }
}

const whole = await outcome();

/** Runs `outcome` with other bytes in one of the files. */
async function outcomeWith(name: string, bytes: Buffer): Promise<string> {
  const path = join(directory, name);
  const before = await readFile(path);
  await writeFile(path, bytes);
  try {
    return await outcome();
  } finally {
    await writeFile(path, before);
  }
}

test('the database is read while it is sound', () => {
  assert.match(whole, /Package: aa/);
});

describe('a database with one altered byte', () => {
  for (const name of ['000100.ldb', 'MANIFEST-000008', '000007.log', 'CURRENT']) {
    test(`in ${name} is refused, or read as if its end had never been written`, async () => {
      const bytes = await readFile(join(directory, name));
      const step = Math.max(1, Math.floor(bytes.length / 60));
      const outcomes = new Set<string>();

      for (let at = 0; at < bytes.length; at += step) {
        const altered = Buffer.from(bytes);
        altered.writeUInt8((altered.readUInt8(at) + 1) % 256, at);
        outcomes.add(await outcomeWith(name, altered));
      }

      assert.deepEqual(unexpected(outcomes), []);
    });
  }
});

describe('a truncated database', () => {
  for (const name of ['000100.ldb', 'MANIFEST-000008', '000007.log', 'CURRENT']) {
    test(`${name}: is refused, or read as if its end had never been written`, async () => {
      const bytes = await readFile(join(directory, name));
      const step = Math.max(1, Math.floor(bytes.length / 60));
      const outcomes = new Set<string>();

      for (let length = 0; length < bytes.length; length += step) {
        outcomes.add(await outcomeWith(name, bytes.subarray(0, length)));
      }

      assert.deepEqual(unexpected(outcomes), []);
    });
  }
});

/** What is neither an error of its own kind, nor the whole, nor a state that the database once had. */
function unexpected(outcomes: ReadonlySet<string>): readonly string[] {
  const earlier = ['[[],[],""]', JSON.stringify([JSON.parse(whole)[0], [], ''])];
  const expected = new Set(['E_CATALOG', whole, ...earlier]);
  return Array.from(outcomes).filter((one) => !expected.has(one));
}
