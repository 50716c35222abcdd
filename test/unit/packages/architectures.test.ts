import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isEspejoError } from '../../../src/core/errors.ts';
import { chooseArchitectures } from '../../../src/packages/architectures.ts';
import { PackageSet } from '../../../src/packages/package-set.ts';
import { setOf } from '../../builders/members.ts';

const set = setOf('a_1_i386 b_1_amd64 c_1_all d_1_source e_1_i386');

test('configured architectures are taken as they are', () => {
  const chosen = chooseArchitectures(['armhf', 'amd64'], set);

  assert.deepEqual(chosen, ['armhf', 'amd64']);
});

test('without them the architectures of the packages are taken', () => {
  const chosen = chooseArchitectures([], set);

  assert.deepEqual(chosen, ['amd64', 'i386']);
});

test('source counts when it is asked for', () => {
  const chosen = chooseArchitectures([], set, { source: true });

  assert.deepEqual(chosen, ['amd64', 'i386', 'source']);
});

for (const none of [PackageSet.empty, setOf('c_1_all d_1_source')]) {
  test(`a set of ${none.size} packages of no architecture is refused`, () => {
    assert.throws(
      () => chooseArchitectures([], none),
      (error) => isEspejoError(error, 'E_NO_ARCHITECTURES'),
    );
  });
}
