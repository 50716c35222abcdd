import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packagesIn, plannedBytes, planSync } from '../../../src/mirror/plan.ts';
import { Universe } from '../../../src/mirror/universe.ts';
import { makePackage, makeSource, universeOf } from '../../builders/universe.ts';
import { testMirror, testSigner } from '../../support/syncing.ts';

const signer = await testSigner();
const urlsOf = (suite: number, path: string): readonly string[] => [`http://suite${suite}/${path}`];

test('each place is asked for a file by the path that it gives', () => {
  const universe = new Universe();
  universe.add({ suite: 0, component: 'main', package: makePackage('alpha', '1') });
  universe.add({
    suite: 1,
    component: 'main',
    package: makePackage('alpha', '1', { Filename: 'other/alpha_1_amd64.deb' }),
  });

  const { files } = planSync(testMirror('http://x/', signer), universe, urlsOf);

  assert.deepEqual(
    files.map(({ urls }) => urls()),
    [['http://suite0/pool/alpha_1_amd64.deb', 'http://suite1/other/alpha_1_amd64.deb']],
  );
});

test('a file has every name that a place gives it', () => {
  const universe = new Universe();
  universe.add({ suite: 0, component: 'main', package: makePackage('alpha', '1') });
  universe.add({
    suite: 1,
    component: 'main',
    package: makePackage('alpha', '1', { Filename: 'pool/renamed.deb' }),
  });

  const { files } = planSync(testMirror('http://x/', signer), universe, urlsOf);

  assert.deepEqual(
    files.map(({ file }) => file.name),
    ['alpha_1_amd64.deb', 'renamed.deb'],
  );
});

test('each suite gets the packages that it lists, as it describes them', () => {
  const universe = new Universe();
  universe.add({ suite: 0, component: 'main', package: makePackage('alpha', '1', { Section: 'old' }) });
  universe.add({ suite: 1, component: 'main', package: makePackage('alpha', '1', { Section: 'new' }) });

  const plan = planSync(testMirror('http://x/', signer), universe, urlsOf);

  const sectionIn = (suite: number): readonly string[] =>
    packagesIn(plan, suite, 'main').map((one) => (one.kind === 'source' ? '' : one.section));
  assert.deepEqual([sectionIn(0), sectionIn(1)], [['old'], ['new']]);
  assert.deepEqual(packagesIn(plan, 0, 'universe'), []);
});

test('conflicts within a suite are told of selected packages alone', () => {
  const universe = new Universe();
  for (const name of ['alpha', 'unwanted']) {
    universe.add({ suite: 0, component: 'main', package: makePackage(name, '1', {}, 'one') });
    universe.add({ suite: 0, component: 'main', package: makePackage(name, '1', {}, 'two') });
  }

  const plan = planSync(testMirror('http://x/', signer), universe, urlsOf);

  assert.deepEqual(plan.conflicts, ['alpha_1_amd64']);
  assert.equal(packagesIn(plan, 0, 'main').length, 1);
});

test('each suite keeps its own build of one version, and what that needs comes along', () => {
  const universe = new Universe();
  const builds = [
    makePackage('alpha', '1', { Depends: 'old' }, 'focal'),
    makePackage('alpha', '1', { Depends: 'old, new' }, 'jammy'),
  ];
  for (const [suite, one] of builds.entries()) universe.add({ suite, component: 'main', package: one });
  for (const name of ['old', 'new'])
    universe.add({ suite: 1, component: 'main', package: makePackage(name, '1') });

  const plan = planSync(testMirror('http://x/', signer), universe, urlsOf);

  const keysIn = (suite: number): readonly string[] => packagesIn(plan, suite, 'main').map(({ key }) => key);
  assert.deepEqual(keysIn(0), [builds[0]?.key]);
  assert.equal(keysIn(1)[0], builds[1]?.key);
  assert.deepEqual([plan.files.length, plan.conflicts, plan.unsatisfied], [4, [], []]);
});

test('a source is found by the name and version that the binary gives', () => {
  const universe = universeOf([
    makePackage('alpha', '1+b1', { Source: 'src (1)' }),
    makePackage('beta', '2'),
  ]);
  universe.addSource({ suite: 0, component: 'main', package: makeSource('src', '1') });

  const plan = planSync(
    testMirror('http://x/', signer, { packages: ['alpha', 'beta'], sources: true }),
    universe,
    urlsOf,
  );

  assert.deepEqual(
    plan.sources.map((one) => one.package.label),
    ['src_1_source'],
  );
  assert.deepEqual(
    plan.unsatisfied.map(({ package: label, field, relation }) => [label, field, relation]),
    [['beta_2_amd64', 'Source', 'beta (= 2)']],
  );
  assert.equal(
    plannedBytes(plan.files),
    plan.files.reduce((sum, { file }) => sum + file.facts.size, 0),
  );
});
