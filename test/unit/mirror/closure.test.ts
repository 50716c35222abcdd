import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePackageRequest } from '../../../src/config/package-request.ts';
import type { BinaryPackage } from '../../../src/deb/package.ts';
import { type Closure, type ClosureOptions, chainOf, closeOver } from '../../../src/mirror/closure.ts';
import { selectRequested } from '../../../src/mirror/select.ts';
import { makePackage, universeOf } from '../../builders/universe.ts';

const defaults: ClosureOptions = {
  architectures: ['amd64'],
  dependencies: true,
  recommends: false,
  suggests: false,
  followAllVariants: false,
};

function close(
  packages: readonly BinaryPackage[],
  requests: readonly string[],
  changes: Partial<ClosureOptions> = {},
): Closure {
  const options = { ...defaults, ...changes };
  const universe = universeOf(packages);
  const parsed = requests.map(parsePackageRequest);
  const { architectures } = options;
  return closeOver(
    universe,
    selectRequested(universe, parsed, { architectures, versions: 'latest', allowEmpty: false }),
    options,
  );
}

function labels({ members }: Closure): readonly string[] {
  return [...members.keys()].map((one) => one.package.label.replace(/_1\.0_amd64$/, '')).sort();
}

const cases: readonly {
  readonly name: string;
  readonly packages: readonly BinaryPackage[];
  readonly options?: Partial<ClosureOptions>;
  readonly found: readonly string[];
  readonly unsatisfied?: readonly string[];
}[] = [
  {
    name: 'Pre-Depends and Depends are followed to the end',
    packages: [
      makePackage('a', '1.0', { Depends: 'b', 'Pre-Depends': 'c' }),
      makePackage('b', '1.0', { Depends: 'd' }),
      makePackage('c'),
      makePackage('d'),
      makePackage('e'),
    ],
    found: ['a', 'b', 'c', 'd'],
  },
  {
    name: 'without dependencies nothing is followed',
    packages: [makePackage('a', '1.0', { Depends: 'b' }), makePackage('b')],
    options: { dependencies: false },
    found: ['a'],
  },
  {
    name: 'Recommends and Suggests are left out by default',
    packages: [
      makePackage('a', '1.0', { Recommends: 'b', Suggests: 'c' }),
      makePackage('b'),
      makePackage('c'),
    ],
    found: ['a'],
  },
  {
    name: 'Recommends are followed on demand',
    packages: [
      makePackage('a', '1.0', { Recommends: 'b', Suggests: 'c' }),
      makePackage('b'),
      makePackage('c'),
    ],
    options: { recommends: true },
    found: ['a', 'b'],
  },
  {
    name: 'Suggests are followed on demand',
    packages: [
      makePackage('a', '1.0', { Recommends: 'b', Suggests: 'c' }),
      makePackage('b'),
      makePackage('c'),
    ],
    options: { suggests: true },
    found: ['a', 'c'],
  },
  {
    name: 'a cycle ends',
    packages: [makePackage('a', '1.0', { Depends: 'b' }), makePackage('b', '1.0', { Depends: 'a' })],
    found: ['a', 'b'],
  },
  {
    name: 'a package that provides what it needs needs nobody else',
    packages: [
      makePackage('a', '1.0', { Depends: 'service', Provides: 'service' }),
      makePackage('b', '1.0', { Provides: 'service', Priority: 'required' }),
    ],
    found: ['a'],
  },
  {
    name: 'the first alternative that exists is taken',
    packages: [makePackage('a', '1.0', { Depends: 'nowhere | b | c' }), makePackage('b'), makePackage('c')],
    found: ['a', 'b'],
  },
  {
    name: 'an alternative that is a member already is enough',
    packages: [makePackage('a', '1.0', { Depends: 'c, b | c' }), makePackage('b'), makePackage('c')],
    found: ['a', 'c'],
  },
  {
    name: 'with follow_all_variants all alternatives that exist are taken',
    packages: [makePackage('a', '1.0', { Depends: 'b | nowhere | c' }), makePackage('b'), makePackage('c')],
    options: { followAllVariants: true },
    found: ['a', 'b', 'c'],
  },
  {
    name: 'the newest version that fits is taken',
    packages: [
      makePackage('a', '1.0', { Depends: 'b (<< 3)' }),
      makePackage('b', '2.0'),
      makePackage('b', '2.10'),
      makePackage('b', '3.0'),
    ],
    found: ['a', 'b_2.10_amd64'],
  },
  {
    name: 'a member of the wrong version is no help',
    packages: [
      makePackage('a', '1.0', { Depends: 'c, b (>= 2)' }),
      makePackage('b', '2.0'),
      makePackage('b', '1.0'),
      makePackage('c', '1.0', { Depends: 'b (= 1.0)' }),
    ],
    found: ['a', 'b', 'b_2.0_amd64', 'c'],
  },
  {
    name: 'a real package goes before a provider',
    packages: [
      makePackage('a', '1.0', { Depends: 'b' }),
      makePackage('b'),
      makePackage('c', '1.0', { Provides: 'b', Priority: 'required' }),
    ],
    found: ['a', 'b'],
  },
  {
    name: 'the provider of the best priority is taken, then the first by name',
    packages: [
      makePackage('a', '1.0', { Depends: 'v' }),
      makePackage('x', '1.0', { Provides: 'v', Priority: 'optional' }),
      makePackage('m', '1.0', { Provides: 'v', Priority: 'optional' }),
      makePackage('b', '1.0', { Provides: 'v', Priority: 'extra' }),
    ],
    found: ['a', 'm'],
  },
  {
    name: 'a provided version satisfies a versioned relation',
    packages: [
      makePackage('a', '1.0', { Depends: 'v (>= 2)' }),
      makePackage('old', '9', { Provides: 'v (= 1)' }),
      makePackage('unversioned', '9', { Provides: 'v' }),
      makePackage('fits', '1.0', { Provides: 'v (= 2.1)' }),
    ],
    found: ['a', 'fits'],
  },
  {
    name: 'a provided name without a version satisfies no versioned relation',
    packages: [makePackage('a', '1.0', { Depends: 'v (>= 2)' }), makePackage('p', '9', { Provides: 'v' })],
    found: ['a'],
    unsatisfied: ['v (>= 2)'],
  },
  {
    name: 'an alternative for another architecture does not count',
    packages: [
      makePackage('a', '1.0', { Depends: 'b [i386], c [!i386]' }),
      makePackage('b'),
      makePackage('c'),
    ],
    found: ['a', 'c'],
  },
  {
    name: ':any is satisfied by a package that allows it',
    packages: [
      makePackage('a', '1.0', { Depends: 'python:any, perl:any' }),
      makePackage('python', '1.0', { 'Multi-Arch': 'allowed' }),
      makePackage('perl'),
    ],
    found: ['a', 'python'],
    unsatisfied: ['perl:any'],
  },
  {
    name: ':native and the own architecture are the own architecture',
    packages: [makePackage('a', '1.0', { Depends: 'b:native, c:amd64' }), makePackage('b'), makePackage('c')],
    found: ['a', 'b', 'c'],
  },
  {
    name: 'everything that nothing satisfies is reported',
    packages: [makePackage('a', '1.0', { Depends: 'b (>= 2) | c, d' }), makePackage('b')],
    found: ['a'],
    unsatisfied: ['b (>= 2) | c', 'd'],
  },
];

