import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { sha256Hex } from '../../../src/core/digest.ts';
import { parseRelease } from '../../../src/deb/release.ts';
import { richArchive } from '../../builders/rich-archive.ts';
import { updateBench } from '../../builders/update-bench.ts';
import type { ArchivePlan } from '../../support/oracle/make-archive.ts';
import { listFiles } from '../../support/publishing.ts';

const images = 'main/installer-amd64/current/images';

function wholeArchive(): ArchivePlan {
  const rich = richArchive();
  const metadata = { 'main/dep11/Components-amd64.yml.gz': 'components', 'main/dep11/icons.tar.gz': 'icons' };
  return { ...rich, files: { ...rich.files, ...metadata } };
}

test('installer images, AppStream, udebs and sources come through a mirror to clients', async (context) => {
  const bench = await updateBench(context, wholeArchive());
  const everything = ['-with-installer', '-with-appstream', '-with-udebs', '-with-sources'];
  await bench.create(...everything);
  await bench.output('mirror', 'update', 'm');
  await bench.output('snapshot', 'create', 's', 'from', 'mirror', 'm');

  await bench.output('publish', 'snapshot', '-skip-signing', '-distribution=stable', 's');

  const dists = join(bench.directory, 'root/public/dists/stable');
  const release = parseRelease(await readFile(join(dists, 'Release')), 'Release');
  const listed = [...release.files.keys()];
  for (const path of [
    `${images}/SHA256SUMS`,
    'main/dep11/Components-amd64.yml.gz',
    'main/dep11/icons.tar.gz',
    'main/debian-installer/binary-amd64/Packages.gz',
    'main/source/Sources.gz',
  ])
    assert.ok(listed.includes(path), `Release lists ${path}`);
  assert.deepEqual(
    listed.filter((path) => path.startsWith(`${images}/`)),
    [`${images}/SHA256SUMS`],
    'the images are in SHA256SUMS alone',
  );
  for (const line of (await readFile(join(dists, images, 'SHA256SUMS'), 'utf8')).trim().split('\n')) {
    const [sum, path = ''] = line.split(/ +/);
    assert.equal(sha256Hex(await readFile(join(dists, images, path))), sum, path);
  }
  assert.equal(await readFile(join(dists, 'main/dep11/icons.tar.gz'), 'utf8'), 'icons');
  const sources = await readFile(join(dists, 'main/source/Release'), 'utf8');
  assert.equal(sources.match(/^Architecture:/gm)?.length, 1);
});

test('with SOURCE_DATE_EPOCH two roots publish the same bytes', async (context) => {
  const env = { SOURCE_DATE_EPOCH: '1500000000' };
  const trees: (readonly (readonly [string, string])[])[] = [];
  let release = '';

  for (const _root of ['one', 'other']) {
    const bench = await updateBench(context, wholeArchive(), {}, env);
    await bench.create('-with-installer', '-with-appstream');
    await bench.output('mirror', 'update', 'm');
    await bench.output('snapshot', 'create', 's', 'from', 'mirror', 'm');
    await bench.output('publish', 'snapshot', '-skip-signing', '-distribution=stable', 's');
    const dists = join(bench.directory, 'root/public/dists/stable');
    release = await readFile(join(dists, 'Release'), 'utf8');
    const paths = await listFiles(dists);
    trees.push(
      await Promise.all(
        paths.map(async (path) => [path, sha256Hex(await readFile(join(dists, path)))] as const),
      ),
    );
  }

  assert.match(release, /^Date: Fri, 14 Jul 2017 02:40:00 UTC$/m);
  assert.ok((trees[0]?.length ?? 0) > 10);
  assert.deepEqual(trees[0], trees[1]);
});
