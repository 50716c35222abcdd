import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, test } from 'node:test';
import { dropPublication } from '../../../src/publish/publish-drop.ts';
import { renameSnapshot } from '../../../src/snapshot/snapshots.ts';
import { cleanUp } from '../../../src/upkeep/cleanup.ts';
import { writeDeb } from '../../builders/library-packages.ts';
import { makeCommandRoot } from '../../support/aptly-commands.ts';
import { type ManagedSite, makeManagedSite } from '../../support/managed-site.ts';
import { silentJob } from '../../support/open-test-app.ts';
import { listFiles } from '../../support/publishing.ts';

const none = { dryRun: false, tell: () => undefined } as const;

describe('a cleanup', () => {
  test('frees what superseded states of a publication held', async (t) => {
    const site = await makeManagedSite(t, { keep_generations: 1, keep_by_hash: '1s' });
    for (const version of ['1.0', '2.0', '3.0', '4.0', '5.0']) await publishVersion(site, version);
    const before = await site.pooled();
    site.advance(1);

    const { result } = await site.clean();

    assert.equal(before.length, 5);
    assert.deepEqual(await site.pooled(), ['hello_5.0_amd64.deb']);
    assert.deepEqual([result.packages, result.files], [4, 4]);
    assert.equal((await site.app.catalog.objects.all('snapshot')).length, 1);
  });

  test('takes away by itself what has expired since the last publish; a dry run only tells', async (t) => {
    const site = await makeManagedSite(t, { keep_generations: 1, keep_by_hash: '1h' });
    await publishVersion(site, '1.0');
    await publishVersion(site, '2.0');
    const early = await site.clean();
    site.advance(3601);

    const dry = await site.clean({ dryRun: true });
    const stillThere = await site.pooled();
    const wet = await site.clean();

    assert.deepEqual(early.result, { generations: 0, snapshots: 0, packages: 0, files: 0, bytes: 0 });
    assert.equal(stillThere.length, 2);
    assert.deepEqual(dry.result, wet.result);
    assert.deepEqual(
      { ...wet.result, bytes: 0 },
      { generations: 1, snapshots: 1, packages: 1, files: 1, bytes: 0 },
    );
    assert.ok(wet.result.bytes > 0);
    assert.deepEqual(await listFiles(join(site.app.publicDirectory, 'ubuntu/pool')), [
      'main/h/hello/hello_2.0_amd64.deb',
    ]);
    assert.equal((await readdir(join(site.app.publicDirectory, 'ubuntu/dists/.espejo/xenial'))).length, 1);
  });

  test('of a publication that the configuration has no more keeps what clients can still ask for', async (t) => {
    const site = await makeManagedSite(t);
    await publishVersion(site, '1.0');
    await publishVersion(site, '2.0');
    const app = await site.forgetPublication();

    const early = await cleanUp(app, none, silentJob());
    site.advance(7 * 24 * 3600 + 1);
    const late = await cleanUp(app, none, silentJob());

    assert.equal(early.generations, 0);
    assert.deepEqual([late.generations, late.snapshots, late.files], [1, 1, 1]);
    assert.deepEqual(await site.pooled(), ['hello_2.0_amd64.deb']);
    const identity = { storage: '', prefix: 'ubuntu', distribution: 'xenial' };
    await dropPublication(app, { identity, force: false, skipCleanup: false }, silentJob());
    assert.deepEqual(await app.catalog.objects.all('snapshot'), []);
  });

  test('leaves a snapshot of ours that somebody has named', async (t) => {
    const site = await makeManagedSite(t, { keep_generations: 1, keep_by_hash: '1s' });
    const {
      snapshots: [from = ''],
    } = await publishVersion(site, '1.0');
    await renameSnapshot(site.app, { from, to: 'good' }, silentJob());
    await publishVersion(site, '2.0');

    await site.clean();

    assert.deepEqual(await site.pooled(), ['hello_1.0_amd64.deb', 'hello_2.0_amd64.deb']);
    assert.ok(await site.app.catalog.objects.find('snapshot', 'good'));
  });

  test('refuses to take more than the share that is allowed, and takes it without a limit', async (t) => {
    const site = await makeManagedSite(t, { keep_generations: 1, keep_by_hash: '1s' });
    for (const version of ['1.0', '2.0', '3.0']) await publishVersion(site, version);
    site.advance(1);

    const refused = site.clean({ maxRemovedShare: 0.6 });
    await assert.rejects(refused, (error: { code: string; message: string; hint: string }) => {
      assert.equal(error.code, 'E_CLEANUP_REFUSED');
      assert.match(error.message, /2 of 3 pool files .*66 %.*allows 60 %/);
      assert.match(error.hint, /espejo db cleanup/);
      return true;
    });
    const left = [await site.pooled(), await site.app.catalog.objects.allPackages()].map((all) => all.length);
    const { result } = await site.clean({ maxRemovedShare: 0.7 });

    assert.deepEqual(left, [3, 3]);
    assert.equal(result.files, 2);
  });

  test('leaves what links of -skip-cleanup lead to, although its snapshot was dropped', async () => {
    const root = await makeCommandRoot('espejo', {
      config: { FileSystemPublishEndpoints: { links: { rootDir: 'links', linkMethod: 'symlink' } } },
    });
    for (const version of ['1', '2']) {
      await root.output('repo', 'create', `r${version}`);
      const deb = await writeDeb(join(root.directory, 'debs'), `tool_${version}_amd64`);
      await root.output('repo', 'add', `r${version}`, deb);
      await root.output('snapshot', 'create', `s${version}`, 'from', 'repo', `r${version}`);
      await root.output('repo', 'drop', '-force', `r${version}`);
    }
    const endpoint = 'filesystem:links:.';
    await root.output('publish', 'snapshot', '-skip-signing', '-distribution=stable', 's1', endpoint);
    await root.output('publish', 'switch', '-skip-signing', '-skip-cleanup', 'stable', endpoint, 's2');
    await root.output('snapshot', 'drop', 's1');
    const pool = join(root.directory, 'root/links/pool');

    await root.output('db', 'cleanup');
    const kept = await Promise.all((await listFiles(pool)).map((path) => readFile(join(pool, path))));
    await root.output('publish', 'switch', '-skip-signing', 'stable', endpoint, 's2');
    const cleaned = await root.output('db', 'cleanup');

    assert.equal(kept.length, 2);
    assert.match(cleaned, /Deleting unreferenced files \(1\)/);
    assert.deepEqual(
      (await listFiles(pool)).map((path) => basename(path)),
      ['tool_2_amd64.deb'],
    );
  });
});

async function publishVersion(site: ManagedSite, version: string) {
  site.advance(60);
  await site.stock({ main: [{ name: 'hello', version }] });
  return await site.publish();
}
