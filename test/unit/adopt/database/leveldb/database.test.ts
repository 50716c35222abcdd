import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { appendFile, mkdtemp, readdir, readFile, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import fc from 'fast-check';
import { type LevelDb, openLevelDb } from '../../../../../src/adopt/database/leveldb/database.ts';
import type { Entry } from '../../../../../src/adopt/database/leveldb/entry.ts';
import { isEspejoError } from '../../../../../src/core/errors.ts';
import { type LevelDbSpec, put, remove, writeLevelDb } from '../../../../builders/leveldb.ts';
import { testJob } from '../../../../support/fetching.ts';
import { skipWithout } from '../../../../support/programs.ts';

const root = await mkdtemp(join(tmpdir(), 'espejo-leveldb-'));
after(() => rm(root, { recursive: true, force: true }));

async function made(spec: LevelDbSpec): Promise<string> {
  const directory = await mkdtemp(join(root, 'db-'));
  await writeLevelDb(directory, spec);
  return directory;
}

async function opened(spec: LevelDbSpec): Promise<LevelDb> {
  return await openLevelDb(await made(spec), testJob());
}

async function contentOf(db: LevelDb, start = '', end = '\xff'): Promise<Record<string, string>> {
  const content: Record<string, string> = {};
  const range = { start: Buffer.from(start, 'latin1'), end: Buffer.from(end, 'latin1') };
  for await (const batch of db.entries(range)) {
    for (const { key, value } of batch) content[key.toString('latin1')] = value.toString();
  }
  await db.close();
  return content;
}

describe('openLevelDb', () => {
  test('takes the newest value of a key, wherever it is, and leaves deleted ones out', async () => {
    const db = await opened({
      tables: [
        [put(1, 'a', 'old'), put(2, 'b', 'b'), put(3, 'c', 'c')],
        [put(5, 'a', 'new'), remove(6, 'b')],
      ],
      log: [put(7, 'c', 'newest'), put(8, 'd', 'd'), remove(9, 'd'), put(10, 'e', '')],
    });

    const content = await contentOf(db);

    assert.deepEqual(content, { a: 'new', c: 'newest', e: '' });
  });

  test('is what a map would be, for any history', async () => {
    const change = fc.record({
      key: fc.constantFrom('a', 'aa', 'ab', 'b', 'ba', 'c'),
      value: fc.option(fc.string({ maxLength: 3000 }), { nil: undefined }),
      place: fc.nat(3),
    });

    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 40 }), fc.boolean(), async (changes, compressed) => {
        const places: Entry[][] = [[], [], [], []];
        const expected = new Map<string, string>();
        for (const [sequence, { key, value, place }] of changes.entries()) {
          places[place]?.push(value === undefined ? remove(sequence, key) : put(sequence, key, value));
          if (value === undefined) expected.delete(key);
          else expected.set(key, Buffer.from(value).toString());
        }
        const [log = [], ...tables] = places;

        const content = await contentOf(
          await opened({ log, tables: tables.filter((table) => table.length > 0), compressed }),
        );

        assert.deepEqual(content, Object.fromEntries(Array.from(expected).sort()));
      }),
      { numRuns: 40 },
    );
  });

  test('reads ranges and single keys of tables with many blocks', async () => {
    const entries = Array.from({ length: 5000 }, (_, at) =>
      put(at, `k${String(at).padStart(5, '0')}`, `value ${at}`),
    );
    const job = testJob();
    const directory = await made({ tables: [entries.slice(0, 3000), entries.slice(3000)], extension: 'sst' });

    const db = await openLevelDb(directory, job);
    const found = await db.get(Buffer.from('k02999'));
    const absent = await db.get(Buffer.from('k02999x'));
    const range = await contentOf(db, 'k02990', 'k03010');

    assert.equal(found?.toString(), 'value 2999');
    assert.equal(absent, undefined);
    assert.deepEqual(
      Object.values(range),
      Array.from({ length: 20 }, (_, at) => `value ${2990 + at}`),
    );
  });

  test('changes nothing in the directory', async () => {
    const directory = await made({ tables: [[put(1, 'a', 'a')]], log: [put(2, 'b', 'b')] });
    const look = async (): Promise<unknown> => {
      const names = (await readdir(directory)).sort();
      return await Promise.all(
        names.map(async (name) => {
          const path = join(directory, name);
          return [name, (await stat(path)).mtimeMs, await readFile(path, 'latin1')];
        }),
      );
    };
    const before = await look();

    await contentOf(await openLevelDb(directory, testJob()));

    assert.deepEqual(await look(), before);
  });

  test('goes on reading what was deleted by another program meanwhile', async () => {
    const directory = await made({ tables: [[put(1, 'a', 'a')]] });
    const db = await openLevelDb(directory, testJob());

    await rm(directory, { recursive: true });
    const content = await contentOf(db);

    assert.deepEqual(content, { a: 'a' });
  });

  test('tells what a crash left unfinished in the log', async () => {
    const directory = await made({ log: [put(1, 'a', 'a')] });
    await appendFile(join(directory, '000007.log'), 'torn');
    const job = testJob();

    const content = await contentOf(await openLevelDb(directory, job));

    assert.deepEqual(content, { a: 'a' });
    assert.match(JSON.stringify(job.events), /the last 4 bytes were never completely written/);
  });

  test('falls back on the copy that Go keeps of CURRENT', async () => {
    const directory = await made({ log: [put(1, 'a', 'a')] });
    await writeFile(join(directory, 'CURRENT.bak'), 'MANIFEST-000008\n');
    await writeFile(join(directory, 'CURRENT'), '');

    const content = await contentOf(await openLevelDb(directory, testJob()));

    assert.deepEqual(content, { a: 'a' });
  });

  test('leaves logs out that the tables have taken over', async () => {
    const directory = await made({ log: [put(2, 'a', 'a')] });
    await writeFile(join(directory, '000006.log'), await readFile(join(directory, '000007.log')));
    await writeFile(join(directory, '000007.log'), '');

    const content = await contentOf(await openLevelDb(directory, testJob()));

    assert.deepEqual(content, {});
  });
});

