import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { assertVersion, compareVersions } from '../../src/deb/version.ts';
import { version } from '../support/arbitraries.ts';
import { skipWithout } from '../support/programs.ts';

type Pair = readonly [a: string, b: string];

/** One perl for all pairs: Dpkg::Version is dpkg's own second implementation, kept in step with its C. */
const perl = `
use Dpkg::Version;
while (<STDIN>) {
  chomp;
  my ($a, $b) = map { Dpkg::Version->new($_) } split / /;
  print $a <=> $b, "\\n";
}`;

/** dpkg itself, one process a pair. */
const shell = `
while read -r a b; do
  if dpkg --compare-versions "$a" lt "$b"; then echo -1
  elif dpkg --compare-versions "$a" eq "$b"; then echo 0
  else echo 1; fi
done`;

test('orders 120,000 pairs as Dpkg::Version', {
  skip: skipWithout('perl', '-MDpkg::Version', '-e', '1'),
}, () => {
  const pairs = pairsOf(120_000);

  const expected = ask('perl', ['-e', perl], pairs);

  assertOrders(pairs, expected);
});

test('orders 300 pairs as dpkg itself', { skip: skipWithout('dpkg', '--version') }, () => {
  const pairs = pairsOf(300);

  const expected = ask('sh', ['-c', shell], pairs);

  assertOrders(pairs, expected);
});

/** Left out: dpkg trims blanks, and makes an error of the policy's "should start with a digit". */
test('accepts the versions that dpkg accepts', {
  skip: skipWithout('dpkg', '--validate-version', '1'),
}, () => {
  const text = fc.string({ unit: fc.constantFrom(...'01a:-~+._ é'), maxLength: 6 });
  const samples = fc.sample(text, { numRuns: 300, seed: 3 }).map((rest) => `1${rest}`);
  const digitFirst = samples.filter((candidate) => !/ $|^[0-9]+:[^0-9]/.test(candidate));

  const accepted = digitFirst.filter((candidate) => isAccepted(candidate));

  assert.deepEqual(
    accepted,
    digitFirst.filter((candidate) => dpkgAccepts(candidate)),
  );
});

/** Of five pairs two share a beginning and one differs in zeros only: the hard cases. */
function pairsOf(count: number): readonly Pair[] {
  const versions = fc.sample(version, { numRuns: count + 1, seed: 20160421 });
  return Array.from({ length: count }, (_, at) => {
    const [a = '', b = ''] = [versions[at], versions[at + 1]];
    if (at % 5 === 4) return [a, a.replaceAll(/[0-9]+/g, '0$&')];
    const related = a.slice(0, Math.ceil(a.length / 2)) + b.slice(Math.ceil(b.length / 2));
    return at % 2 === 0 && isAccepted(related) ? [a, related] : [a, b];
  });
}

function ask(program: string, args: readonly string[], pairs: readonly Pair[]): readonly number[] {
  const input = pairs.map((pair) => `${pair.join(' ')}\n`).join('');
  const { stdout } = spawnSync(program, args, { input, encoding: 'utf8', maxBuffer: 2 ** 26 });
  return stdout.trimEnd().split('\n').map(Number);
}

function assertOrders(pairs: readonly Pair[], expected: readonly number[]): void {
  assert.equal(expected.length, pairs.length);
  assert.ok(new Set(expected).size === 3, 'smaller, equal and larger pairs are among them');
  for (const [at, [a, b]] of pairs.entries()) assert.equal(compareVersions(a, b), expected[at], `${a} ${b}`);
}

function isAccepted(text: string): boolean {
  try {
    assertVersion(text, 'test');
    return true;
  } catch {
    return false;
  }
}

function dpkgAccepts(text: string): boolean {
  return spawnSync('dpkg', ['--validate-version', text], { stdio: 'ignore' }).status === 0;
}
