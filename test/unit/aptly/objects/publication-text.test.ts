import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  publicationJson,
  publicationListJson,
  publicationListLines,
  publicationRawLines,
  publicationShowLines,
  sourcesListLines,
  stagedJson,
  stagedLines,
} from '../../../../src/aptly/objects/publication-text.ts';
import {
  type PublicationFacts,
  publicationPath,
  publicationText,
  storagePrefix,
} from '../../../../src/catalog/labels.ts';
import { renderGoJson } from '../../../../src/go/go-json.ts';
import {
  makePublicationObject,
  makeRepoObject,
  makeSnapshotObject,
} from '../../../builders/library-objects.ts';

const snapshots: PublicationFacts = {
  publication: makePublicationObject({
    storage: 'filesystem:disk',
    prefix: 'x/y',
    origin: 'O',
    notAutomatic: 'yes',
    butAutomaticUpgrades: 'no',
    label: 'L',
    suite: 'su',
    codename: 'cn',
    sources: { main: '1', contrib: '2' },
  }),
  sources: [
    ['contrib', { kind: 'snapshot', object: makeSnapshotObject({ name: 'm1', description: 'Merged' }) }],
    ['main', { kind: 'snapshot', object: makeSnapshotObject() }],
  ],
};

const repo: PublicationFacts = {
  publication: makePublicationObject({
    sourceKind: 'repo',
    sources: { main: '1' },
    architectures: ['amd64', 'source'],
  }),
  sources: [['main', { kind: 'repo', object: makeRepoObject({ comment: 'c' }) }]],
};

describe('publicationText', () => {
  it('has place, fields that are set, architectures and sources by component', () => {
    assert.equal(
      publicationText(snapshots),
      'filesystem:disk:x/y/sid (origin: O, notautomatic: yes, butautomaticupgrades: no, label: L, suite: su, codename: cn) [amd64, i386] publishes {contrib: [m1]: Merged}, {main: [s1]: Created as empty}',
    );
  });

  it('prints the root as a dot and no empty parentheses', () => {
    assert.equal(publicationText(repo), './sid [amd64, source] publishes {main: [r1]: c}');
    assert.equal(publicationPath(repo.publication), './sid');
  });
});

describe('storagePrefix', () => {
  it('names the endpoint unless it is the default', () => {
    assert.equal(storagePrefix(snapshots.publication), 'filesystem:disk:x/y');
    assert.equal(storagePrefix(repo.publication), '.');
  });
});

describe('publicationJson', () => {
  it('has null for no architectures', () => {
    const publication = makePublicationObject({ architectures: [] });

    assert.match(renderGoJson(publicationJson({ publication, sources: [] }), 0), /"Architectures":null/);
  });
});

describe('publicationListLines', () => {
  it('sorts by text', () => {
    assert.deepEqual(publicationListLines([snapshots, repo], 'aptly'), [
      'Published repositories:',
      `  * ${publicationText(repo)}`,
      `  * ${publicationText(snapshots)}`,
    ]);
  });

  it('says that there are none', () => {
    assert.deepEqual(publicationListLines([], 'aptly'), [
      'No snapshots/local repos have been published. Publish a snapshot by running `aptly publish snapshot ...`.',
    ]);
  });
});

describe('publicationRawLines', () => {
  it('has prefix and distribution', () => {
    assert.deepEqual(publicationRawLines([snapshots.publication, repo.publication]), [
      '. sid',
      'filesystem:disk:x/y sid',
    ]);
  });
});

describe('publicationShowLines', () => {
  it('shows sources by component', () => {
    assert.deepEqual(publicationShowLines(snapshots), [
      'Storage: filesystem:disk',
      'Prefix: x/y',
      'Distribution: sid',
      'Architectures: amd64 i386',
      'Sources:',
      '  contrib: m1 [snapshot]',
      '  main: s1 [snapshot]',
    ]);
  });

  it('leaves the default storage out', () => {
    assert.deepEqual(publicationShowLines(repo), [
      'Prefix: .',
      'Distribution: sid',
      'Architectures: amd64 source',
      'Sources:',
      '  main: r1 [local]',
    ]);
  });
});

describe('publicationListJson', () => {
  it('has the keys of 1.6 in alphabetical order, objects by path', () => {
    const text = renderGoJson(publicationListJson([snapshots, repo]), 0);

    assert.equal(
      text,
      '[{"AcquireByHash":false,"Architectures":["amd64","source"],"ButAutomaticUpgrades":"","Codename":"","Distribution":"sid","Label":"","MultiDist":false,"NotAutomatic":"","Origin":"","Path":"./sid","Prefix":".","SignedBy":"","SkipContents":false,"SourceKind":"local","Sources":[{"Component":"main","Name":"r1"}],"Storage":"","Suite":"","Version":""},{"AcquireByHash":false,"Architectures":["amd64","i386"],"ButAutomaticUpgrades":"no","Codename":"cn","Distribution":"sid","Label":"L","MultiDist":false,"NotAutomatic":"yes","Origin":"O","Path":"filesystem:disk:x/y/sid","Prefix":"x/y","SignedBy":"","SkipContents":false,"SourceKind":"snapshot","Sources":[{"Component":"contrib","Name":"m1"},{"Component":"main","Name":"s1"}],"Storage":"filesystem:disk","Suite":"su","Version":""}]',
    );
  });
});

describe('staged sources', () => {
  it('are shown by component', () => {
    const staged = { main: 'b', contrib: 'a' };

    assert.deepEqual(stagedLines({ sourceKind: 'repo' }, staged), [
      'Sources:',
      '  contrib: a [local]',
      '  main: b [local]',
    ]);
    assert.deepEqual(stagedJson(staged), [
      { Component: 'contrib', Name: 'a' },
      { Component: 'main', Name: 'b' },
    ]);
  });
});

describe('sourcesListLines', () => {
  it('has components by name and the prefix unless it is the root', () => {
    assert.deepEqual(sourcesListLines(snapshots.publication, 'http://your-server/'), [
      'deb http://your-server/x/y/ sid contrib main',
    ]);
  });

  it('has a line for sources when they are published', () => {
    assert.deepEqual(sourcesListLines(repo.publication, 'http://host:8080/'), [
      'deb http://host:8080/ sid main',
      'deb-src http://host:8080/ sid main',
    ]);
  });
});
