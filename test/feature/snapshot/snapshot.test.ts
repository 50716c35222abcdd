import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import type { MirrorObject } from '../../../src/catalog/objects.ts';
import { makeMirrorObject, makePublicationObject } from '../../builders/library-objects.ts';
import { addRepoOf, writeDeb } from '../../builders/library-packages.ts';
import { type CommandRoot, makeCommandRoot } from '../../support/aptly-commands.ts';
import { whileHeld, withoutHolder } from '../../support/held-mirror.ts';

async function addMirror(root: CommandRoot, changes: Partial<MirrorObject>): Promise<MirrorObject> {
  return await root.withApp(async ({ catalog }) => {
    const list = (await catalog.objects.find('repo', 'base'))?.list ?? null;
    const object = makeMirrorObject({ uuid: randomUUID(), list, ...changes });
    await catalog.objects.change([{ save: 'mirror', object }]);
    return object;
  });
}

async function makeRoot(): Promise<CommandRoot> {
  const root = await makeCommandRoot();
  const debs = join(root.directory, 'debs');
  const paths = [
    await writeDeb(debs, 'alpha_1_amd64', { Depends: 'beta' }),
    await writeDeb(debs, 'beta_1_amd64'),
    await writeDeb(debs, 'gamma_1_all'),
  ];
  await root.withApp((app) => addRepoOf(app, { name: 'base' }, paths));
  await root.output('snapshot', 'create', 's', 'from', 'repo', 'base');
  return root;
}

describe('snapshot create', () => {
  let root: CommandRoot;

  before(async () => {
    root = await makeRoot();
  });

  it('keeps what a mirror has, and of its Release file what publishing needs', async () => {
    const meta = { Origin: 'O', NotAutomatic: 'yes', ButAutomaticUpgrades: 'no', Suite: 'x' };
    await addMirror(root, { name: 'm', meta, appStreamFiles: { 'main/dep11/a': '12/34/a' } });

    const stdout = await root.output('snapshot', 'create', 'of-mirror', 'from', 'mirror', 'm');

    const shown = JSON.parse(await root.output('snapshot', 'show', '-json', '-with-packages', 'of-mirror'));
    assert.equal(
      stdout,
      "\nSnapshot of-mirror successfully created.\nYou can run 'espejo publish snapshot of-mirror' to publish snapshot as Debian repository.\n",
    );
    assert.deepEqual(
      [shown.SourceKind, shown.Origin, shown.NotAutomatic, shown.ButAutomaticUpgrades, shown.Description],
      ['repo', 'O', 'yes', 'no', 'Snapshot from mirror [m]: http://host/debian/ sid'],
    );
    assert.deepEqual(shown.Packages, ['alpha_1_amd64', 'beta_1_amd64', 'gamma_1_all']);
    assert.deepEqual(shown.AppStreamFiles, { 'main/dep11/a': '12/34/a' });
    assert.equal(shown.RemoteRepos[0].Name, 'm');
  });

  it('refuses a mirror that was never updated', async () => {
    await addMirror(root, { name: 'new', list: null });

    const { error, code } = await root.run('snapshot', 'create', 'x', 'from', 'mirror', 'new');

    assert.deepEqual([error, code], ['unable to create snapshot: mirror not updated', 'E_MIRROR_EMPTY']);
  });

  it('refuses a mirror while it is being updated, and takes it afterwards', async () => {
    const busy = await addMirror(root, { name: 'busy' });

    const { error, code } = await whileHeld(join(root.directory, 'root'), busy, () =>
      root.run('snapshot', 'create', 'x', 'from', 'mirror', 'busy'),
    );
    const after = await root.run('snapshot', 'create', 'of-busy', 'from', 'mirror', 'busy');

    const wanted = `unable to create snapshot: mirror is locked by update operation, PID ${process.pid}`;
    assert.deepEqual([withoutHolder(error), code], [wanted, 'E_OBJECT_IN_USE']);
    assert.equal(after.error, undefined);
  });

  it('takes a mirror that an espejo of before left marked by a process id, be it alive or not', async () => {
    const marked = { name: 'marked', workerPid: process.pid };
    await addMirror(root, marked);

    const { error } = await root.run('snapshot', 'create', 'of-marked', 'from', 'mirror', 'marked');

    assert.equal(error, undefined);
    assert.match(await root.output('mirror', 'show', 'marked'), /^Name: marked\nArchive Root/);
  });
});

