import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePackageRequest } from '../../../src/config/package-request.ts';
import type { BinaryPackage } from '../../../src/deb/package.ts';
import { selectRequested } from '../../../src/mirror/select.ts';
import { makePackage, universeOf } from '../../builders/universe.ts';

const both = ['amd64', 'i386'];
const i386 = { Architecture: 'i386' };
const all = { Architecture: 'all' };

function select(
  packages: readonly BinaryPackage[],
  requests: readonly string[],
  { architectures = ['amd64'], versions = 'latest' as 'latest' | 'all' } = {},
): readonly string[] {
  const found = selectRequested(universeOf(packages), requests.map(parsePackageRequest), {
    architectures,
    versions,
    allowEmpty: false,
  });
  return found.map(({ candidate }) => candidate.package.label);
}

test('a name selects its newest version on each architecture', () => {
  const packages = [makePackage('a', '1'), makePackage('a', '2'), makePackage('a', '1', i386)];

  assert.deepEqual(select(packages, ['a'], { architectures: both }), ['a_2_amd64', 'a_1_i386']);
  assert.deepEqual(select(packages, ['a:i386'], { architectures: both }), ['a_1_i386']);
});

test('an old package for all architectures gives way where a newer one exists', () => {
  const old = makePackage('a', '1', all);

  assert.deepEqual(select([old, makePackage('a', '2')], ['a']), ['a_2_amd64']);
  assert.deepEqual(select([old, makePackage('a', '2')], ['a'], { architectures: both }), [
    'a_2_amd64',
    'a_1_all',
  ]);
  assert.deepEqual(select([makePackage('a', '1'), makePackage('a', '2', all)], ['a']), ['a_2_all']);
});

test('a version relation and versions: all', () => {
  const packages = ['1', '2', '3'].map((version) => makePackage('a', version));

  assert.deepEqual(select(packages, ['a (<< 3)']), ['a_2_amd64']);
  assert.deepEqual(select(packages, ['a (>= 2)'], { versions: 'all' }), ['a_3_amd64', 'a_2_amd64']);
});

test('a query selects in an order that does not depend on the indexes', () => {
  const packages = [makePackage('b'), makePackage('a', '1'), makePackage('a', '2'), makePackage('c')];
  const request = ['Name (% [ab])'];

  assert.deepEqual(select(packages, request), ['a_2_amd64', 'b_1.0_amd64']);
  assert.deepEqual(select(packages.toReversed(), request), ['a_2_amd64', 'b_1.0_amd64']);
});

test('a virtual package stands for its only provider', () => {
  assert.deepEqual(select([makePackage('a', '1', { Provides: 'v' })], ['v']), ['a_1_amd64']);
});

test('a virtual package of another architecture does not count', () => {
  const packages = [makePackage('a', '1', { Provides: 'v' })];

  assert.throws(() => select(packages, ['v:i386'], { architectures: both }), { code: 'E_PACKAGE_UNKNOWN' });
});

const problems: readonly (readonly [request: string, message: RegExp])[] = [
  ['alpah', /^alpah exists nowhere, close is alpha$/],
  ['zzzzzzzz', /^zzzzzzzz exists nowhere$/],
  ['alpha (>= 3)', /^alpha \(>= 3\) does not exist, there is 2 \[amd64\], 1 \[amd64\]$/],
  ['v', /^v is virtual: name one of its providers alpha, beta$/],
  ['v (>= 1)', /^v is virtual: /],
  ['Name (= nothing)', /^the query "Name \(= nothing\)" matches no package$/],
];

for (const [request, message] of problems) {
  test(`the request ${request} is explained`, () => {
    const provides = { Provides: 'v' };
    const packages = [
      makePackage('alpha', '1'),
      makePackage('alpha', '2', provides),
      makePackage('beta', '1', provides),
    ];

    assert.throws(() => select(packages, [request]), { code: 'E_PACKAGE_UNKNOWN', message });
  });
}

test('all unknown requests are named at once', () => {
  assert.throws(() => select([makePackage('alpha')], ['xxxxxx', 'alpha', 'yyyyyy']), {
    message: 'xxxxxx exists nowhere; yyyyyy exists nowhere',
  });
});
