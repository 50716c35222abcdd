import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { digestsOf, sha256Hex } from '../../../src/core/digest.ts';
import { richArchive } from '../../builders/rich-archive.ts';
import { type UpdateBench, updateBench } from '../../builders/update-bench.ts';
import type { ArchivePlan } from '../../support/oracle/make-archive.ts';

const plain: ArchivePlan = {
  indexes: { 'main/binary-amd64': { 'app_1.0_amd64': {}, 'app_1.1_amd64': {}, 'lib_1.0_amd64': {} } },
};
const all = ['app_1.0_amd64', 'app_1.1_amd64', 'lib_1.0_amd64'];

describe('mirror update: what a mirror takes', () => {
  test('the sources of every package that the filter and its dependencies keep', async (context) => {
    const bench = await updateBench(context, richArchive());
    await bench.create('-filter=src', '-filter-with-deps', '-with-sources');

    const stdout = await bench.output('mirror', 'update', 'm');

    assert.match(stdout, /^Applying filter\.\.\.\nPackages filtered: 6 -> 4\.$/m);
    assert.deepEqual(await bench.packages(), [
      'lib_1.0_amd64',
      'src_1.0_amd64',
      'other_2:3-1_source',
      'src_1.0_source',
    ]);
  });

  test('with -latest the newest version of each package', async (context) => {
    const bench = await updateBench(context, plain);
    await bench.create();

    await bench.output('mirror', 'update', '-latest', 'm');

    assert.deepEqual(await bench.packages(), ['app_1.1_amd64', 'lib_1.0_amd64']);
  });

  test('a filter that cannot be parsed is told', async (context) => {
    const bench = await updateBench(context, plain);
    await bench.create();
    const mirror = await bench.mirror();
    await bench.withApp(({ catalog }) =>
      catalog.objects.change([{ save: 'mirror', object: { ...mirror, filter: 'app (' } }]),
    );

    const { error } = await bench.run('mirror', 'update', 'm');

    assert.match(error ?? '', /^unable to update: parsing failed: /);
  });

  test('AppStream files, which snapshots carry on', async (context) => {
    const bench = await updateBench(context, {
      ...plain,
      files: {
        'main/dep11/Components-amd64.yml.gz': 'components',
        'main/dep11/icons-64x64.tar.gz': 'icons',
        'x/dep11/a': 'a',
      },
    });
    await bench.create('-with-appstream');
    bench.upstream.files.delete('/dists/xenial/main/dep11/icons-64x64.tar.gz');

    const stdout = await bench.output('mirror', 'update', 'm');

    const pooled = `${sha256Hex('components').replace(/^(..)(..)(.{28}).*/, '$1/$2/$3')}_Components-amd64.yml.gz`;
    const paths = { 'main/dep11/Components-amd64.yml.gz': pooled };
    assert.match(stdout, /^WARNING: HTTP code 404 while fetching \S+icons-64x64\.tar\.gz$/m);
    assert.deepEqual((await bench.mirror()).appStreamFiles, paths);
    assert.ok(bench.pool().includes(pooled));
    await bench.output('snapshot', 'create', 's', 'from', 'mirror', 'm');
    const snapshot = await bench.withApp(({ catalog }) => catalog.objects.find('snapshot', 's'));
    assert.deepEqual(snapshot?.appStreamFiles, paths);
    assert.equal(snapshot?.origin, 'Upstream');
  });
});

describe('mirror update: what the pool has', () => {
  test('is checked again: what is gone or damaged is fetched', async (context) => {
    const bench = await updateBench(context, plain);
    await bench.create();
    await bench.output('mirror', 'update', 'm');
    const before = bench.pool();
    rmSync(pooled(bench, /app_1\.0/));
    writeFileSync(pooled(bench, /app_1\.1/), 'damaged');

    const stdout = await bench.output('mirror', 'update', 'm');

    assert.match(stdout, /Download queue: 2 items/);
    assert.deepEqual(bench.pool(), before);
    assert.deepEqual(await bench.packages(), all);
  });

  test('is not looked at for packages of the mirror with -skip-existing-packages', async (context) => {
    const bench = await updateBench(context, plain);
    await bench.create();
    await bench.output('mirror', 'update', 'm');
    rmSync(pooled(bench, /app_1\.0/));

    const stdout = await bench.output('mirror', 'update', '-skip-existing-packages', 'm');

    assert.match(stdout, /Download queue: 0 items/);
    assert.deepEqual(await bench.packages(), all);
  });

  test('also in the layout of aptly before 1.1', async (context) => {
    const bench = await updateBench(context, plain);
    await bench.create();
    await toLegacyLayout(bench);

    const stdout = await bench.output('mirror', 'update', 'm');

    assert.match(stdout, /Download queue: 0 items/);
    assert.ok(bench.pool().every((path) => /^..\/..\/[a-z]/.test(path)));
    assert.match(
      await bench.output('package', 'show', '-with-files', 'lib'),
      /pool\/..\/..\/lib_1\.0_amd64\.deb$/m,
    );
  });

  test('but not there with skipLegacyPool', async (context) => {
    const bench = await updateBench(context, plain, { skipLegacyPool: true });
    await bench.create();
    await toLegacyLayout(bench);

    const stdout = await bench.output('mirror', 'update', 'm');

    assert.match(stdout, /Download queue: 3 items/);
  });

  test('does not count where only MD5 vouches for it and the index is another', async (context) => {
    const bench = await updateBench(context, plain);
    const index = String(bench.upstream.files.get('/dists/xenial/main/binary-amd64/Packages'));
    const weak = (section: string): ArchivePlan => ({
      indexes: {},
      fields: { architectures: ['amd64'], components: ['main'] },
      files: {
        'main/binary-amd64/Packages': index.replaceAll(/^SHA1.*\nSHA256.*\n/gm, `Section: ${section}\n`),
      },
      others: debsOf(bench),
    });
    await bench.serve(weak('a'));
    await bench.create();
    await bench.output('mirror', 'update', 'm');

    const same = await bench.output('mirror', 'update', 'm');
    await bench.serve(weak('b'));
    const other = await bench.output('mirror', 'update', 'm');

    assert.match(same, /Download queue: 0 items/);
    assert.match(other, /Download queue: 3 items/);
    const shown = await bench.output('package', 'show', '-with-files', 'lib');
    assert.match(shown, /^SHA1: .*\nSHA256: .*\nSHA512: /m);
    assert.equal(bench.pool().length, 3);
  });
});

