import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DiffRow, diffSets } from '../../../src/packages/diff.ts';
import { PackageSet } from '../../../src/packages/package-set.ts';
import { member, setOf } from '../../builders/members.ts';

const rows: readonly (readonly [left: string, right: string, rows: string])[] = [
  ['a_1', 'a_1', ''],
  ['', '', ''],
  ['a_1', '', '-a_1'],
  ['', 'a_1', '+a_1'],
  ['a_1', 'a_2', 'a_1>a_2'],
  ['a_2', 'a_1', 'a_2>a_1'],
  ['a_1 b_1', 'a_2 c_1', 'a_1>a_2 -b_1 +c_1'],
  ['a_1 a_2', 'a_2', '-a_1'],
  ['a_1 a_2 b_1', 'a_2 a_3 z_1', 'a_1>a_3 -b_1 +z_1'],
  ['a_1 a_2', 'a_3 a_4', '-a_1 a_2>a_3 +a_4'],
  ['a_1 a_3', 'a_2 a_4', 'a_1>a_2 a_3>a_4'],
];

for (const [left, right, expected] of rows) {
  test(`{${left}} and {${right}} differ by ${expected || 'nothing'}`, () => {
    const found = diffSets(amd64(left), amd64(right));

    assert.equal(found.map(printRow).join(' '), expected);
  });
}

const unpaired: typeof rows = [
  ['a_1', 'a_2', '-a_1 +a_2'],
  ['a_1 b_1', 'a_2 b_1', 'a_1>a_2'],
  ['a_1 a_2', 'a_3', '-a_1 -a_2 +a_3'],
  ['a_3', 'a_1 a_2', '+a_1 +a_2 -a_3'],
  ['a_1 b_1 c_1', 'b_2', '-a_1 b_1>b_2 -c_1'],
  ['b_2', 'a_1 b_1 c_1', '+a_1 b_2>b_1 +c_1'],
];
for (const [left, right, expected] of unpaired) {
  test(`with the tail of aptly {${left}} and {${right}} differ by ${expected}`, () => {
    const found = diffSets(amd64(left), amd64(right), { aptlyTail: true });

    assert.equal(found.map(printRow).join(' '), expected);
  });
}

test('only matching rows are those of packages that both have', () => {
  const found = diffSets(amd64('a_1 b_1'), amd64('a_2 c_1'), { onlyMatching: true });

  assert.deepEqual(found.map(printRow), ['a_1>a_2']);
});

test('one version with two contents is a change', () => {
  const other = PackageSet.of([member('a_1_amd64', { content: 'other' })]);

  const found = diffSets(setOf('a_1_amd64'), other);

  assert.deepEqual(found.map(printRow), ['a_1>a_1']);
});

test('architectures are not paired with each other', () => {
  const found = diffSets(setOf('a_1_all'), setOf('a_1_amd64'));

  assert.deepEqual(
    found.map(({ kind }) => kind),
    ['removed', 'added'],
  );
});

function amd64(labels: string): PackageSet {
  return setOf(
    labels
      .split(' ')
      .map((label) => (label === '' ? '' : `${label}_amd64`))
      .join(' '),
  );
}

function printRow({ kind, left, right }: DiffRow): string {
  const [from, to] = [left, right].map((one) => `${one?.package.name}_${one?.package.version}`);
  if (kind === 'changed') return `${from}>${to}`;
  return kind === 'added' ? `+${to}` : `-${from}`;
}
