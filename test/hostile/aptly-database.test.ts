import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { readAptlyDatabase } from '../../src/adopt/database/read-database.ts';
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

/** All that the database tells, or the code of the error, or `warned` when it is not all and that was told. */
async function outcome(): Promise<string> {
  const job = testJob();
  try {
    const database = await readAptlyDatabase(directory, job);
    try {
      let stanzas = '';
      for await (const batch of database.packages())
        for (const { stanza } of batch) stanzas += stanza.toString();
      if (job.events.some(({ type }) => type === 'warning')) return 'warned';
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
    test(`in ${name} is refused, or read with a warning`, async () => {
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
    test(`${name}: is refused, or read with a warning`, async () => {
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

/** What is neither an error of its own kind, nor the whole, nor a part that was told of, nor an earlier state. */
function unexpected(outcomes: ReadonlySet<string>): readonly string[] {
  const [repos] = JSON.parse(whole) as readonly unknown[];
  const earlier = [
    [[], [], ''],
    [repos, [], ''],
  ].map((state) => JSON.stringify(state));
  return Array.from(outcomes).filter((one) => !['E_CATALOG', 'warned', whole, ...earlier].includes(one));
}
