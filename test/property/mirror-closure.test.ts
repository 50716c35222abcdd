import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parsePackageRequest } from '../../src/config/package-request.ts';
import type { BinaryPackage } from '../../src/deb/package.ts';
import { printGroup } from '../../src/deb/relations.ts';
import { type Closure, type ClosureOptions, closeOver } from '../../src/mirror/closure.ts';
import { type Selected, selectRequested } from '../../src/mirror/select.ts';
import { satisfies } from '../../src/mirror/universe.ts';
import { makePackage, universeOf } from '../builders/universe.ts';

const names = fc.constantFrom('a1', 'b1', 'c1', 'd1', 'e1', 'f1', 'g1');
const versions = fc.constantFrom('1', '1.0', '2', '10');
const architectures = fc.constantFrom('amd64', 'i386', 'all');
const relation = fc
  .tuple(names, fc.constantFrom('', ':any', ':i386'), fc.constantFrom('', ' (>= 2)', ' (= 1)', ' (<< 10)'))
  .map((parts) => parts.join(''));
const groups = fc
  .array(fc.array(relation, { minLength: 1, maxLength: 3 }), { maxLength: 3 })
  .map((found) => found.map((group) => group.join(' | ')).join(', '));

const packageSpec = fc.record({
  name: names,
  version: versions,
  architecture: architectures,
  multiArch: fc.constantFrom('no', 'same', 'foreign', 'allowed'),
  depends: groups,
  provides: fc.constantFrom('', 'v1', 'a1', 'b1 (= 2)'),
});

const worlds = fc.uniqueArray(packageSpec, {
  minLength: 1,
  maxLength: 25,
  selector: ({ name, version, architecture }) => `${name} ${version} ${architecture}`,
});

const options: ClosureOptions & { versions: 'latest'; allowEmpty: false } = {
  architectures: ['amd64', 'i386'],
  dependencies: true,
  recommends: false,
  suggests: false,
  followAllVariants: false,
  versions: 'latest',
  allowEmpty: false,
};

function packagesOf(world: typeof worlds extends fc.Arbitrary<infer World> ? World : never): BinaryPackage[] {
  return world.map(({ name, version, architecture, multiArch, depends, provides }) =>
    makePackage(name, version, {
      Architecture: architecture,
      'Multi-Arch': multiArch,
      Depends: depends,
      Provides: provides,
    }),
  );
}

/** Asks for everything of the first package's name, or for all names that begin with it. */
function closed(
  packages: readonly BinaryPackage[],
  name: string,
): { readonly requested: readonly Selected[]; readonly closure: Closure } {
  const universe = universeOf(packages);
  const request = parsePackageRequest(`Name (= ${name}) | Name (= c1)`);
  const requested = selectRequested(universe, [request], options);
  return { requested, closure: closeOver(universe, requested, options) };
}

test('every relation of a closure is satisfied within it or reported', () => {
  fc.assert(
    fc.property(worlds, (world) => {
      const packages = packagesOf(world);
      const { closure } = closed(packages, packages[0]?.name ?? '');
      const members = [...closure.members.keys()].map((one) => one.package);
      const reported = new Set(
        closure.unsatisfied.map((one) => `${one.of.package.label} ${one.relation} ${one.architecture}`),
      );

      for (const one of members) {
        const targets = one.architecture === 'all' ? ['amd64', 'i386'] : [one.architecture];
        for (const group of one.relations('Depends')) {
          // An `all` package is closed on the architectures that need it, on one at least.
          const holds = (target: string): boolean =>
            group.some((relation) => members.some((other) => satisfies(other, relation, target))) ||
            reported.has(`${one.label} ${printGroup(group)} ${target}`);
          assert.ok(
            one.architecture === 'all' ? targets.some(holds) : targets.every(holds),
            `${one.label} needs ${printGroup(group)}`,
          );
        }
      }
    }),
    { numRuns: 300 },
  );
});

test('what is reported is satisfied by nothing at all', () => {
  fc.assert(
    fc.property(worlds, (world) => {
      const packages = packagesOf(world);
      const { closure } = closed(packages, packages[0]?.name ?? '');

      for (const { of, relation, architecture } of closure.unsatisfied) {
        const group = of.package.relations('Depends').find((one) => printGroup(one) === relation);
        for (const alternative of group ?? []) {
          assert.ok(!packages.some((one) => satisfies(one, alternative, architecture)), relation);
        }
      }
    }),
    { numRuns: 200 },
  );
});

test('a closure contains what was asked for, and reasons that lead there', () => {
  fc.assert(
    fc.property(worlds, (world) => {
      const packages = packagesOf(world);
      const { requested, closure } = closed(packages, packages[0]?.name ?? '');

      for (const { candidate } of requested) assert.ok(closure.members.has(candidate));
      for (const reason of closure.members.values()) {
        if (reason.kind === 'dependency') assert.ok(closure.members.has(reason.of));
      }
    }),
    { numRuns: 200 },
  );
});

test('a closure does not depend on the order of the indexes', () => {
  fc.assert(
    fc.property(
      worlds.chain((world) =>
        fc.tuple(
          fc.constant(world),
          fc.shuffledSubarray(world, { minLength: world.length, maxLength: world.length }),
        ),
      ),
      ([world, shuffled]) => {
        const name = world[0]?.name ?? '';
        const labels = (packages: readonly BinaryPackage[]): readonly string[] =>
          [...closed(packages, name).closure.members.keys()].map((one) => one.package.label);

        assert.deepEqual(labels(packagesOf(shuffled)), labels(packagesOf(world)));
      },
    ),
    { numRuns: 300 },
  );
});
