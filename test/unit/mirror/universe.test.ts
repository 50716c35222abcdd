import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRelations } from '../../../src/deb/relations.ts';
import { type Candidate, Universe, variantsOf } from '../../../src/mirror/universe.ts';
import { makePackage, makeSource, universeOf } from '../../builders/universe.ts';

function labels(found: readonly Candidate[]): readonly string[] {
  return found.map((one) => one.package.label);
}

function satisfying(universe: Universe, text: string, architecture = 'amd64'): readonly string[] {
  const relation = parseRelations(text, 'test')[0]?.[0];
  assert.ok(relation !== undefined);
  return labels(universe.satisfying(relation, architecture));
}

test('names are listed newest first, also after more was added', () => {
  const universe = universeOf([makePackage('a', '1.9'), makePackage('a', '1.10')]);
  const before = labels(universe.named('a'));

  universe.add({ suite: 0, component: 'main', package: makePackage('a', '1:0') });

  assert.deepEqual(before, ['a_1.10_amd64', 'a_1.9_amd64']);
  assert.deepEqual(labels(universe.named('a')), ['a_1:0_amd64', 'a_1.10_amd64', 'a_1.9_amd64']);
  assert.deepEqual(labels(universe.named('b')), []);
});

test('the own architecture comes before foreign ones, real packages before providers', () => {
  const universe = universeOf([
    makePackage('v', '2', { Architecture: 'i386', 'Multi-Arch': 'foreign' }),
    makePackage('v', '1'),
    makePackage('p', '9', { Provides: 'v' }),
  ]);

  assert.deepEqual(satisfying(universe, 'v'), ['v_1_amd64', 'v_2_i386', 'p_9_amd64']);
});

test('one package in two places is one candidate with two origins', () => {
  const universe = new Universe();
  const elsewhere = makePackage('a', '1', { Filename: 'other/a.deb', Section: 'other' });

  universe.add({ suite: 0, component: 'main', package: makePackage('a', '1') });
  universe.add({ suite: 1, component: 'main', package: elsewhere });
  universe.add({ suite: 1, component: 'main', package: elsewhere });

  const [only, ...more] = universe.named('a');
  assert.equal(more.length, 0);
  assert.deepEqual(
    only?.origins.map((origin) => [origin.suite, origin.package.file.path]),
    [
      [0, 'pool/a_1_amd64.deb'],
      [1, 'other/a.deb'],
    ],
  );
  assert.ok(only !== undefined && !universe.isConflicting(only));
});

test('different content under one version is a conflict within one place, and the first counts', () => {
  const universe = new Universe();

  universe.add({ suite: 0, component: 'main', package: makePackage('a', '1', {}, 'one') });
  universe.add({ suite: 0, component: 'main', package: makePackage('a', '1', {}, 'two') });
  universe.addSource({ suite: 0, component: 'main', package: makeSource('s', '1', 'one') });
  universe.addSource({ suite: 0, component: 'main', package: makeSource('s', '1', 'two') });

  const [binary] = universe.named('a');
  const source = universe.source('s', '1');
  assert.ok(binary !== undefined && source !== undefined);
  assert.deepEqual([universe.isConflicting(binary), universe.isConflicting(source)], [true, true]);
  assert.deepEqual([binary.origins.length, source.origins.length], [1, 1]);
});

test('different content in two suites is one candidate with two variants', () => {
  const universe = new Universe();

  for (const [suite, content] of ['one', 'two', 'one'].entries()) {
    universe.add({ suite, component: 'main', package: makePackage('a', '1', {}, content) });
    universe.addSource({ suite, component: 'main', package: makeSource('s', '1', content) });
  }

  const [binary, ...more] = universe.named('a');
  const source = universe.source('s', '1');
  assert.ok(binary !== undefined && source !== undefined && more.length === 0);
  assert.deepEqual([universe.isConflicting(binary), universe.isConflicting(source)], [false, false]);
  assert.deepEqual([binary.origins.length, source.origins.length], [3, 3]);
  assert.equal(variantsOf(binary).length, 2);
});
