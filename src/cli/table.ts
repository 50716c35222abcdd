import type { FlagSpec } from './aptly/command-spec.ts';
import { handlerOf } from './aptly/handlers.ts';
import { aptlyNodes } from './aptly/nodes.ts';
import { atLeast, between, noArguments } from './arity.ts';
import type { CommandNode, Flag, LeafNode } from './command.ts';

const globalFlags: readonly Flag[] = [
  {
    name: 'config',
    kind: 'string',
    value: 'FILE',
    help: 'configuration file (default: ./espejo.yaml, ~/.espejo.yaml, /etc/espejo.yaml, then aptly’s places)',
  },
  { name: 'debug', kind: 'bool', help: 'show stack traces and causes of errors' },
  { name: 'quiet', kind: 'bool', help: 'no progress on standard error' },
  {
    name: 'lock-wait',
    kind: 'duration',
    value: 'TIME',
    help: 'how long to wait for another process on the same root (default 60s; aptly’s commands: 10s times -db-open-attempts)',
  },
];

const json: Flag = {
  name: 'json',
  kind: 'bool',
  help: 'print the result as JSON, progress as JSON lines on standard error',
};

const relaxing: readonly Flag[] = [
  {
    name: 'ignore-signatures',
    kind: 'bool',
    help: 'accept unsigned or wrongly signed Release files, this time',
  },
  {
    name: 'ignore-valid-until',
    kind: 'bool',
    help: 'accept Release files past their Valid-Until, this time',
  },
  {
    name: 'allow-older-release',
    kind: 'bool',
    help: 'accept Release files older than the last accepted, this time',
  },
];

const force: Flag = { name: 'force', kind: 'bool', help: 'do all the work although nothing has changed' };

const listen: Flag = {
  name: 'listen',
  kind: 'string',
  value: 'ADDRESS',
  help: ':port, host:port or unix:///path (default: server.listen)',
};

const logLevel: Flag = {
  name: 'log-level',
  kind: 'string',
  value: 'LEVEL',
  help: 'debug, info, warn, error or disabled (default: log_level)',
};

const publicationFlag: Flag = {
  name: 'publication',
  kind: 'list',
  value: 'NAME',
  help: 'only this publication; may be repeated',
};

/** `espejo publish` without a word: the publications of the configuration. */
const publishConfigured: LeafNode = {
  kind: 'leaf',
  name: 'publish',
  summary: 'publish what the mirrors hold, or roll back',
  usage: '',
  description:
    'Writes a signed tree of each publication aside and switches to it at once. Unchanged input touches nothing.\nA rollback returns to an earlier generation and holds the publication there until it is resumed.',
  flags: [
    json,
    force,
    publicationFlag,
    { name: 'rollback', kind: 'bool', help: 'return to the generation before the current one' },
    {
      name: 'to',
      kind: 'string',
      value: 'GENERATION',
      help: 'with -rollback: return to this generation',
    },
    { name: 'resume', kind: 'bool', help: 'follow the mirrors again after a rollback' },
    { name: 'list', kind: 'bool', help: 'list publications with their generations' },
  ],
  arity: noArguments,
  load: () => import('./commands/publish.ts'),
};

const importAptly: LeafNode = {
  kind: 'leaf',
  name: 'import-aptly',
  summary: 'take over the mirrors, repositories, snapshots and publications of an aptly root',
  usage: '',
  description:
    'Reads the aptly database of the root directory (or databaseBackend.dbPath) and keeps all its objects and packages in\nthe catalog, all or nothing. Nothing of aptly is changed, nothing is downloaded, and it may be repeated.',
  flags: [],
  arity: noArguments,
  load: handlerOf(() => import('./aptly/db.ts').then(({ db }) => db), 'import-aptly'),
};

const checkConfig: LeafNode = {
  kind: 'leaf',
  name: 'check',
  summary: 'tell everything that is wrong or suspicious in the configuration',
  usage: '',
  description:
    'Reads the configuration and prints every problem with its line, unknown keys first, then settings that may be meant\notherwise and files that are not there. Ends with 0 and "ok" when commands would take it, else with 1.',
  flags: [json],
  arity: noArguments,
  load: () => import('./commands/config-check.ts'),
};

