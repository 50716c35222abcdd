import type { FlagSpec } from './command-spec.ts';

type ConfigKey = NonNullable<FlagSpec['configKey']>;
type Named = Pick<FlagSpec, 'name' | 'help' | 'configKey'>;

export function bool(name: string, help: string, configKey?: ConfigKey): FlagSpec {
  return { ...named(name, help, configKey), kind: 'bool', default: false };
}

export function text(name: string, help: string, value = ''): FlagSpec {
  return { name, help, kind: 'string', default: value };
}

export function list(name: string, help: string, configKey?: ConfigKey): FlagSpec {
  return { ...named(name, help, configKey), kind: 'list' };
}

export function int(name: string, help: string, value: number): FlagSpec {
  return { name, help, kind: 'int', default: value };
}

function named(name: string, help: string, configKey: ConfigKey | undefined): Named {
  return configKey === undefined ? { name, help } : { name, help, configKey };
}

/** Valid on every command (spec/cli.md 1.6). */
export const globalFlags: readonly FlagSpec[] = [
  {
    ...text(
      'architectures',
      'work on these architectures only, separated by commas (default: all there are)',
    ),
    configKey: 'architectures',
  },
  text('config', 'configuration file (default: ~/.aptly.conf, /usr/local/etc/aptly.conf, /etc/aptly.conf)'),
  {
    ...int('db-open-attempts', 'how often to try again to open a database that is in use', 10),
    configKey: 'databaseOpenAttempts',
  },
  bool(
    'dep-follow-all-variants',
    'follow every alternative of a dependency such as a | b',
    'dependencyFollowAllVariants',
  ),
  bool('dep-follow-recommends', 'treat Recommends as dependencies', 'dependencyFollowRecommends'),
  bool('dep-follow-source', 'let binary packages depend on their source package', 'dependencyFollowSource'),
  bool('dep-follow-suggests', 'treat Suggests as dependencies', 'dependencyFollowSuggests'),
  bool('dep-verbose-resolve', 'tell how dependencies are resolved', 'dependencyVerboseResolve'),
  {
    ...text('gpg-provider', 'what signs and verifies: gpg, gpg1, gpg2 (programs) or internal'),
    configKey: 'gpgProvider',
  },
];

/** Flags that several groups have with one meaning. */
export const json = bool('json', 'print JSON');
export const raw = bool('raw', 'print names alone, for scripts');
export const withPackages = bool('with-packages', 'list the packages too');
export const withDeps = bool('with-deps', 'take the dependencies of matching packages too');
export const dryRun = bool('dry-run', 'tell what would be done and change nothing');
export const format = text('format', 'template in the syntax of Go for each line, for example {{.Package}}');
export const keyring = list('keyring', 'keyring that signatures are verified with; may be repeated');
export const ignoreSignatures = bool('ignore-signatures', 'do not verify signatures', 'gpgDisableVerify');
