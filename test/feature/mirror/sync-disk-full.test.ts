import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeDebSpec, makeUpstreamArchive } from '../../builders/upstream-archive.ts';
import { failureOf, sampleBytes } from '../../support/fetching.ts';
import { type SyncBench, testSigner, testSync } from '../../support/syncing.ts';

const diskBytes = 4 << 20;

/** A bench whose root is a small file system; undefined when this machine does not permit one. */
async function benchOnSmallDisk(context: TestContext): Promise<SyncBench | undefined> {
  const root = await mkdtemp(join(tmpdir(), 'espejo-disk-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${diskBytes}`, 'tmpfs', root]);
  context.after(async () => {
    if (status === 0) spawnSync('umount', ['--lazy', root]);
    await rm(root, { recursive: true, force: true });
  });
  if (status === 0) return await testSync(context, { root });
  context.skip('mounting a tmpfs is not permitted here');
  return undefined;
}

for (const [what, ballast] of [
  ['while packages are downloaded', diskBytes - (1 << 20)],
  ['before indexes are read', diskBytes - 200_000],
] as const) {
  test(`a disk that is full ${what} is told, and the next run goes on`, async (context) => {
    const bench = await benchOnSmallDisk(context);
    if (bench === undefined) return;
    const text = sampleBytes(1_500_000).toString('base64');
    const suites = { xenial: { main: [makeDebSpec('alpha', '1.0', {}, text), makeDebSpec('beta', '1.0')] } };
    bench.serve(await makeUpstreamArchive({ suites }, await testSigner()));
    await bench.sync({ packages: ['beta'] });
    const before = await bench.state();
    const filler = join(bench.root, 'filler');
    await fill(filler, ballast);

    const error = await failureOf(bench.sync());
    const after = await bench.state();
    await rm(filler);
    const result = await bench.sync();

    assert.equal(error.code, 'E_DISK_FULL');
    assert.deepEqual(after, before);
    assert.equal(result.filesPresent, 1);
    assert.deepEqual(await bench.labels(), ['alpha_1.0_amd64']);
    assert.deepEqual(await bench.leftovers(), { indexes: [], tmp: [] });
  });
}

/** As many bytes as fit, up to `bytes`. */
async function fill(path: string, bytes: number): Promise<void> {
  await writeFile(path, Buffer.alloc(bytes)).catch(() => undefined);
}
