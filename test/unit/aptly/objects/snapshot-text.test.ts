import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  snapshotJson,
  snapshotListLines,
  snapshotOrder,
  snapshotShowLines,
  sortSnapshots,
} from '../../../../src/aptly/objects/snapshot-text.ts';
import { sourceWord } from '../../../../src/aptly/objects/source.ts';
import { renderGoJson } from '../../../../src/go/go-json.ts';
import { makeMirrorObject, makeRepoObject, makeSnapshotObject } from '../../../builders/library-objects.ts';

describe('snapshotListLines', () => {
  it('shows descriptions in the order given', () => {
    assert.deepEqual(snapshotListLines([makeSnapshotObject()], 'aptly'), [
      'List of snapshots:',
      ' * [s1]: Created as empty',
      '',
      'To get more information about snapshot, run `aptly snapshot show <name>`.',
    ]);
  });

  it('says that there are none', () => {
    assert.deepEqual(snapshotListLines([], 'aptly'), [
      '',
      'No snapshots found, create one with `aptly snapshot create...`.',
    ]);
  });
});

describe('snapshotOrder', () => {
  it('knows two orders in two spellings', () => {
    assert.deepEqual(['name', 'Name', 'time', 'Time', 'TIME', ''].map(snapshotOrder), [
      'name',
      'name',
      'time',
      'time',
      undefined,
      undefined,
    ]);
  });
});

describe('sortSnapshots', () => {
  it('sorts by name or by time', () => {
    const snapshots = ['b 1', 'c 1', 'a 2'].map((text) => {
      const [name = '', createdAt = ''] = text.split(' ');
      return makeSnapshotObject({ name, createdAt: Number(createdAt) });
    });

    assert.deepEqual(
      sortSnapshots(snapshots, 'name').map(({ name }) => name),
      ['a', 'b', 'c'],
    );
    assert.deepEqual(
      sortSnapshots(snapshots, 'time').map(({ name }) => name),
      ['b', 'c', 'a'],
    );
  });
});

describe('snapshotShowLines', () => {
  it('shows sources with the words that aptly has for them', () => {
    const lines = snapshotShowLines(makeSnapshotObject(), {
      packageCount: 1,
      packages: [{ name: 'a', version: '1', architecture: 'all' }],
      sources: [
        { kind: 'mirror', object: makeMirrorObject() },
        { kind: 'repo', object: makeRepoObject() },
        { kind: 'snapshot', object: makeSnapshotObject({ name: 's0' }) },
      ],
    });

    assert.deepEqual(lines, [
      'Name: s1',
      'Created At: 2026-11-22 20:52:04 UTC',
      'Description: Created as empty',
      'Number of packages: 1',
      'Sources:',
      '  sid [repo]',
      '  r1 [local]',
      '  s0 [snapshot]',
      'Packages:',
      '  a_1_all',
    ]);
  });

  it('has no section for no sources', () => {
    const lines = snapshotShowLines(makeSnapshotObject(), { packageCount: 0, sources: [] });

    assert.equal(lines.at(-1), 'Number of packages: 0');
  });
});

describe('snapshotJson', () => {
  const start = '{"Name":"s1","CreatedAt":"2026-11-22T20:52:04.12Z","SourceKind":"snapshot"';
  const end = '"Description":"Created as empty","Origin":"","NotAutomatic":"","ButAutomaticUpgrades":""';

  it('leaves out what is empty', () => {
    assert.equal(renderGoJson(snapshotJson(makeSnapshotObject()), 0), `${start},${end}}`);
  });

  it('has sources, packages and AppStream files where aptly has them', () => {
    const object = snapshotJson(makeSnapshotObject({ appStreamFiles: { b: '2', a: '1' } }), {
      packages: [{ name: 'a', version: '1', architecture: 'all' }],
      sources: [
        { kind: 'repo', object: makeRepoObject() },
        { kind: 'snapshot', object: makeSnapshotObject() },
        { kind: 'mirror', object: makeMirrorObject() },
      ],
    });

    const text = renderGoJson(object, 0);

    assert.ok(text.startsWith(`${start},"Snapshots":[${start},${end}}],"RemoteRepos":[{"UUID":`), text);
    assert.ok(
      text.endsWith(
        `"LocalRepos":[{"Name":"r1","Comment":"","DefaultDistribution":"","DefaultComponent":"main"}],"Packages":["a_1_all"],${end},"AppStreamFiles":{"a":"1","b":"2"}}`,
      ),
      text,
    );
  });
});

describe('sourceWord', () => {
  it('calls a mirror repo and a repository local', () => {
    assert.deepEqual((['mirror', 'repo', 'snapshot'] as const).map(sourceWord), [
      'repo',
      'local',
      'snapshot',
    ]);
  });
});
