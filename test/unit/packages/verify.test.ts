import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isEspejoError } from '../../../src/core/errors.ts';
import { PackageSet } from '../../../src/packages/package-set.ts';
import { printDependency } from '../../../src/packages/satisfaction.ts';
import { verifySet } from '../../../src/packages/verify.ts';
import { appendixB } from '../../builders/appendix-b.ts';
import { member, setOf } from '../../builders/members.ts';

const options = { architectures: ['amd64'] };

test('the set of Appendix B lacks one dependency', () => {
  const missing = verifySet(appendixB, [], options);

  assert.deepEqual(missing.map(printDependency), ['virt (>= 3) [amd64]']);
});

test('missing dependencies are in the order of their text', () => {
  const set = PackageSet.of([member('p_1_amd64', { fields: { Depends: 'z, a, a (>= 2), b' } })]);

  const missing = verifySet(set, [], options);

  assert.deepEqual(missing.map(printDependency), ['a (>= 2) [amd64]', 'a [amd64]', 'b [amd64]', 'z [amd64]']);
});

test('further lists satisfy, but what they depend on is not looked at', () => {
  const set = PackageSet.of([member('p_1_amd64', { fields: { Depends: 'q' } })]);
  const further = PackageSet.of([member('q_1_amd64', { fields: { Depends: 'nope' } })]);

  const missing = verifySet(set, [further], options);

  assert.deepEqual(missing, []);
});

test('lists that conflict cannot be verified together', () => {
  const other = PackageSet.of([member('a_1_amd64', { content: 'other' })]);

  assert.throws(
    () => verifySet(setOf('a_1_amd64'), [other], options),
    (error) => isEspejoError(error, 'E_PACKAGE_CONFLICT'),
  );
});
