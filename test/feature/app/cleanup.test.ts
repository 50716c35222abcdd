import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { cleanUpByPolicy } from '../../../src/upkeep/cleanup-by-policy.ts';
import { makeCommandSite } from '../../support/daemon.ts';
import { type ManagedSite, makeManagedSite } from '../../support/managed-site.ts';
import { silentJob } from '../../support/open-test-app.ts';

const stray = `${'0'.repeat(28)}_left_1.0_amd64.deb`;

describe('the cleanup of a daemon', () => {
  test('runs by its own schedule and says what it freed', async (t) => {
    const site = await makeCommandSite(t, 'cleanup:\n  schedule: "* * * * * *"\n  max_removed_share: 100%\n');
    const directory = join(site.root, 'pool/ab/cd');
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, stray), Buffer.alloc(2048));

    const daemon = site.start('daemon', '-listen=127.0.0.1:0');
    await daemon.said(/"event":"cleanup"[^\n]*1 pool file; freed 2\.00 KiB/);
    await daemon.said(/"event":"cleanup"[^\n]*nothing to remove/);
    daemon.child.kill('SIGTERM');

    assert.equal(await daemon.ended(), 0);
    assert.equal(existsSync(join(directory, stray)), false);
  });

  test('is off when the configuration says so', async (t) => {
    const site = await makeCommandSite(
      t,
      'cleanup:\n  enabled: false\n  schedule: "* * * * * *"\nschedule:\n  sync: "* * * * * *"\n',
    );

    const daemon = site.start('daemon', '-listen=127.0.0.1:0');
    await daemon.said(/: unchanged[\s\S]*: unchanged/);
    daemon.child.kill('SIGTERM');
    await daemon.ended();

    assert.doesNotMatch(daemon.stderr(), /cleanup/);
  });

  test('keeps disk use even over many publishes with the default policy', async (t) => {
    const site = await makeManagedSite(t);
    const sizes: number[] = [];

    for (let day = 1; day <= 20; day += 1) {
      await publishVersion(site, `${day}.0`);
      await cleanUpByPolicy(site.app, silentJob());
      sizes.push((await site.pooled()).length);
    }

    // Seven days within the reach of clients, and the current one.
    assert.deepEqual(sizes, [1, 2, 3, 4, 5, 6, 7, ...Array.from({ length: 13 }, () => 8)]);
    assert.equal((await site.app.catalog.objects.all('snapshot')).length, 8);
  });

  test('refuses an unusual share with a warning that names the command, and removes nothing', async (t) => {
    const site = await makeManagedSite(t, { keep_generations: 1, keep_by_hash: '1h' });
    for (const version of ['1.0', '2.0', '3.0']) await publishVersion(site, version);
    site.advance(3600);
    const warnings: string[] = [];

    const { outcome } = await cleanUpByPolicy(site.app, {
      ...silentJob(),
      report: (event) => event.type === 'warning' && warnings.push(event.message),
    });

    assert.equal(outcome, 'refused');
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /2 of 3 pool files.*cleanup\.max_removed_share.*run "espejo db cleanup"/);
    assert.equal((await site.pooled()).length, 3);
  });
});

async function publishVersion(site: ManagedSite, version: string): Promise<void> {
  site.advance(24 * 3600);
  await site.stock({ main: [{ name: 'hello', version }] });
  await site.publish();
}