describe('mirror update -ignore-checksums', () => {
  test('takes wrong package files, with the digests that they have', async (context) => {
    const bench = await updateBench(context, plain);
    await bench.create();
    bench.upstream.files.set('/pool/lib_1.0_amd64.deb', Buffer.from('something else'));

    const stdout = await bench.output('mirror', 'update', '-ignore-checksums', 'm');

    assert.match(stdout, /^WARNING: \S+lib_1\.0_amd64\.deb: size check mismatch 14 != \d+$/m);
    const { digests } = digestsOf(Buffer.from('something else'));
    const shown = await bench.output('package', 'show', 'lib');
    assert.ok(
      shown.includes(`Size: 14\nMD5sum: ${digests.md5}\nSHA1: ${digests.sha1}\nSHA256: ${digests.sha256}\n`),
    );
  });

  test('takes indexes that Release describes otherwise or not at all', async (context) => {
    const bench = await updateBench(context, plain);
    await bench.create('-force-architectures', '-architectures=amd64,armhf');
    const directory = '/dists/xenial/main/binary';
    bench.upstream.files.set(`${directory}-amd64/Packages.gz`, Buffer.from(packagesGz(bench)));
    bench.upstream.files.set(`${directory}-armhf/Packages`, Buffer.from(''));
    const release = String(bench.upstream.files.get('/dists/xenial/Release'));
    bench.upstream.files.set(
      '/dists/xenial/Release',
      Buffer.from(release.replaceAll(/^ [0-9a-f]{8}/gm, ' 00000000')),
    );

    const stdout = await bench.output('mirror', 'update', '-ignore-checksums', 'm');

    assert.match(
      stdout,
      /^WARNING: \S+Packages\.gz: md5 hash mismatch "[0-9a-f]{32}" != "00000000[0-9a-f]{24}"$/m,
    );
    assert.deepEqual(await bench.packages(), all);
  });

  test('still wants an index', async (context) => {
    const bench = await updateBench(context, plain);
    await bench.create('-force-architectures', '-architectures=armhf');

    const { error } = await bench.run('mirror', 'update', '-ignore-checksums', 'm');

    assert.equal(
      error,
      `unable to update: no candidates for ${bench.upstream.url}dists/xenial/main/binary-armhf/Packages found`,
    );
  });
});

describe('mirror update: how it downloads', () => {
  test('as often as -max-tries says', async (context) => {
    const bench = await updateBench(context, plain);
    await bench.create();
    bench.upstream.fault('/pool/lib_1.0_amd64.deb', { kind: 'status', status: 503 }, 1);

    await bench.output('mirror', 'update', '-max-tries=2', 'm');

    assert.equal(bench.upstream.count('/pool/lib_1.0_amd64.deb'), 2);
  });

  test('with a limit, by either downloader', async (context) => {
    const bench = await updateBench(context, plain);
    await bench.create();

    await bench.output('mirror', 'update', '-download-limit=1000', '-downloader=grab', 'm');

    assert.deepEqual(await bench.packages(), all);
  });
});

function pooled(bench: UpdateBench, name: RegExp): string {
  const path = bench.pool().find((one) => name.test(one));
  assert.ok(path !== undefined);
  return join(bench.directory, 'root/pool', path);
}

/** What a mirror would fetch lies in the pool as aptly before 1.1 had it. */
async function toLegacyLayout(bench: UpdateBench): Promise<void> {
  for (const [path, bytes] of Object.entries(debsOf(bench))) {
    const { md5 } = digestsOf(bytes).digests;
    const target = join(
      bench.directory,
      'root/pool',
      md5?.replace(/^(..)(..).*/, '$1/$2') ?? '',
      path.slice(5),
    );
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(`${target}.new`, bytes);
    renameSync(`${target}.new`, target);
  }
}

function debsOf({ upstream }: UpdateBench): Readonly<Record<string, Buffer>> {
  const debs = [...upstream.files].filter(([path]) => path.startsWith('/pool/'));
  return Object.fromEntries(debs.map(([path, bytes]) => [path.slice(1), bytes as Buffer]));
}

function packagesGz({ upstream }: UpdateBench): Buffer {
  return upstream.files.get('/dists/xenial/main/binary-amd64/Packages.gz') as Buffer;
}
