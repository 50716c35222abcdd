import fc from 'fast-check';

/** Packages of few names and versions that depend on each other, by label. */
export type Universe = ReadonlyMap<string, Readonly<Record<string, string>>>;

const versions = ['1', '1.5-1', '2~rc1', '2', '1:0.1'] as const;

/** No text is part of two different groups: aptly forgets a missing relation that is an alternative elsewhere. */
const single = fc.oneof(
  fc.constantFrom('v', 'c:any', 'a:i386', 'nope (<< 1)'),
  fc
    .tuple(fc.constantFrom(...'abcdmp'), fc.constantFrom('', ' (>= 1.5)', ' (>= 2)', ' (>= 3)'))
    .map((parts) => parts.join('')),
);
const alternatives = fc.constantFrom(
  'a (>= 1.01) | d (>= 1.01)',
  'b (>= 1.02) | nope',
  'nix | c (>= 1.03)',
  'none | nothing (>= 1)',
  'm (>= 2.05) | p (>= 2.05) | a (>= 1.05)',
  'c (>= 9) | b (>= 9)',
);

const provider = ['p_2_amd64', { Provides: 'v', Depends: 'b (>= 1)' }] as const;

/**
 * Names: a to c for one architecture, d for all, m and p for both, v a virtual one that one version of p provides,
 * because aptly takes any of several. Relations ask for no upper bound, so that the order in which they are looked at
 * does not decide what satisfies them.
 */
export const universe: fc.Arbitrary<Universe> = fc
  .uniqueArray(fc.record({ label: packageLabel(), fields: relationFields() }), {
    minLength: 30,
    maxLength: 40,
    selector: ({ label }) => label,
  })
  .map((packages) => new Map([...packages.map(({ label, fields }) => [label, fields] as const), provider]));

function packageLabel(): fc.Arbitrary<string> {
  return fc
    .tuple(
      fc.constantFrom(
        'a_amd64',
        'a_i386',
        'b_amd64',
        'c_amd64',
        'c_i386',
        'd_all',
        'm_all',
        'm_amd64',
        'p_amd64',
        'p_all',
      ),
      fc.constantFrom(...versions),
    )
    .map(([slot, version]) => slot.replace('_', `_${version}_`));
}

function relationFields(): fc.Arbitrary<Readonly<Record<string, string>>> {
  return fc
    .record({
      Depends: relations(),
      'Pre-Depends': relations(),
      Recommends: relations(),
      Suggests: relations(),
    })
    .map((fields) => Object.fromEntries(Object.entries(fields).filter(([, text]) => text !== '')));
}

function relations(): fc.Arbitrary<string> {
  return fc.array(fc.oneof(single, alternatives), { maxLength: 2 }).map((groups) => groups.join(', '));
}
