import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  repoJson,
  repoListLines,
  repoShowJson,
  repoShowLines,
} from '../../../../src/aptly/objects/repo-text.ts';
import { repoText } from '../../../../src/catalog/labels.ts';
import { renderGoJson } from '../../../../src/go/go-json.ts';
import { makeRepoObject } from '../../../builders/library-objects.ts';

const packages = [{ name: 'a', version: '1', architecture: 'all' }];

describe('repoText', () => {
  it('has the comment when there is one', () => {
    assert.equal(repoText(makeRepoObject()), '[r1]');
    assert.equal(repoText(makeRepoObject({ comment: 'c' })), '[r1]: c');
  });
});

describe('repoListLines', () => {
  it('counts packages', () => {
    assert.deepEqual(repoListLines([{ repo: makeRepoObject({ comment: 'c' }), packageCount: 5 }], 'aptly'), [
      'List of local repos:',
      ' * [r1]: c (packages: 5)',
      '',
      'To get more information about local repository, run `aptly repo show <name>`.',
    ]);
  });

  it('says that there are none', () => {
    assert.deepEqual(repoListLines([], 'aptly'), [
      'No local repositories found, create one with `aptly repo create ...`.',
    ]);
  });
});

describe('repoShowLines', () => {
  it('shows settings, uploaders and packages', () => {
    const repo = makeRepoObject({
      comment: 'c',
      uploaders: {
        groups: { g2: ['a'], g1: ['x', 'y<'], g3: null },
        rules: [{ condition: '{b}', allow: [], deny: null }],
      },
    });

    assert.deepEqual(repoShowLines(repo, { packageCount: 1, packages }), [
      'Name: r1',
      'Comment: c',
      'Default Distribution: ',
      'Default Component: main',
      'Uploaders: {"groups":{"g1":["x","y\\u003c"],"g2":["a"],"g3":null},"rules":[{"condition":"{b}","allow":[],"deny":null}]}',
      'Number of packages: 1',
      'Packages:',
      '  a_1_all',
    ]);
  });

  it('has no line for uploaders that are not set', () => {
    assert.deepEqual(repoShowLines(makeRepoObject(), { packageCount: 0 }).slice(4), [
      'Number of packages: 0',
    ]);
  });
});

describe('repoJson', () => {
  it('has packages in show only, always', () => {
    const base = '{"Name":"r1","Comment":"","DefaultDistribution":"","DefaultComponent":"main"';

    assert.equal(renderGoJson(repoJson(makeRepoObject()), 0), `${base}}`);
    assert.equal(renderGoJson(repoShowJson(makeRepoObject()), 0), `${base},"Packages":[]}`);
    assert.equal(
      renderGoJson(repoShowJson(makeRepoObject(), packages), 0),
      `${base},"Packages":["a_1_all"]}`,
    );
  });
});
