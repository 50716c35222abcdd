import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { type UpdateBench, updateBench } from '../../builders/update-bench.ts';
import { type ArchivePlan, makeArchive } from '../../support/oracle/make-archive.ts';

const index = 'main/binary-amd64/Packages';
const path = 'pool/erl_25.2_amd64.deb';
const builds = ['first', 'second, of another size', 'third, and it has another size once more'];

/** Lists builds of one version under one path, and has the bytes of one of them. */
async function archiveOf(
  listed: readonly number[],
  has: number,
  more: readonly string[] = [],
): Promise<ArchivePlan> {
  const paragraphs: string[] = [];
  const others: Record<string, Buffer> = {};
  for (const [at, Comment] of builds.entries()) {
    const archive = await makeArchive({
      indexes: { 'main/binary-amd64': { 'erl_25.2_amd64': { Comment } } },
    });
    if (listed.includes(at)) paragraphs[listed.indexOf(at)] = String(archive.get(`dists/xenial/${index}`));
    if (at === has) others[path] = archive.get(path) ?? assert.fail();
  }
  const rest = await makeArchive({
    indexes: {
      'main/binary-amd64': Object.fromEntries(['app_1.0_amd64', ...more].map((label) => [label, {}])),
    },
  });
  for (const [name, bytes] of rest) if (name.startsWith('pool/')) others[name] = bytes;
  paragraphs.push(String(rest.get(`dists/xenial/${index}`)));
  return {
    indexes: {},
    fields: { architectures: ['amd64'], components: ['main'] },
    files: {
      [index]: paragraphs
        .map((text) => text.trim())
        .join('\n\n')
        .concat('\n'),
    },
    others,
  };
}

async function benchOf(context: TestContext, plan: ArchivePlan): Promise<UpdateBench> {
  const bench = await updateBench(context, plan);
  await bench.create();
  return bench;
}

describe('mirror update: a version that an index lists several times with different files', () => {
  test('is there as the paragraph says that fits the file, and is counted as a warning', async (context) => {
    const plan = await archiveOf([0, 2, 1], 1);
    const bench = await benchOf(context, plan);

    const told = await bench.output('mirror', 'update', 'm');

    assert.deepEqual(await bench.packages(), ['app_1.0_amd64', 'erl_25.2_amd64']);
    assert.match(told, /\[!\] skipping package erl_25\.2_amd64: duplicate in packages index\n/);
    assert.match(told, /\nMirror `m` has been successfully updated\.\n$/);
    const shown = await bench.output('package', 'show', 'erl');
    assert.match(shown, /^Comment: second, of another size$/m);
    assert.deepEqual(bench.leftovers(), []);
    assert.deepEqual(bench.said(), ['2 warnings']);
  });

  test('is not fetched again, when nothing has changed and when something else has', async (context) => {
    const bench = await benchOf(context, await archiveOf([0, 1], 1));
    await bench.output('mirror', 'update', 'm');
    bench.upstream.forget();

    await bench.output('mirror', 'update', 'm');
    await bench.serve(await archiveOf([0, 1], 1, ['lib_1.0_amd64']));
    const told = await bench.output('mirror', 'update', 'm');

    assert.match(told, /Download queue: 1 items/);
    assert.equal(bench.upstream.count(`/${path}`), 0);
    assert.deepEqual(await bench.packages(), ['app_1.0_amd64', 'erl_25.2_amd64', 'lib_1.0_amd64']);
  });

  test('is left out when no paragraph fits, named, and not fetched each time', async (context) => {
    const bench = await benchOf(context, await archiveOf([0, 1], 2));

    const told = await bench.output('mirror', 'update', 'm');

    assert.deepEqual(await bench.packages(), ['app_1.0_amd64']);
    assert.match(
      told,
      /\nLeft out, because the archive lacks their files:\n {2}erl_25\.2_amd64: .* mismatch/,
    );
    assert.match(bench.warnings().join('\n'), /^erl_25\.2_amd64 is left out of m: /m);
    assert.deepEqual(bench.said(), ['2 warnings; left out: 1 package (no file 1)']);
    bench.upstream.forget();
    await bench.output('mirror', 'update', 'm');
    assert.equal(bench.upstream.count(`/${path}`), 0);
  });

  test('is a failure when it is listed once', async (context) => {
    const once = await benchOf(context, await archiveOf([0], 1));
    const failure = await once.run('mirror', 'update', 'm');
    assert.match(failure.error ?? '', /download errors:/);
    assert.deepEqual(await once.packages(), []);
  });
});
