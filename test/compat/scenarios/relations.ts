import { debFile, type Files } from '../../builders/incoming.ts';
import type { Scenario } from '../../support/oracle/scenario.ts';

/** Packages whose relations break the policy, each in a folder of its own name, and `lib`, which they want. */
const broken: Readonly<Record<string, string>> = {
  bare: 'lib (1.0)',
  braces: 'lib {amd64}, lib (>= 2) {i386}',
  open: 'lib (>= 1.0, lib',
  junk: 'l!b ;x, lib (>= 1.0) junk',
  glued: 'lib(1.0), lib(>=1.0)|nope',
};

const files: Files = {
  'lib.deb': await debFile('lib_1.0_amd64', {}),
  ...Object.fromEntries(
    await Promise.all(
      Object.entries(broken).map(
        async ([name, depends]) =>
          [`${name}.deb`, await debFile(`${name}_1_amd64`, { fields: { Depends: depends } })] as const,
      ),
    ),
  ),
  'virtual.deb': await debFile('virtual_1_amd64', {
    fields: { Provides: 'one (>= 1.0), two, thr!e ;x, (four, five', Depends: 'two, five' },
  }),
};

/** Espejo refuses some of these packages otherwise. */
const config = { compatibility: { unparseablePackages: true } };

/** Section 3.2 and 3.3 of spec/semantics.md: what cannot be read of a package does not stop a command. */
export const relationScenarios: readonly Scenario[] = [
  ...Object.keys(broken).map(
    (name): Scenario => ({
      name: `relations that break the policy: ${broken[name]}`,
      files,
      config,
      steps: [
        'repo create r1',
        `repo add r1 lib.deb ${name}.deb`,
        'snapshot create s1 from repo r1',
        'snapshot verify -architectures=amd64 s1',
        `repo search -with-deps -architectures=amd64 r1 ${name}`,
      ],
    }),
  ),
  {
    name: 'Provides that break the policy',
    files,
    config,
    steps: [
      'repo create r1',
      'repo add r1 lib.deb virtual.deb',
      'repo search r1 two',
      'repo search r1 five',
      'repo search r1 one',
      'repo search r1 four',
      'package search two',
      'snapshot create s1 from repo r1',
      'snapshot verify s1',
    ],
  },
];
