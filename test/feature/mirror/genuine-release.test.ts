import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeAptlyRoot, skipWithoutAptly } from '../../support/aptly.ts';
import { type CommandRoot, makeCommandRoot } from '../../support/aptly-commands.ts';
import { skipWithoutXenial, xenialDirectory } from '../../support/xenial.ts';
import { startXenial } from '../../support/xenial-upstream.ts';

const keyring = join(xenialDirectory, 'keyrings/ubuntu-archive-keyring.gpg');

async function xenial(context: TestContext): Promise<{ readonly url: string; readonly root: CommandRoot }> {
  const upstream = await startXenial();
  context.after(() => upstream.close());
  return { url: upstream.url, root: await makeCommandRoot('aptly') };
}

test('mirrors of genuine suites are verified with the keyring of Ubuntu', {
  skip: skipWithoutXenial,
}, async (context) => {
  const { url, root } = await xenial(context);

  for (const suite of ['xenial', 'xenial-updates', 'xenial-security'])
    await root.output(
      'mirror',
      'create',
      `-keyring=${keyring}`,
      '-architectures=amd64,i386',
      suite,
      url,
      suite,
      'main',
      'universe',
    );
  const shown = await root.output('mirror', 'show', 'xenial-security');

  assert.match(shown, /^Components: main, universe\nArchitectures: amd64, i386\n/m);
  assert.match(shown, /^Suite: xenial-security$/m);
  assert.deepEqual(root.warnings(), []);
});

test('a genuine suite is shown as aptly shows it', {
  skip: skipWithoutXenial || skipWithoutAptly,
}, async (context) => {
  const { url, root } = await xenial(context);
  const aptly = await makeAptlyRoot();
  context.after(() => aptly.remove());
  const create = ['mirror', 'create', `-keyring=${keyring}`, 'm1', url, 'xenial'];
  const withoutNewLines = (text: string): string => text.replace('Download AppStream: no\n', '');

  await root.output(...create);
  await aptly.run(...create);
  const found = await root.output('mirror', 'show', 'm1');
  const wanted = await aptly.run('mirror', 'show', 'm1');

  assert.equal(withoutNewLines(found), wanted);
});
