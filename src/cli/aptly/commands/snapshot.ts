import { atLeast, between, exactly, noArguments } from '../../arity.ts';
import type { GroupSpec } from '../command-spec.ts';
import { bool, dryRun, format, json, raw, text, withDeps, withPackages } from '../flags.ts';

/** Section 6 of spec/cli.md. */
export const snapshotGroup: GroupSpec = {
  kind: 'group',
  name: 'snapshot',
  short: 'snapshots of mirrors and repositories',
  long: '',
  flags: [],
  commands: [
    {
      kind: 'leaf',
      name: 'create',
      usage: '<name> (from mirror <mirror-name> | from repo <repo-name> | empty)',
      short: 'create a snapshot',
      long: `Keeps the present packages of a mirror or local repository as <name>; a snapshot never changes. An empty one is a
base for "snapshot pull".

Example:

  $ espejo snapshot create bookworm-today from mirror bookworm-main`,
      arity: {
        kind: 'forms',
        forms: ['<name> from mirror <mirror>', '<name> from repo <repo>', '<name> empty'],
      },
      flags: [],
    },
    {
      kind: 'leaf',
      name: 'diff',
      usage: '<name-a> <name-b>',
      short: 'compare two snapshots',
      long: `Shows the packages that one snapshot has and the other lacks, or has in another version.

Example:

  $ espejo snapshot diff -only-matching bookworm-today bookworm-tomorrow`,
      arity: exactly(2),
      flags: [bool('only-matching', 'show only packages that both have')],
    },
    {
      kind: 'leaf',
      name: 'drop',
      usage: '<name>',
      short: 'forget a snapshot',
      long: `Removes a snapshot that is not published. The packages stay until "db cleanup".

Example:

  $ espejo snapshot drop bookworm-today`,
      arity: exactly(1),
      flags: [bool('force', 'drop it although other snapshots were made from it')],
    },
    {
      kind: 'leaf',
      name: 'filter',
      usage: '<source> <destination> <package-query> ...',
      short: 'make a snapshot of the packages that match',
      long: `Makes <destination> of the packages of <source> that match any of the queries.

Example:

  $ espejo snapshot filter -with-deps bookworm-today web 'Priority (required)' nginx`,
      arity: atLeast(3),
      flags: [withDeps],
    },
    {
      kind: 'leaf',
      name: 'list',
      usage: '',
      short: 'list snapshots',
      long: `Lists all snapshots, by name or by age.

Example:

  $ espejo snapshot list -sort=time`,
      arity: noArguments,
      flags: [json, raw, text('sort', 'order: name or time', 'name')],
    },
    {
      kind: 'leaf',
      name: 'merge',
      usage: '<destination> <source> [<source>...]',
      short: 'merge snapshots into a new one',
      long: `Makes <destination> of the packages of all sources. Of a package that several have, the last source wins.

Example:

  $ espejo snapshot merge all bookworm-today updates-today security-today`,
      arity: atLeast(2),
      flags: [
        bool('latest', 'keep the newest version of each package, whichever source has it'),
        bool('no-remove', 'keep all versions'),
      ],
    },
    {
      kind: 'leaf',
      name: 'pull',
      usage: '<name> <source> <destination> <package-query> ...',
      short: 'take packages and dependencies from another snapshot',
      long: `Makes <destination> of the packages of <name> and those of <source> that match any of the queries, with the
dependencies that <name> does not satisfy. Other versions of what is pulled are dropped.

Example:

  $ espejo snapshot pull bookworm-today backports-today with-nginx nginx`,
      arity: atLeast(4),
      flags: [
        bool('all-matches', 'pull all matching versions, not only the newest'),
        dryRun,
        bool('no-deps', 'do not pull dependencies'),
        bool('no-remove', 'keep other versions of what is pulled'),
      ],
    },
    {
      kind: 'leaf',
      name: 'rename',
      usage: '<old-name> <new-name>',
      short: 'rename a snapshot',
      long: `Gives a snapshot another name; what was made from it or publishes it stays connected.

Example:

  $ espejo snapshot rename bookworm-today bookworm-2024-05-01`,
      arity: exactly(2),
      flags: [],
    },
    {
      kind: 'leaf',
      name: 'search',
      usage: '<name> [<package-query>]',
      short: 'search a snapshot for packages',
      long: `Lists the packages of a snapshot that match the query, all of them without one. No match is an error.

Example:

  $ espejo snapshot search bookworm-today 'Depends (libssl3)'`,
      arity: between(1, 2),
      flags: [format, withDeps],
    },
    {
      kind: 'leaf',
      name: 'show',
      usage: '<name>',
      short: 'show a snapshot',
      long: `Shows age, sources and size of a snapshot.

Example:

  $ espejo snapshot show -with-packages bookworm-today`,
      arity: exactly(1),
      flags: [json, withPackages],
    },
    {
      kind: 'leaf',
      name: 'verify',
      usage: '<name> [<source> ...]',
      short: 'find dependencies that are missing in a snapshot',
      long: `Lists the dependencies of the packages of <name> that no package of the given snapshots satisfies.

Example:

  $ espejo snapshot verify updates-today bookworm-today`,
      arity: atLeast(1),
      flags: [],
    },
  ],
};
