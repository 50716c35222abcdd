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

type Fields = Readonly<Record<string, string>>;

/** Lists `erl` with the fields of each build in turn, and has the file of one of them; `more` beside it. */
async function archiveOfFields(
  listed: readonly Fields[],
  has: number,
  more: Readonly<Record<string, Fields>>,
): Promise<ArchivePlan> {
  const archives = await Promise.all(
    listed.map((fields, at) =>
      makeArchive({
        indexes: { 'main/binary-amd64': { 'erl_25.2_amd64': { ...fields, Comment: builds[at] ?? '' } } },
      }),
    ),
  );
  const rest = await makeArchive({ indexes: { 'main/binary-amd64': more } });
  const texts = [...archives, rest].map((one) => String(one.get(`dists/xenial/${index}`)).trim());
  const others = Object.fromEntries([...rest].filter(([name]) => name.startsWith('pool/')));
  return {
    indexes: {},
    fields: { architectures: ['amd64'], components: ['main'] },
    files: { [index]: `${texts.join('\n\n')}\n` },
    others: { ...others, [path]: archives[has]?.get(path) ?? assert.fail() },
  };
}

describe('mirror update: what is true of a version listed several times decides what is chosen', () => {
  const more = { 'old_1.0_amd64': { Depends: 'older' }, 'older_1.0_amd64': {}, 'new_1.0_amd64': {} };

  async function filtered(
    context: TestContext,
    plan: ArchivePlan,
    ...flags: readonly string[]
  ): Promise<UpdateBench> {
    const bench = await updateBench(context, plan);
    await bench.create(...flags);
    await bench.output('mirror', 'update', 'm');
    return bench;
  }

  test('its dependencies, and not those of the others', async (context) => {
    const plan = await archiveOfFields([{ Depends: 'old' }, { Depends: 'new' }], 1, more);

    const bench = await filtered(context, plan, '-filter=erl', '-filter-with-deps');

    assert.deepEqual(await bench.packages(), ['erl_25.2_amd64', 'new_1.0_amd64']);
    assert.deepEqual(bench.leftovers(), []);
    bench.upstream.forget();
    await bench.output('mirror', 'update', '-force', 'm');
    assert.deepEqual(await bench.packages(), ['erl_25.2_amd64', 'new_1.0_amd64']);
    assert.equal(bench.upstream.count(`/${path}`), 0);
  });

  test('a file that only the others need may be missing', async (context) => {
    const plan = await archiveOfFields([{ Depends: 'old' }, { Depends: 'new' }], 1, more);
    const { 'pool/old_1.0_amd64.deb': _, ...others } = plan.others ?? {};

    const bench = await filtered(context, { ...plan, others }, '-filter=erl', '-filter-with-deps');

    assert.deepEqual(await bench.packages(), ['erl_25.2_amd64', 'new_1.0_amd64']);
  });

  test('whether the filter takes it: only the true one does', async (context) => {
    const plan = await archiveOfFields([{ Section: 'games' }, { Section: 'net', Depends: 'new' }], 1, more);

    const bench = await filtered(context, plan, '-filter=Section (= net)', '-filter-with-deps');

    assert.deepEqual(await bench.packages(), ['erl_25.2_amd64', 'new_1.0_amd64']);
  });

  test('whether the filter takes it: all but the true one do', async (context) => {
    const fields = [{ Section: 'net', Depends: 'old' }, { Section: 'games' }, { Section: 'net' }];
    const plan = await archiveOfFields(fields, 1, { ...more, 'app_1.0_amd64': { Section: 'net' } });

    const bench = await filtered(context, plan, '-filter=Section (= net)', '-filter-with-deps');

    assert.deepEqual(await bench.packages(), ['app_1.0_amd64']);
  });

  test('what no filter could take is not asked for', async (context) => {
    const plan = await archiveOfFields([{ Section: 'games' }, { Section: 'shells' }], 1, more);

    const bench = await filtered(context, plan, '-filter=new');

    assert.deepEqual(await bench.packages(), ['new_1.0_amd64']);
    assert.equal(bench.upstream.count(`/${path}`), 0);
  });
});
