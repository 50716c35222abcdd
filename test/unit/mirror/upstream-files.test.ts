import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openSqliteCatalog } from '../../../src/catalog/sqlite/catalog.ts';
import { sha256Hex } from '../../../src/core/digest.ts';
import { EspejoError } from '../../../src/core/errors.ts';
import { openUpstreamFiles, type UpstreamFiles } from '../../../src/mirror/upstream-files.ts';
import { collect } from '../../support/collect.ts';
import { sampleBytes, testDirectory } from '../../support/fetching.ts';

const { signal } = new AbortController();
const bytes = sampleBytes(300_000);
const sha256 = sha256Hex(bytes);

async function open(
  context: TestContext,
): Promise<{ readonly files: UpstreamFiles; readonly directory: string }> {
  const directory = await testDirectory(context);
  const catalog = await openSqliteCatalog(':memory:');
  context.after(() => catalog.close());
  return { files: openUpstreamFiles(directory, catalog), directory };
}

async function keep(files: UpstreamFiles): Promise<void> {
  const recording = files.record(signal);
  for (let at = 0; at < bytes.length; at += 1000) await recording.write(bytes.subarray(at, at + 1000));
  await recording.keep(sha256, bytes.length);
}

async function readBack(files: UpstreamFiles): Promise<Buffer | undefined> {
  return files.readIndex(sha256, async (source) => Buffer.concat(await collect(source)), signal);
}

test('an index that was recorded is read back', async (context) => {
  const { files, directory } = await open(context);

  await keep(files);

  assert.ok((await readBack(files))?.equals(bytes));
  assert.deepEqual(await readdir(directory), [`${sha256}.zst`]);
});

test('a recording that is discarded leaves nothing, at whatever point', async (context) => {
  const { files, directory } = await open(context);

  for (const writes of [0, 1, 200]) {
    const recording = files.record(signal);
    for (let count = 0; count < writes; count += 1) await recording.write(bytes.subarray(0, 5000));
    await recording.discard();
  }

  assert.deepEqual(await readdir(directory), []);
});

const damages: readonly (readonly [what: string, spoil: (stored: Buffer) => Buffer])[] = [
  ['is cut', (stored) => stored.subarray(0, stored.length / 2)],
  ['is empty', () => Buffer.alloc(0)],
  ['has other bytes', (stored) => Buffer.from(stored).fill(0x55, stored.length / 2)],
];

for (const [what, spoil] of damages) {
  test(`a stored index that ${what} counts as absent`, async (context) => {
    const { files, directory } = await open(context);
    await keep(files);
    const path = join(directory, `${sha256}.zst`);
    await writeFile(path, spoil(await readFile(path)));

    assert.equal(await readBack(files), undefined);
    assert.deepEqual(await readdir(directory), []);
  });

  test(`a stored document that ${what} counts as absent`, async (context) => {
    const { files, directory } = await open(context);
    await files.keepDocument(bytes);
    const path = join(directory, `${sha256}.zst`);
    await writeFile(path, spoil(await readFile(path)));

    assert.equal(await files.document(sha256), undefined);
  });
}

test('a damaged index counts as absent also when it is its reader that fails first', async (context) => {
  const { files, directory } = await open(context);
  await keep(files);
  const path = join(directory, `${sha256}.zst`);
  const stored = await readFile(path);
  await writeFile(path, stored.fill(0x55, stored.length / 2));

  const result = await files.readIndex(
    sha256,
    () => Promise.reject(new EspejoError('E_INDEX_SYNTAX', 'x')),
    signal,
  );

  assert.equal(result, undefined);
});

test('the failure of a reader of a whole index is its own', async (context) => {
  const { files, directory } = await open(context);
  await keep(files);
  const failure = new EspejoError('E_INDEX_SYNTAX', 'x');

  await assert.rejects(
    files.readIndex(sha256, () => Promise.reject(failure), signal),
    failure,
  );
  assert.equal((await readdir(directory)).length, 1);
});

test('sweeping removes what nobody refers to and what a killed process left', async (context) => {
  const { files, directory } = await open(context);
  await keep(files);
  await writeFile(join(directory, '.0123456789ab.tmp'), 'half');
  await writeFile(join(directory, `${'b'.repeat(64)}.zst`), 'unknown');

  await files.sweep();

  assert.deepEqual(await readdir(directory), []);
});