for (const { name, packages, options, found, unsatisfied = [] } of cases) {
  test(name, () => {
    const closure = close(packages, ['a'], options);

    assert.deepEqual(labels(closure), found);
    assert.deepEqual(
      closure.unsatisfied.map((one) => one.relation),
      unsatisfied,
    );
  });
}

const both = { architectures: ['amd64', 'i386'] };

function on(
  name: string,
  architecture: string,
  fields: Readonly<Record<string, string>> = {},
): BinaryPackage {
  return makePackage(name, '1.0', { Architecture: architecture, ...fields });
}

test('each architecture gets its own dependencies', () => {
  const closure = close(
    [
      on('a', 'amd64', { Depends: 'b' }),
      on('a', 'i386', { Depends: 'b' }),
      on('b', 'amd64'),
      on('b', 'i386'),
    ],
    ['a'],
    both,
  );

  assert.deepEqual(labels(closure), ['a', 'a_1.0_i386', 'b', 'b_1.0_i386']);
});

test('a request for one architecture stays on it', () => {
  const closure = close(
    [
      on('a', 'amd64', { Depends: 'b' }),
      on('a', 'i386', { Depends: 'b' }),
      on('b', 'amd64'),
      on('b', 'i386'),
    ],
    ['a:i386'],
    both,
  );

  assert.deepEqual(labels(closure), ['a_1.0_i386', 'b_1.0_i386']);
});

test('a package for all architectures is closed on each of them', () => {
  const closure = close([on('a', 'all', { Depends: 'b' }), on('b', 'amd64'), on('b', 'i386')], ['a'], both);

  assert.deepEqual(labels(closure), ['a_1.0_all', 'b', 'b_1.0_i386']);
});

test('Multi-Arch: same does not cross architectures, foreign does', () => {
  const closure = close(
    [
      on('a', 'i386', { Depends: 'same, foreign' }),
      on('same', 'amd64', { 'Multi-Arch': 'same' }),
      on('foreign', 'amd64', { 'Multi-Arch': 'foreign' }),
    ],
    ['a'],
    both,
  );

  assert.deepEqual(labels(closure), ['a_1.0_i386', 'foreign']);
  assert.deepEqual(
    closure.unsatisfied.map((one) => [one.relation, one.architecture]),
    [['same', 'i386']],
  );
});

test('an explicit architecture crosses architectures', () => {
  const closure = close(
    [on('a', 'amd64', { Depends: 'b:i386' }), on('b', 'amd64'), on('b', 'i386')],
    ['a'],
    both,
  );

  assert.deepEqual(labels(closure), ['a', 'b_1.0_i386']);
});

test('the chain of a package is the shortest from a request', () => {
  const closure = close(
    [
      makePackage('a', '1.0', { Depends: 'b, d' }),
      makePackage('b', '1.0', { Depends: 'c' }),
      makePackage('c', '1.0', { Depends: 'd' }),
      makePackage('d'),
    ],
    ['a'],
  );

  const d = [...closure.members.keys()].find((one) => one.package.name === 'd');
  assert.ok(d !== undefined);
  assert.deepEqual(
    chainOf(d, closure.members).map((one) => one.name),
    ['a', 'd'],
  );
});
