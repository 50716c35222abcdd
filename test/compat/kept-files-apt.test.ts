import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { cleanUp } from '../../src/upkeep/cleanup.ts';
import { writeDeb } from '../builders/library-packages.ts';
import { makeAptClient } from '../support/apt-client.ts';
import { type CommandRoot, makeCommandRoot } from '../support/aptly-commands.ts';
import { silentJob } from '../support/open-test-app.ts';
import { skipWithout } from '../support/programs.ts';
import { listFiles } from '../support/publishing.ts';

const skip = skipWithout('apt-get', '--version');

describe('an apt that holds the list of before a switch', { skip }, () => {
  it('still gets the packages that were removed, until their time is over', async (t) => {
    const root = await publishedRoot({ keepRemovedFiles: '1d' });
    const client = await makeAptClient(t, { sources: [sourceLine(root)], key: new Uint8Array() });
    const lists = await client.apt('update');
    const old = await byHashFiles(root);

    for (const snapshot of ['two', 'three'])
      await root.output('publish', 'switch', '-skip-signing', 'stable', snapshot);
    await root.output('snapshot', 'drop', 'one');
    const held = await client.apt('download', '-q', 'gone');
    const heldHashes = await byHashFiles(root);
    const early = await cleanAt(root, 23 * 3600);
    const stillHeld = await client.apt('download', '-q', 'tool=1.0');
    const late = await cleanAt(root, 25 * 3600);
    // apt fetches no file again that lies in its directory already.
    await rm(join(client.directory, 'gone_1.0_amd64.deb'));
    const after = await client.apt('download', '-q', 'gone');

    assert.deepEqual([lists.status, held.status, stillHeld.status], [0, 0, 0], held.stderr);
    assert.ok(old.length > 0 && old.every((path) => heldHashes.includes(path)));
    assert.deepEqual([early.generations, early.files, late.generations], [0, 0, 2]);
    assert.equal(late.files, 2);
    assert.notEqual(after.status, 0);
    assert.deepEqual(await pooled(root), ['tool_3.0_amd64.deb']);
  });

  it('gets an error without the setting, as with aptly', async (t) => {
    const root = await publishedRoot({});
    const client = await makeAptClient(t, { sources: [sourceLine(root)], key: new Uint8Array() });
    await client.apt('update');

    await root.output('publish', 'switch', '-skip-signing', 'stable', 'two');

    assert.notEqual((await client.apt('download', '-q', 'gone')).status, 0);
    assert.deepEqual(await pooled(root), ['tool_2.0_amd64.deb']);
  });

  it('a later publish removes what has had its time', async () => {
    const root = await publishedRoot({ keepRemovedFiles: '1s' });
    await root.output('publish', 'switch', '-skip-signing', 'stable', 'two');

    // Each publish waits for the second after the one before.
    await root.output('publish', 'switch', '-skip-signing', 'stable', 'three');
    await root.output('publish', 'switch', '-skip-signing', 'stable', 'two');

    assert.ok(!(await pooled(root)).includes('gone_1.0_amd64.deb'));
  });
});

/** `one` is published of `one`, `two` and `three`; `gone` is in the first alone. */
async function publishedRoot(config: object): Promise<CommandRoot> {
  const root = await makeCommandRoot('espejo', { config });
  const contents = {
    one: ['tool_1.0_amd64', 'gone_1.0_amd64'],
    two: ['tool_2.0_amd64'],
    three: ['tool_3.0_amd64'],
  };
  for (const [name, labels] of Object.entries(contents)) {
    await root.output('repo', 'create', name);
    for (const label of labels)
      await root.output('repo', 'add', name, await writeDeb(join(root.directory, 'debs'), label));
    await root.output('snapshot', 'create', name, 'from', 'repo', name);
    await root.output('repo', 'drop', '-force', name);
  }
  await root.output(
    'publish',
    'snapshot',
    '-skip-signing',
    '-acquire-by-hash',
    '-distribution=stable',
    'one',
  );
  return root;
}

function sourceLine({ directory }: CommandRoot): string {
  return `deb [arch=amd64 trusted=yes] copy:${join(directory, 'root/public')} stable main`;
}

async function cleanAt(root: CommandRoot, seconds: number) {
  const now = (): Date => new Date(Date.now() + seconds * 1000);
  const request = { dryRun: false };
  return await root.withApp((app) => cleanUp({ ...app, now }, request, silentJob()));
}

async function byHashFiles({ directory }: CommandRoot): Promise<readonly string[]> {
  const stable = join(directory, 'root/public/dists/stable');
  return (await listFiles(`${stable}/main`)).filter((path) => path.includes('by-hash'));
}

async function pooled({ directory }: CommandRoot): Promise<readonly string[]> {
  return (await listFiles(join(directory, 'root/public/pool'))).map((path) => path.replace(/^.*\//, ''));
}