describe('snapshot list', () => {
  it('refuses an order that there is not', async () => {
    const root = await makeRoot();

    const plain = await root.run('snapshot', 'list', '-sort=size');
    const raw = await root.run('snapshot', 'list', '-raw', '-sort=size');

    assert.deepEqual([plain.error, plain.code], ['sorting method "size" unknown', 'E_BAD_VALUE']);
    assert.equal(raw.code, 'E_BAD_VALUE');
  });
});

describe('snapshot drop', () => {
  it('never drops what is published', async () => {
    const root = await makeRoot();
    await root.withApp(async ({ catalog: { objects } }) => {
      const uuid = (await objects.find('snapshot', 's'))?.uuid ?? '';
      const object = makePublicationObject({ uuid: randomUUID(), sources: { main: uuid } });
      await objects.change([{ save: 'publication', object }]);
    });

    const { stdout, error, code } = await root.run('snapshot', 'drop', '-force', 's');

    assert.deepEqual([error, code], ['unable to drop: snapshot is published', 'E_OBJECT_IN_USE']);
    assert.equal(
      stdout,
      'Snapshot `s` is published currently:\n * ./sid [amd64, i386] publishes {main: [s]: Snapshot from local repo [base]}\n',
    );
  });

  it('leaves what was made from it, without it as a source', async () => {
    const root = await makeRoot();
    await root.output('snapshot', 'merge', 'm', 's');

    await root.output('snapshot', 'drop', '-force', 's');

    const lines = (await root.output('snapshot', 'show', 'm')).split('\n');
    assert.deepEqual(lines.slice(2), ["Description: Merged from sources: 's'", 'Number of packages: 3', '']);
  });
});

describe('snapshot merge', () => {
  it('unites AppStream files, the later ones over the earlier', async () => {
    const root = await makeRoot();
    await addMirror(root, { name: 'a', appStreamFiles: { one: 'a1', two: 'a2' } });
    await addMirror(root, { name: 'b', appStreamFiles: { two: 'b2' } });
    await root.output('snapshot', 'create', 'sa', 'from', 'mirror', 'a');
    await root.output('snapshot', 'create', 'sb', 'from', 'mirror', 'b');

    await root.output('snapshot', 'merge', 'm', 'sa', 'sb');

    const { AppStreamFiles } = JSON.parse(await root.output('snapshot', 'show', '-json', 'm'));
    assert.deepEqual(AppStreamFiles, { one: 'a1', two: 'b2' });
  });
});

describe('package queries of commands', () => {
  it('come from a file with @, while the description keeps the argument', async () => {
    const root = await makeRoot();
    await writeFile(join(root.directory, 'q'), 'alpha |\n gamma\n');

    await root.output('snapshot', 'filter', 's', 'f', '@q');

    const { Packages, Description } = JSON.parse(
      await root.output('snapshot', 'show', '-json', '-with-packages', 'f'),
    );
    assert.deepEqual(
      [Packages, Description],
      [['alpha_1_amd64', 'gamma_1_all'], "Filtered 's', query was: '@q'"],
    );
  });

  it('name the file that cannot be read', async () => {
    const root = await makeRoot();

    const { error, code } = await root.run('snapshot', 'search', 's', '@absent');

    assert.equal(code, 'E_IO');
    assert.match(error ?? '', /^unable to search: unable to read package query from file absent: ENOENT/);
  });

  it('leave nothing behind when they cannot be parsed', async () => {
    const root = await makeRoot();

    const { code } = await root.run('snapshot', 'pull', 's', 's', 'x', '(');

    assert.equal(code, 'E_QUERY_SYNTAX');
    assert.equal(await root.output('snapshot', 'list', '-raw'), 's\n');
  });
});

describe('package show', () => {
  it('names the mirrors, repositories and snapshots that have a package, by name', async () => {
    const root = await makeRoot();
    await addMirror(root, { name: 'm2' });
    await addMirror(root, { name: 'm1' });
    await root.output('snapshot', 'filter', 's', 'without', '!gamma');

    const shown = await root.output('package', 'show', '-with-references', 'gamma');

    assert.deepEqual(shown.split('\n').slice(-7), [
      'References to package:',
      '  mirror [m1]: http://host/debian/ sid',
      '  mirror [m2]: http://host/debian/ sid',
      '  local repo [base]',
      '  snapshot [s]: Snapshot from local repo [base]',
      '',
      '',
    ]);
  });
});
