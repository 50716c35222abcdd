import type { Scenario } from '../../support/oracle/scenario.ts';
import { twoSnapshots, universe } from './fixtures.ts';
import { publisher } from './keys.ts';

const files = { ...universe, ...publisher };

/** The endpoint `one` below the public directory, where the published tree is compared. */
function endpoint(linkMethod: string, verifyMethod = ''): Readonly<Record<string, unknown>> {
  return {
    FileSystemPublishEndpoints: { one: { rootDir: '{cwd}/root/public/endpoint', linkMethod, verifyMethod } },
  };
}

const steps = [
  ...twoSnapshots,
  'publish snapshot -distribution=sid s1 filesystem:one:',
  'publish snapshot -distribution=sid s2 filesystem:one:ppa/two',
  'publish snapshot -distribution=sid s1 filesystem:one:.',
  'publish list',
  'publish list -raw',
  'publish list -json',
  'publish show sid filesystem:one:',
  'publish show sid filesystem:one:ppa/two',
  'publish show sid',
  'publish switch sid filesystem:one: s2',
  'publish drop sid filesystem:one:ppa/two',
  'publish list',
] as const;

/** Section 1.9 of spec/cli.md: publications in other places of the file system. */
export const publishEndpointScenarios: readonly Scenario[] = [
  ...['hardlink', 'symlink', 'copy', ''].map((linkMethod) => ({
    name: `publish: a file system endpoint, linkMethod "${linkMethod}"`,
    files,
    config: endpoint(linkMethod),
    steps,
  })),
  {
    name: 'publish: a file system endpoint, copies judged by size',
    files,
    config: endpoint('copy', 'size'),
    steps: [
      ...twoSnapshots,
      'publish repo -distribution=sid r1 filesystem:one:p',
      'repo add r1 b',
      'publish update sid filesystem:one:p',
    ],
  },
];