/** Every command of espejo; handlers are loaded when they run, so that a start costs little. */
export const rootCommand: CommandNode = {
  kind: 'group',
  name: 'espejo',
  summary: 'Mirrors Debian-format archives: verifies, selects, snapshots, publishes and serves them.',
  flags: globalFlags,
  commands: [
    {
      kind: 'leaf',
      name: 'sync',
      summary: 'bring mirrors up to date with their upstreams',
      usage: '[<mirror>...]',
      description:
        'Verifies the Release files of each mirror, reads its indexes, selects the configured packages with their\ndependencies and downloads what the pool lacks. A failure leaves the last state whole.',
      flags: [
        json,
        force,
        ...relaxing,
        { name: 'dry-run', kind: 'bool', help: 'print the plan and download nothing: the same as plan' },
      ],
      arity: atLeast(0),
      load: () => import('./commands/sync.ts'),
    },
    {
      kind: 'leaf',
      name: 'plan',
      summary: 'show what a sync would select and fetch, and why',
      usage: '[<mirror>...]',
      description:
        'Prints each package that a sync would select with the reason that brought it, what would be fetched, and the\nrelations that no package of the mirror satisfies.',
      flags: [json, ...relaxing],
      arity: atLeast(0),
      load: () => import('./commands/plan.ts'),
    },
    {
      kind: 'leaf',
      name: 'verify',
      summary: 'check the published tree as a client would',
      usage: '[<publication>...]',
      description:
        'Walks the published tree from the signature to the last byte of the last package and fails on any difference.',
      flags: [json],
      arity: atLeast(0),
      load: () => import('./commands/verify.ts'),
    },
    {
      kind: 'leaf',
      name: 'du',
      summary: 'say what uses the space',
      usage: '',
      description:
        'Says how much each mirror, repository, snapshot, publication and earlier generation needs alone and together with\nothers, and what nobody needs. Hard links count once. Nothing is changed.',
      flags: [json],
      arity: noArguments,
      load: () => import('./commands/du.ts'),
    },
    {
      kind: 'leaf',
      name: 'daemon',
      summary: 'serve, and sync and publish by schedule',
      usage: '',
      description:
        'Serves the published tree and runs sync and publish as "schedule" says, in a thread beside the server. SIGHUP reads\nthe configuration again. It tells what it does on standard error: lines on a terminal, JSON elsewhere.',
      flags: [listen, logLevel],
      arity: noArguments,
      load: () => import('./commands/daemon.ts'),
    },
    {
      kind: 'group',
      name: 'key',
      summary: 'make and show the signing key of the mirror',
      flags: [],
      commands: [
        {
          kind: 'leaf',
          name: 'generate',
          summary: 'make an RSA-4096 pair unless there is one',
          usage: '',
          description:
            'Makes the signing key in keys.directory once; an existing key is left as it is. A passphrase is read from\nkeys.passphrase_file or the environment variable ESPEJO_PASSPHRASE.',
          flags: [json],
          arity: noArguments,
          load: () => import('./commands/key-generate.ts'),
        },
        {
          kind: 'leaf',
          name: 'show',
          summary: 'print the fingerprint of the signing key',
          usage: '[<key>]',
          description: 'Prints fingerprint, algorithm, date and user id of the signing key.',
          flags: [json],
          arity: between(0, 1),
          load: () => import('./commands/key-show.ts'),
        },
        {
          kind: 'leaf',
          name: 'export',
          summary: 'print the public key',
          usage: '[<key>]',
          description:
            'Writes the public key to standard output or to a file: armored, or binary, which is the only form that the apt\nof Ubuntu 16.04 reads in /etc/apt/trusted.gpg.d.',
          flags: [
            { name: 'binary', kind: 'bool', help: 'binary instead of armored' },
            {
              name: 'output',
              kind: 'string',
              value: 'FILE',
              help: 'write to this file instead of standard output',
            },
          ],
          arity: between(0, 1),
          load: () => import('./commands/key-export.ts'),
        },
      ],
    },
    {
      kind: 'leaf',
      name: 'demo',
      summary: 'mirror a small archive made in code, without a network',
      usage: '',
      description:
        'Makes a small signed archive of xenial’s shape, serves it on loopback, syncs, publishes and serves the mirror of it.\nEverything is kept below the root directory, with the configuration as espejo.yaml.',
      flags: [
        listen,
        { name: 'root', kind: 'string', value: 'DIR', help: 'root directory (default: ~/.espejo/demo)' },
        { name: 'once', kind: 'bool', help: 'sync, publish and verify, then end instead of serving' },
      ],
      arity: noArguments,
      load: () => import('./commands/demo.ts'),
    },
    ...aptlyNodes({
      additions: {
        config: { commands: [checkConfig] },
        db: { commands: [importAptly] },
        publish: { alone: publishConfigured },
      },
      globalFlags: globalFlags.map(specOf),
    }),
  ],
};

/** As aptly's usage shows it. */
function specOf({ name, kind, help }: Flag): FlagSpec {
  return kind === 'bool' ? { name, help, kind, default: false } : { name, help, kind: 'string', default: '' };
}
