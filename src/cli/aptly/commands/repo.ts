import { atLeast, between, exactly, noArguments } from '../../arity.ts';
import type { GroupSpec, LeafSpec } from '../command-spec.ts';
import {
  bool,
  dryRun,
  format,
  ignoreSignatures,
  json,
  keyring,
  raw,
  text,
  withDeps,
  withPackages,
} from '../flags.ts';

const comment = text('comment', 'a few words about the repository');
const distribution = text('distribution', 'distribution to publish it as, unless another is given then');
const uploadersFile = text('uploaders-file', 'uploaders.json: who may include which packages');
const forceReplace = bool('force-replace', 'replace packages of the same name, version and architecture');

/** Section 5 of spec/cli.md. */
export const repoGroup: GroupSpec = {
  kind: 'group',
  name: 'repo',
  short: 'local package repositories',
  long: '',
  flags: [],
  commands: [
    {
      kind: 'leaf',
      name: 'add',
      usage: '<name> (<package file.deb>|<directory>)...',
      short: 'add package files to a repository',
      long: `Takes .deb, .udeb, .ddeb and .dsc files into the pool and the repository; directories are searched with all that is
below. Files that fail are listed at the end, the others are kept.

Example:

  $ espejo repo add testing myapp_1.0_amd64.deb incoming/`,
      arity: atLeast(2),
      flags: [forceReplace, bool('remove-files', 'delete the files that were added')],
    },
    transfer('copy', '<src-name>', 'copy packages between repositories'),
    {
      kind: 'leaf',
      name: 'create',
      usage: '<name> [from snapshot <snapshot>]',
      short: 'create a repository',
      long: `Creates an empty local repository, or one with the packages of a snapshot.

Example:

  $ espejo repo create -distribution=bookworm testing`,
      arity: { kind: 'forms', forms: ['<name>', '<name> from snapshot <snapshot>'] },
      flags: [
        comment,
        text('component', 'component to publish it as, unless another is given then', 'main'),
        distribution,
        uploadersFile,
      ],
    },
    {
      kind: 'leaf',
      name: 'drop',
      usage: '<name>',
      short: 'forget a repository',
      long: `Removes a local repository that is not published. The packages stay until "db cleanup".

Example:

  $ espejo repo drop testing`,
      arity: exactly(1),
      flags: [bool('force', 'drop it although snapshots were made from it')],
    },
    {
      kind: 'leaf',
      name: 'edit',
      usage: '<name>',
      short: 'change settings of a repository',
      long: `Changes what the given flags name. -uploaders-file="" removes the rules for uploaders.

Example:

  $ espejo repo edit -comment='for the build farm' testing`,
      arity: exactly(1),
      flags: [
        comment,
        text('component', 'component to publish it as, unless another is given then'),
        distribution,
        uploadersFile,
      ],
    },
    transfer('import', '<src-mirror>', 'take packages of a mirror into a repository'),
    {
      kind: 'leaf',
      name: 'include',
      usage: '(<file.changes>|<directory>)...',
      short: 'add the packages of .changes files',
      long: `Verifies uploads described by .changes files, and adds their packages to the repository that -repo makes of the
fields of each. Files of an upload that was taken are deleted.

Example:

  $ espejo repo include -repo=testing incoming/`,
      arity: atLeast(1),
      flags: [
        bool('accept-unsigned', 'accept .changes files without a signature'),
        forceReplace,
        ignoreSignatures,
        keyring,
        bool('no-remove-files', 'keep the files of uploads that were taken'),
        text('repo', 'template of the name of the repository', '{{.Distribution}}'),
        text('uploaders-file', 'uploaders.json for repositories without rules of their own'),
      ],
    },
    {
      kind: 'leaf',
      name: 'list',
      usage: '',
      short: 'list repositories',
      long: `Lists all local repositories by name.

Example:

  $ espejo repo list`,
      arity: noArguments,
      flags: [json, raw],
    },
    transfer('move', '<src-name>', 'move packages between repositories'),
    {
      kind: 'leaf',
      name: 'remove',
      usage: '<name> <package-query> ...',
      short: 'remove packages from a repository',
      long: `Removes the packages that match any of the queries. They stay in the pool until "db cleanup".

Example:

  $ espejo repo remove testing 'myapp (<= 0.1.12)'`,
      arity: atLeast(2),
      flags: [dryRun],
    },
    {
      kind: 'leaf',
      name: 'rename',
      usage: '<old-name> <new-name>',
      short: 'rename a repository',
      long: `Gives a local repository another name; snapshots and publications stay connected.

Example:

  $ espejo repo rename testing stable`,
      arity: exactly(2),
      flags: [],
    },
    {
      kind: 'leaf',
      name: 'search',
      usage: '<name> [<package-query>]',
      short: 'search a repository for packages',
      long: `Lists the packages of a repository that match the query, all of them without one. No match is an error.

Example:

  $ espejo repo search testing 'Name (~ ^myapp)'`,
      arity: between(1, 2),
      flags: [format, withDeps],
    },
    {
      kind: 'leaf',
      name: 'show',
      usage: '<name>',
      short: 'show a repository',
      long: `Shows settings and size of a local repository.

Example:

  $ espejo repo show -with-packages testing`,
      arity: exactly(1),
      flags: [json, withPackages],
    },
  ],
};

function transfer(name: 'copy' | 'move' | 'import', source: string, short: string): LeafSpec {
  return {
    kind: 'leaf',
    name,
    usage: `${source} <dst-name> <package-query> ...`,
    short,
    long: `Takes the packages that match any of the queries. A package that the destination has with other content under the
same name, version and architecture stops the command, and nothing changes.

Example:

  $ espejo repo ${name} ${name === 'import' ? 'bookworm-main' : 'testing'} stable 'myapp (= 0.1.12)'`,
    arity: atLeast(3),
    flags: [dryRun, bool('with-deps', 'take dependencies that the destination lacks too')],
  };
}
