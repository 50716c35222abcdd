import { between, noArguments } from '../../arity.ts';
import type { FlagSpec, GroupSpec, LeafSpec } from '../command-spec.ts';
import { bool, json, list, raw, text } from '../flags.ts';
import { publishSourceGroup } from './publish-source.ts';

/** How to sign and what to write: `publish snapshot`, `repo`, `switch` and `update` have them all. */
const writingFlags: readonly FlagSpec[] = [
  bool('batch', 'let gpg ask nothing'),
  bool('force-overwrite', 'replace published package files that differ'),
  list('gpg-key', 'key to sign with; may be repeated', 'gpgKeys'),
  list('keyring', 'public keyring for gpg instead of its own'),
  bool('multi-dist', 'give each distribution a package pool of its own'),
  text('passphrase', 'passphrase of the key; other users of the machine can see it'),
  text('passphrase-file', 'file with the passphrase of the key'),
  text('secret-keyring', 'secret keyring instead of that of gpg (gpg1 and internal)'),
  text('signed-by', 'Signed-By field: fingerprints of the keys that clients shall trust'),
  bool('skip-bz2', 'write no .bz2 indexes', 'skipBz2Publishing'),
  bool('skip-contents', 'write no Contents indexes', 'skipContentsPublishing'),
  bool('skip-signing', 'do not sign', 'gpgDisableSign'),
  text('version', 'Version field'),
];

const label = text('label', 'Label field');
const origin = text('origin', 'Origin field');
const skipCleanup = bool('skip-cleanup', 'leave files that are no longer needed');

/** Section 7 of spec/cli.md. */
export const publishGroup: GroupSpec = {
  kind: 'group',
  name: 'publish',
  short: 'published repositories',
  long: '',
  flags: [],
  commands: [
    {
      kind: 'leaf',
      name: 'drop',
      usage: '<distribution> [[<endpoint>:]<prefix>]',
      short: 'remove a published repository',
      long: `Removes the published files that nothing else needs, and the publication.

Example:

  $ espejo publish drop bookworm`,
      arity: between(1, 2),
      flags: [
        bool('force-drop', 'go on when files cannot be removed'),
        bool('skip-cleanup', 'leave package files that are no longer needed'),
      ],
    },
    {
      kind: 'leaf',
      name: 'list',
      usage: '',
      short: 'list published repositories',
      long: `Lists all publications with what they publish.

Example:

  $ espejo publish list`,
      arity: noArguments,
      flags: [json, raw],
    },
    publishNew('repo', 'publish local repositories', 'testing'),
    {
      kind: 'leaf',
      name: 'show',
      usage: '<distribution> [[<endpoint>:]<prefix>]',
      short: 'show a published repository',
      long: `Shows place, architectures and sources of a publication.

Example:

  $ espejo publish show bookworm`,
      arity: between(1, 2),
      flags: [json],
    },
    publishNew('snapshot', 'publish snapshots', 'bookworm-today'),
    publishSourceGroup,
    {
      kind: 'leaf',
      name: 'switch',
      usage: '<distribution> [[<endpoint>:]<prefix>] <new-snapshot> ...',
      short: 'publish other snapshots in place',
      long: `Puts new snapshots in the place of those that are published. With several components, -component names those that
change, in the order of the snapshots.

Example:

  $ espejo publish switch bookworm bookworm-tomorrow`,
      arity: { kind: 'sources', before: 1 },
      flags: [text('component', 'components to switch, separated by commas'), skipCleanup, ...writingFlags],
    },
    {
      kind: 'leaf',
      name: 'update',
      usage: '<distribution> [[<endpoint>:]<prefix>]',
      short: 'publish again after changes',
      long: `Publishes the present packages of local repositories, or the changes staged with "publish source".

Example:

  $ espejo publish update bookworm ppa`,
      arity: between(1, 2),
      flags: [label, origin, skipCleanup, ...writingFlags],
    },
  ],
};

function publishNew(name: 'snapshot' | 'repo', short: string, example: string): LeafSpec {
  return {
    kind: 'leaf',
    name,
    usage: '<name> ... [[<endpoint>:]<prefix>]',
    short,
    long: `Writes a repository that apt can use below the public directory, or on the endpoint, and signs it. Several sources
become several components when -component names as many, separated by commas; a name left empty is guessed.

Example:

  $ espejo publish ${name} -distribution=bookworm ${example}`,
    arity: { kind: 'sources', before: 0 },
    flags: [
      bool('acquire-by-hash', 'publish indexes by their hashes too'),
      text('butautomaticupgrades', 'ButAutomaticUpgrades field'),
      text('codename', 'Codename field (default: the distribution)'),
      text('component', 'component of each source, separated by commas'),
      text('distribution', 'distribution to publish as (default: that of the sources)'),
      label,
      text('notautomatic', 'NotAutomatic field'),
      origin,
      text('suite', 'Suite field (default: the distribution)'),
      ...writingFlags,
    ],
  };
}
