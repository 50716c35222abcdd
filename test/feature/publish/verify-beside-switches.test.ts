import assert from 'node:assert/strict';
import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { verifyAll } from '../../../src/publish/verify-all.ts';
import { writeDeb } from '../../builders/library-packages.ts';
import { type CommandRoot, makeCommandRoot } from '../../support/aptly-commands.ts';
import { silentJob } from '../../support/open-test-app.ts';
import { listFiles } from '../../support/publishing.ts';

describe('verify', () => {
  test('tells nothing wrong of publications that are switched a hundred times meanwhile', async () => {
    const root = await rootWithSnapshots();
    await root.output('publish', 'snapshot', '-skip-signing', '-distribution=stable', 's1');
    let isSwitching = true;
    let walks = 0;

    const switches = async (): Promise<void> => {
      for (let at = 0; at < 100; at += 1)
        await root.output('publish', 'switch', '-skip-signing', 'stable', at % 2 === 0 ? 's2' : 's1');
      isSwitching = false;
    };
    const verifying = root.withApp(async (app) => {
      while (isSwitching) {
        const [result] = await verifyAll(app, [], silentJob());
        assert.equal(result?.packages, 3);
        walks += 1;
      }
    });
    await Promise.all([switches(), verifying]);

    assert.ok(walks > 5, `${walks} walks`);
  });

  test('still finds what is damaged after a switch', async () => {
    const root = await rootWithSnapshots();
    await root.output('publish', 'snapshot', '-skip-signing', '-distribution=stable', 's1');
    await root.output('publish', 'switch', '-skip-signing', 'stable', 's2');
    const pool = join(root.directory, 'root/public/pool');
    const [file = ''] = (await listFiles(pool)).filter((path) => path.includes('beta'));
    await truncate(join(pool, file), 10);

    const verifying = root.withApp((app) => verifyAll(app, [], silentJob()));

    await assert.rejects(verifying, { code: 'E_VERIFY_FAILED' });
  });
});

/** `s1` and `s2` have three packages each, of which they share one. */
async function rootWithSnapshots(): Promise<CommandRoot> {
  // With a date from outside no switch has to wait for the next second, and names of generations come again.
  const root = await makeCommandRoot('espejo', { env: { SOURCE_DATE_EPOCH: '1700000000' } });
  for (const [at, labels] of [
    ['1', ['alpha_1_amd64', 'beta_1_amd64', 'gamma_1_amd64']],
    ['2', ['alpha_1_amd64', 'beta_2_amd64', 'gamma_2_amd64']],
  ] as const) {
    const debs = join(root.directory, `debs${at}`);
    for (const label of labels) await writeDeb(debs, label);
    await root.output('repo', 'create', `r${at}`);
    await root.output('repo', 'add', `r${at}`, debs);
    await root.output('snapshot', 'create', `s${at}`, 'from', 'repo', `r${at}`);
  }
  return root;
}