describe('openLevelDb refuses', () => {
  test('a directory that is none', async () => {
    await assert.rejects(openLevelDb(join(root, 'absent'), testJob()), {
      code: 'E_CATALOG',
      message: /is not a LevelDB database/,
    });
  });

  test('a missing table', async () => {
    const directory = await made({ tables: [[put(1, 'a', 'a')]] });
    await unlink(join(directory, '000100.ldb'));

    await assert.rejects(openLevelDb(directory, testJob()), {
      code: 'E_CATALOG',
      message: /000100\.ldb is missing/,
    });
  });

  test('a truncated table', async () => {
    const directory = await made({ tables: [[put(1, 'a', 'a')]] });
    const path = join(directory, '000100.ldb');
    await writeFile(path, (await readFile(path)).subarray(0, -1));

    await assert.rejects(openLevelDb(directory, testJob()), {
      code: 'E_CATALOG',
      message: /bytes and not the/,
    });
  });

  test('a table whose bytes were altered', async () => {
    const directory = await made({ tables: [[put(1, 'a', 'some value')]] });
    const path = join(directory, '000100.ldb');
    const bytes = await readFile(path);
    bytes.writeUInt8(bytes.readUInt8(20) ^ 1, 20);
    await writeFile(path, bytes);
    const db = await openLevelDb(directory, testJob());

    await assert.rejects(contentOf(db), { code: 'E_CATALOG', message: /checksum is wrong/ });
    await db.close();
  });

  const skip = skipWithout('flock', '--version');
  test('a database that a process has locked', { skip }, async () => {
    const directory = await made({});
    const holder = spawn(
      'flock',
      ['--no-fork', join(directory, 'LOCK'), 'sh', '-c', 'echo held; read line'],
      {
        stdio: ['pipe', 'pipe', 'ignore'],
      },
    );
    await once(holder.stdout, 'data');

    const failure = await openLevelDb(directory, testJob()).catch((error: unknown) => error);
    holder.stdin.end('\n');
    await once(holder, 'exit');

    assert.ok(isEspejoError(failure, 'E_LOCKED'));
    assert.equal(failure.context['pid'], holder.pid);
  });

  test('a database that another program opens meanwhile', async () => {
    const directory = await made({ log: [put(1, 'a', 'a')] });
    await appendFile(join(directory, '000007.log'), 'torn');
    const report = (): void => writeFileSync(join(directory, 'CURRENT'), 'MANIFEST-000009\n');

    await assert.rejects(openLevelDb(directory, { ...testJob(), report }), {
      code: 'E_LOCKED',
      message: /was changed while it was read/,
    });
  });

  test('to go on when it is stopped', async () => {
    const directory = await made({ tables: [[put(1, 'a', 'a')]] });
    const controller = new AbortController();
    controller.abort();

    await assert.rejects(openLevelDb(directory, testJob(controller.signal)), {
      code: 'E_ABORTED',
    });
  });
});
