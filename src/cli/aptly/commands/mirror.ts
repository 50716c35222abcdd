import { between, exactly, noArguments } from '../../arity.ts';
import type { GroupSpec } from '../command-spec.ts';
import {
  bool,
  format,
  ignoreSignatures,
  int,
  json,
  keyring,
  raw,
  text,
  withDeps,
  withPackages,
} from '../flags.ts';

const filter = text('filter', 'keep only packages that this query matches; @file reads it from a file');
const filterWithDeps = bool('filter-with-deps', 'keep the dependencies of matching packages too');
const maxTries = int('max-tries', 'how often a download is tried', 1);
const withAppstream = bool('with-appstream', 'mirror AppStream metadata (DEP-11)');
const withInstaller = bool('with-installer', 'mirror installer images');
const withSources = bool('with-sources', 'mirror source packages', 'downloadSourcePackages');
const withUdebs = bool('with-udebs', 'mirror .udeb packages of the installer');

/** Section 4 of spec/cli.md. */
export const mirrorGroup: GroupSpec = {
  kind: 'group',
  name: 'mirror',
  short: 'mirrors of remote archives',
  long: '',
  flags: [],
  commands: [
    {
      kind: 'leaf',
      name: 'create',
      usage: '<name> <archive url> <distribution> [<component1> ...]',
      short: 'define a mirror of a remote archive',
      long: `Fetches and verifies the Release file of the archive and keeps what it says under <name>. Packages come with
"mirror update". A distribution that ends in "/" or starts with "." is a flat archive, which has no components.

A Launchpad archive has a short form:

  $ espejo mirror create <name> ppa:<user>/<project>

Example:

  $ espejo mirror create bookworm-main http://archive.example.org/debian/ bookworm main`,
      arity: { kind: 'forms', forms: ['<name> ppa:*', '<name> <url> <distribution> ...'] },
      flags: [
        filter,
        filterWithDeps,
        bool('force-architectures', 'accept architectures that the Release file does not name'),
        bool('force-components', 'accept components that the Release file does not name'),
        ignoreSignatures,
        keyring,
        maxTries,
        withAppstream,
        withInstaller,
        withSources,
        withUdebs,
      ],
    },
    {
      kind: 'leaf',
      name: 'drop',
      usage: '<name>',
      short: 'forget a mirror',
      long: `Removes the mirror <name> with its list of packages. The packages themselves stay until "db cleanup".

Example:

  $ espejo mirror drop bookworm-main`,
      arity: exactly(1),
      flags: [bool('force', 'drop it although snapshots were made from it')],
    },
    {
      kind: 'leaf',
      name: 'edit',
      usage: '<name>',
      short: 'change settings of a mirror',
      long: `Changes what the given flags name; the packages change with the next "mirror update". A new URL or new
architectures (-architectures) fetch the Release file again.

Example:

  $ espejo mirror edit -filter=nginx -filter-with-deps bookworm-main`,
      arity: exactly(1),
      flags: [
        text('archive-url', 'new URL of the archive'),
        filter,
        filterWithDeps,
        ignoreSignatures,
        keyring,
        withAppstream,
        withInstaller,
        bool('with-sources', 'mirror source packages'),
        withUdebs,
      ],
    },
    {
      kind: 'leaf',
      name: 'list',
      usage: '',
      short: 'list mirrors',
      long: `Lists all mirrors by name.

Example:

  $ espejo mirror list`,
      arity: noArguments,
      flags: [json, raw],
    },
    {
      kind: 'leaf',
      name: 'rename',
      usage: '<old-name> <new-name>',
      short: 'rename a mirror',
      long: `Gives a mirror another name; snapshots that were made from it stay connected.

Example:

  $ espejo mirror rename bookworm-main debian-stable-main`,
      arity: exactly(2),
      flags: [],
    },
    {
      kind: 'leaf',
      name: 'search',
      usage: '<name> [<package-query>]',
      short: 'search a mirror for packages',
      long: `Lists the packages of a mirror that match the query, all of them without one. No match is an error.

Example:

  $ espejo mirror search bookworm-main '$Architecture (i386), Name (% *-dev)'`,
      arity: between(1, 2),
      flags: [format, withDeps],
    },
    {
      kind: 'leaf',
      name: 'show',
      usage: '<name>',
      short: 'show a mirror',
      long: `Shows settings, state and Release fields of a mirror.

Example:

  $ espejo mirror show -with-packages bookworm-main`,
      arity: exactly(1),
      flags: [json, withPackages],
    },
    {
      kind: 'leaf',
      name: 'update',
      usage: '<name>',
      short: 'bring a mirror up to date',
      long: `Reads the indexes of the remote archive and downloads the packages that the pool lacks. When anything fails the
mirror stays as it was; what was downloaded is not downloaded again.

Example:

  $ espejo mirror update bookworm-main`,
      arity: exactly(1),
      flags: [
        {
          name: 'download-limit',
          kind: 'int64',
          default: 0,
          help: 'KiB a second; 0 is no limit',
          configKey: 'downloadSpeedLimit',
        },
        text('downloader', 'default or grab', 'default'),
        bool('force', 'go on although another process seems to update the mirror'),
        bool('ignore-checksums', 'warn about wrong sizes and digests instead of failing'),
        ignoreSignatures,
        keyring,
        bool('latest', 'keep only the newest version of each package'),
        maxTries,
        text(
          'missing',
          'fail or warn: a package whose file the archive lacks is left out (default: as configured)',
          '',
        ),
        bool('skip-existing-packages', 'do not check the pool files of packages that the mirror has already'),
      ],
    },
  ],
};
