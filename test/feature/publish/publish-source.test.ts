import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { makePublicationObject, makeSnapshotObject } from '../../builders/library-objects.ts';
import { type CommandRoot, makeCommandRoot } from '../../support/aptly-commands.ts';

describe('publish source', () => {
  let root: CommandRoot;

  beforeEach(async () => {
    root = await makeCommandRoot();
    await root.withApp(async ({ catalog }) => {
      const list = await catalog.keepList([]);
      const snapshot = makeSnapshotObject({ uuid: 'u1', name: 's1', list });
      const publication = makePublicationObject({
        uuid: 'u2',
        name: './stable',
        prefix: '.',
        distribution: 'stable',
        sourceKind: 'snapshot',
        sources: { main: 'u1' },
        lists: { main: list },
      });
      await catalog.objects.change([
        { save: 'snapshot', object: snapshot },
        { save: 'publication', object: publication },
      ]);
    });
  });

  const staged = async (): Promise<string> => await root.output('publish', 'source', 'list', 'stable');

  it('stages additions on top of what is published', async () => {
    const stdout = await root.output('publish', 'source', 'add', '-component=a,b', 'stable', 's2', 's3');

    const lines = ["Adding component 'a' with source 's2' [snapshot]..."];
    lines.push("Adding component 'b' with source 's3' [snapshot]...", '');
    lines.push(
      "You can run 'espejo publish update stable .' to update the content of the published repository.",
    );
    assert.equal(stdout, `${lines.join('\n')}\n`);
    assert.equal(await staged(), 'Sources:\n  a: s2 [snapshot]\n  b: s3 [snapshot]\n  main: s1 [snapshot]\n');
  });

  it('updates, removes and replaces components', async () => {
    await root.output('publish', 'source', 'update', '-component=main', 'stable', 's9');
    const updated = await staged();
    const removed = await root.output('publish', 'source', 'remove', '-component=main', 'stable');
    await root.output('publish', 'source', 'replace', '-component=x', 'stable', 's4');

    const json = await root.output('publish', 'source', 'list', '-json', 'stable');

    assert.equal(updated, 'Sources:\n  main: s9 [snapshot]\n');
    assert.match(removed, /^Removing component 'main' with source 's9' \[snapshot\]\.\.\.$/m);
    assert.deepEqual(JSON.parse(json), [{ Component: 'x', Name: 's4' }]);
  });

  it('forgets what was staged', async () => {
    await root.output('publish', 'source', 'update', '-component=main', 'stable', 's9');

    const stdout = await root.output('publish', 'source', 'drop', 'stable');

    assert.equal(stdout, 'Source changes have been removed successfully.\n');
    const { error } = await root.run('publish', 'source', 'list', 'stable');
    assert.equal(error, 'unable to list: No source changes exist');
  });

  it('saves nothing when one component does not fit', async () => {
    const errors = [];
    for (const words of [
      ['add', '-component=new,main', 'stable', 's2', 's2'],
      ['update', '-component=main,nope', 'stable', 's2', 's2'],
      ['remove', '-component=main,nope', 'stable'],
      ['add', '-component=a,b', 'stable', 's2'],
      ['add', '-component=a', 'nope', 's2'],
      ['drop', 'nope'],
    ])
      errors.push((await root.run('publish', 'source', ...words)).error);

    assert.deepEqual(errors, [
      "unable to add: component 'main' has already been added",
      "unable to update: component 'nope' does not exist",
      "unable to remove: component 'nope' does not exist",
      'mismatch in number of components (2) and sources (1)',
      'unable to add: published repo with storage:prefix/distribution ./nope not found',
      'unable to drop: published repo with storage:prefix/distribution ./nope not found',
    ]);
    const { error } = await root.run('publish', 'source', 'list', 'stable');
    assert.equal(error, 'unable to list: No source changes exist');
  });
});

describe('publish list and show', () => {
  it('show publications as text, raw and JSON', async () => {
    const root = await makeCommandRoot();
    await root.withApp(({ catalog }) =>
      catalog.objects.change([
        {
          save: 'publication',
          object: makePublicationObject({
            uuid: 'u',
            storage: 'filesystem:x',
            prefix: 'a/b',
            name: 'filesystem:x:a/b/stable',
            distribution: 'stable',
          }),
        },
      ]),
    );

    const raw = await root.output('publish', 'list', '-raw');
    const shown = await root.output('publish', 'show', 'stable', 'filesystem:x:/a/b/');
    const json = JSON.parse(await root.output('publish', 'list', '-json'));
    const unknown = await root.run('publish', 'show', 'stable');

    assert.equal(raw, 'filesystem:x:a/b stable\n');
    assert.match(shown, /^Storage: filesystem:x\nPrefix: a\/b\nDistribution: stable\n/);
    assert.equal(json[0].Path, 'filesystem:x:a/b/stable');
    assert.equal(
      unknown.error,
      'unable to show: published repo with storage:prefix/distribution ./stable not found',
    );
  });
});
